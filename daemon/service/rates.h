/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets and drops a second, from counters remembered a moment ago. One writer, the worker. */
#pragma once

#include <stdint.h>

#include "engine/engine.h"

struct past_counts {
	uint64_t at_ns; /* 0: not taken yet */
	uint64_t packets;
	uint64_t dropped[REASON_COUNT]; /* would-drops too */
};

struct past {
	struct past_counts older, newer; /* the older one is 1 s or more away */
};

/* A second. */
struct rates {
	uint64_t packets;
	uint64_t dropped[REASON_COUNT];
};

/* Looked in at least once a second; remembers the counters as often. */
void rates_look(struct past *past, const struct engine_stats *stats, uint64_t now_ns);
/* Over the last one or two seconds; nothing before there are so many. */
void rates_read(const struct past *past, const struct engine_stats *stats, uint64_t now_ns,
		struct rates *rates);
