/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers with a unit as people write them: "120s", "2h4m", "16MiB", "100/s", "50%". */
#pragma once

#include <stdint.h>

#include "tables/settings.h"

/*
 * Reads `text`, every number of which has a suffix, into *value, in the unit of the option. NULL: done; else
 * what is wrong, as the end of a sentence that begins with the value.
 */
const char *quantity_parse(const char *text, enum option_unit unit, int64_t *value);

/* The suffixes quantity_parse() takes for a unit, for an error text; NULL: none, only plain numbers. */
const char *quantity_suffixes(enum option_unit unit);
