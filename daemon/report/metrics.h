/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The figures of the whole daemon at one moment, and the same as Prometheus text. Who runs the workers fills the
 * snapshot; `status` and `metrics` of the control socket show it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/histogram.h"
#include "base/text.h"
#include "engine/engine.h"

#define METRICS_QUEUES 64 /* queue.count, at most */
/* Enough for the text with all queues (tests/unit/report/test_metrics.c). */
#define METRICS_TEXT_SIZE 65536

struct metrics_queue {
	uint16_t number;
	bool kernel_known;       /* depth and kernel_dropped could be read */
	uint32_t depth;          /* packets that wait for a verdict now */
	uint32_t receive_buffer; /* bytes that the socket has */
	uint64_t packets_rate;   /* a second */
	uint64_t kernel_dropped; /* no room in the queue */
	uint64_t user_dropped;   /* no room in the socket buffer */
	uint64_t no_buffers;     /* how often the socket said so */
	uint64_t verdict_errors; /* verdicts that the kernel refused */
	uint64_t damaged;        /* messages without a readable packet id */
};

struct metrics {
	struct engine_stats stats; /* of all workers */
	struct histogram verdict;  /* likewise */
	uint64_t dropped_rate[REASON_COUNT]; /* a second, would-drops too */
	uint64_t flows_max;
	uint64_t half_open; /* of the whole gateway */
	bool flood;         /* SYN-flood mode is on */
	uint64_t events_lost;
	uint64_t drops_lost; /* dropped packets that the drop capture missed */
	uint64_t answers;        /* to challenged SYNs, sent */
	uint64_t answers_failed; /* refused by the kernel */
	unsigned silent; /* workers that did not answer in time: their figures are missing */
	unsigned queue_count;
	struct metrics_queue queue[METRICS_QUEUES];
};

/* The text that Prometheus reads (version 0.0.4), in the order of metrics.def. */
void metrics_text(struct text *out, const struct metrics *metrics);
