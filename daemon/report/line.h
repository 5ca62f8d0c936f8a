/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One event as one line: logfmt (event= first), a JSON object, or Suricata's EVE, all from the same table of keys.
 * Without newline. Called by the daemon's reporter thread and by replay. Filters nothing: see output.h.
 */
#pragma once

#include <stdint.h>

#include "base/text.h"
#include "engine/event.h"
#include "report/fields.h"
#include "tables/services.h"

/* Enough for any line, packet line, flow row or heading, with the longest file name. */
#define REPORT_LINE_SIZE 32768

/*
 * services: by which setting= is named, NULL: none. format: FORMAT_* of tables/settings.h. file: name of the input,
 * written as the last key; NULL: none. wall_offset_ns: wall-clock time minus the monotonic time of the event (JSON
 * key ts, seconds since 1970).
 */
void report_line(struct text *out, const struct event *event, const struct services *services, int format,
		 const char *file, int64_t wall_offset_ns);

/* event= and all keys alone, into a line or an object that the caller began. */
void report_fields(struct fields *fields, const struct event *event, const struct services *services);
