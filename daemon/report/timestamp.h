/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wall-clock time in words. Inner header of report/. */
#pragma once

#include <stdint.h>

#include "base/text.h"

/* UTC with microseconds: 2023-11-14T22:13:20.000412, and behind it `zone`: "Z", or "+0000" as Suricata writes it. */
void timestamp_text(struct text *out, int64_t wall_ns, const char *zone);
/* Microseconds since 1970, rounded down, before 1970 too. */
int64_t timestamp_us(int64_t wall_ns);
