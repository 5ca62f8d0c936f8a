/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters at a glance: the keys of the daemon's `summary` event, and what replay prints of a whole capture.
 */
#pragma once

#include <stdint.h>

#include "base/text.h"
#include "engine/engine.h"
#include "engine/event.h"

#define SUMMARY_WORST 10 /* worst flows listed */

/* sum += one: the statistics of all workers together. */
void summary_add_stats(struct engine_stats *sum, const struct engine_stats *one);

/*
 * The counters as logfmt keys for notice_record.text of EVENT_SUMMARY: whole keys only, the most dropped
 * reasons last, as many as fit.
 */
void summary_stats_keys(struct text *out, const struct engine_stats *stats);

/* Of one input file. Starts zeroed; the caller sets frames, times and stats. */
struct summary {
	uint64_t frames;     /* in the file, judged or not */
	int64_t duration_ns; /* first to last frame */
	struct engine_stats stats;
	uint64_t flows;
	uint64_t closed[CLOSE_COUNT];
	uint64_t states[CONN_STATE_COUNT];
	unsigned worst_count;
	struct flow_record worst[SUMMARY_WORST]; /* most dropped segments first, then most retransmissions */
};

/* Takes in the record of a flow-closed event. */
void summary_add_flow(struct summary *summary, const struct flow_record *flow);

/* Several lines, each with its newline. file: heading; NULL: none. */
void summary_text(struct text *out, const struct summary *summary, const char *file);
/* One JSON object without newline. file: last key; NULL: none. */
void summary_json(struct text *out, const struct summary *summary, const char *file);
