/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One end of a connection as people name it: 10.0.0.1, 10.0.0.0/8, 10.0.0.1:80, 2001:db8::1, [2001:db8::1]:443. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tables/settings.h"

struct endpoint_match {
	struct prefix prefix;
	uint16_t port; /* 0: any */
};

/* NULL: done; else what is wrong, as the end of a sentence that begins with the text. */
const char *endpoint_parse(const char *text, struct endpoint_match *match);
bool endpoint_matches(const struct endpoint_match *match, const uint8_t address[16], uint16_t port);
/* 1..65535 in plain digits. */
bool port_parse(const char *text, uint16_t *port);
