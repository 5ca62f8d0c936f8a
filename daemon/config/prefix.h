/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Address prefixes: "10.0.0.0/8", "2001:db8::/32", or a single address. */
#pragma once

#include "tables/settings.h"

/* Reads a prefix (IPv4 as IPv4-mapped). NULL: done; else what is wrong, as the end of a sentence. */
const char *prefix_parse(const char *text, struct prefix *prefix);
