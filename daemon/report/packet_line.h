/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One frame of a capture as one line of --packets: text with relative numbers, or a JSON object. Without
 * newline. Replay only. The text form remembers each flow's initial sequence numbers in a struct isn_table.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "engine/engine.h"
#include "packet/packet.h"
#include "report/isn_table.h"
#include "tables/services.h"

struct packet_line {
	uint64_t number;      /* of the frame in its file, from 1 */
	int64_t wall_ns;      /* time as in the file, since 1970 */
	int64_t relative_ns;  /* since the first frame */
	const struct packet *packet;     /* NULL: not an IP packet */
	const struct decision *decision; /* NULL: was not given to the engine */
	const struct services *services; /* by which settings are named; NULL: none */
	const char *file;     /* last key of the JSON form; NULL: none */
};

/* isns: of this file; learns from accepted SYNs. Without memory numbers stay absolute, nothing else. */
void packet_line_text(struct text *out, const struct packet_line *line, struct isn_table *isns);
void packet_line_json(struct text *out, const struct packet_line *line);
