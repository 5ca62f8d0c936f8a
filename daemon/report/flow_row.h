/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One flow as one row of --flows: aligned text for people, or a JSON object. Without newline. The caller
 * gives the records in the order it wants.
 */
#pragma once

#include <stdint.h>

#include "base/text.h"
#include "engine/event.h"

/* The heading above the text rows. */
void flow_row_heading(struct text *out);
void flow_row_text(struct text *out, const struct flow_record *flow, int64_t wall_offset_ns);
/* file: last key; NULL: none. wall_offset_ns: wall-clock time minus monotonic time. */
void flow_row_json(struct text *out, const struct flow_record *flow, int64_t wall_offset_ns,
		   const char *file);
