/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The name of a flow in every output: its 64-bit id as 13 characters of a-z2-7 (the alphabet of RFC 4648 base
 * 32, in lower case, highest bits first).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define FLOW_ID_SIZE 14 /* 13 characters and NUL */

void flow_id_text(uint64_t id, char text[FLOW_ID_SIZE]);
/* Reads 13 characters back. False: not a flow id, *id is untouched. */
bool flow_id_parse(const char *text, uint64_t *id);
