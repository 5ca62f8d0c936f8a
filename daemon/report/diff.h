/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The same packets under two configurations: how many change their verdict, and from which reason to which. Memory
 * does not grow with the capture. Replay only.
 */
#pragma once

#include <stdint.h>

#include "base/text.h"
#include "engine/engine.h"
#include "packet/packet.h"

struct diff;

/* Enough for diff_text() and diff_json(), with the longest names. */
#define DIFF_TEXT_SIZE (400 * (1 + 2 * REASON_COUNT) * (1 + 2 * REASON_COUNT) + 65536)

struct diff *diff_new(void); /* NULL: out of memory */
void diff_free(struct diff *diff);

/* One packet, frame `number` of its file. NULL decisions: it was not given to the engines. */
void diff_add(struct diff *diff, uint64_t number, const struct packet *packet, const struct decision *before,
	      const struct decision *after);

/* before, after: names of the two configurations. file: heading, or last key; NULL: none. */
struct diff_names {
	const char *before, *after, *file;
};

/* Several lines, each with its newline. */
void diff_text(struct text *out, const struct diff *diff, const struct diff_names *names);
/* One JSON object without newline. */
void diff_json(struct text *out, const struct diff *diff, const struct diff_names *names);
