/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first few of all flows by one or more orders, kept while a walk goes through them: what flows --limit answers
 * with, in the memory of those few however many there are. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "engine/event.h"

#define BEST_MOST 1000 /* flows of an order that may be asked for */

/* bytes, packets: of both ends, so far. rate: bytes a second since the first segment until now. */
enum best_order { BEST_BYTES, BEST_PACKETS, BEST_RATE, BEST_ORDERS };

/* What a flow must reach in at least one of the orders. Plain values: copied into a worker's mailbox. */
struct best_bar {
	unsigned orders; /* one bit an order; 0: all flows pass */
	uint64_t least[BEST_ORDERS];
};

struct best;

int best_order_find(const char *word); /* enum best_order, or -1 */

bool best_bar_passes(const struct best_bar *bar, const struct flow_record *flow, uint64_t now_ns);

/* Freed with free(). limit: 1..BEST_MOST of each of the orders, one bit an order. NULL: out of memory. */
struct best *best_new(unsigned orders, uint32_t limit);
/* Keeps a copy if it is one of the first so far. */
void best_add(struct best *best, const struct flow_record *flow, uint64_t now_ns);
/* What the next flow must reach to be kept. */
struct best_bar best_bar(const struct best *best);
/* After the last one, once: puts them in order. */
void best_sort(struct best *best);
/*
 * Number `index` of all that were kept: those of the first order, its first one first, then what the next one has
 * besides. NULL: there are no more.
 */
const struct flow_record *best_at(const struct best *best, uint32_t index);
