/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flows as Zeek's ASCII conn.log: heading, one row a flow, footer. Each function writes whole lines with
 * newlines. No line carries the present time: the same input gives the same bytes.
 */
#pragma once

#include <stdint.h>

#include "base/text.h"
#include "engine/event.h"

void zeek_heading(struct text *out);
/* wall_offset_ns: wall-clock time minus monotonic time. */
void zeek_row(struct text *out, const struct flow_record *flow, int64_t wall_offset_ns);
/* end_wall_ns: wall-clock time of the last frame. */
void zeek_footer(struct text *out, int64_t end_wall_ns);
