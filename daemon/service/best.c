/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/best.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"

struct kept {
	uint64_t measure;
	struct flow_record flow;
};

/* Heaps, the smallest on top; after best_sort() one list in order. */
struct best {
	unsigned orders;
	uint32_t limit;
	uint32_t count[BEST_ORDERS];
	uint32_t listed; /* in `list` */
	const struct flow_record **list;
	struct kept *heap[BEST_ORDERS];
};

static const char *const words[BEST_ORDERS] = { "bytes", "packets", "rate" };

int best_order_find(const char *word)
{
	for (int i = 0; i < BEST_ORDERS; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

static uint64_t bytes_of(const struct flow_record *flow)
{
	return flow->end[0].bytes + flow->end[1].bytes;
}

static uint64_t measure(enum best_order order, const struct flow_record *flow, uint64_t now_ns)
{
	uint64_t age_ns = now_ns - min_u64(flow->started_ns, now_ns);

	switch (order) {
	case BEST_BYTES: return bytes_of(flow);
	case BEST_PACKETS: return (uint64_t)flow->end[0].packets + flow->end[1].packets;
	case BEST_RATE: /* nothing is told of less than a second */
		return (uint64_t)((double)bytes_of(flow) * (double)NS_PER_S / (double)max_u64(age_ns, NS_PER_S));
	case BEST_ORDERS: break;
	}
	return 0;
}

static bool wants(unsigned orders, unsigned order)
{
	return (orders >> order & 1) != 0;
}

bool best_bar_passes(const struct best_bar *bar, const struct flow_record *flow, uint64_t now_ns)
{
	if (bar->orders == 0)
		return true;
	for (unsigned i = 0; i < BEST_ORDERS; i++)
		if (wants(bar->orders, i) && measure((enum best_order)i, flow, now_ns) >= bar->least[i])
			return true;
	return false;
}

/* One block: the struct, its list, its heaps. */
struct best *best_new(unsigned orders, uint32_t limit)
{
	unsigned count = 0;

	for (unsigned i = 0; i < BEST_ORDERS; i++)
		count += wants(orders, i);
	size_t kept_size = (size_t)count * limit * sizeof(struct kept);
	struct best *best = calloc(1, sizeof *best + kept_size + (size_t)count * limit * sizeof *best->list);
	if (best == NULL)
		return NULL;
	struct kept *next = (struct kept *)(best + 1);
	best->orders = orders;
	best->limit = limit;
	for (unsigned i = 0; i < BEST_ORDERS; i++)
		if (wants(orders, i)) {
			best->heap[i] = next;
			next += limit;
		}
	best->list = (const struct flow_record **)next;
	return best;
}

static void exchange(struct kept *a, struct kept *b)
{
	struct kept held = *a;

	*a = *b;
	*b = held;
}

static void rise(struct kept *heap, uint32_t at)
{
	for (; at > 0 && heap[at].measure < heap[(at - 1) / 2].measure; at = (at - 1) / 2)
		exchange(&heap[at], &heap[(at - 1) / 2]);
}

static void sink(struct kept *heap, uint32_t count)
{
	uint32_t at = 0, child;

	while ((child = 2 * at + 1) < count) {
		if (child + 1 < count && heap[child + 1].measure < heap[child].measure)
			child++;
		if (heap[at].measure <= heap[child].measure)
			return;
		exchange(&heap[at], &heap[child]);
		at = child;
	}
}

void best_add(struct best *best, const struct flow_record *flow, uint64_t now_ns)
{
	for (unsigned i = 0; i < BEST_ORDERS; i++) {
		struct kept *heap = best->heap[i];

		if (!wants(best->orders, i))
			continue;
		struct kept kept = { measure((enum best_order)i, flow, now_ns), *flow };
		if (best->count[i] < best->limit) {
			heap[best->count[i]] = kept;
			rise(heap, best->count[i]++);
		} else if (kept.measure > heap[0].measure) {
			heap[0] = kept;
			sink(heap, best->limit);
		}
	}
}

struct best_bar best_bar(const struct best *best)
{
	struct best_bar bar = { .orders = best->orders };

	for (unsigned i = 0; i < BEST_ORDERS; i++)
		if (wants(best->orders, i) && best->count[i] == best->limit)
			bar.least[i] = best->heap[i][0].measure + 1;
	return bar;
}

static int by_measure(const void *a, const void *b)
{
	const struct kept *left = a, *right = b;

	if (left->measure != right->measure)
		return left->measure < right->measure ? 1 : -1;
	return (left->flow.id > right->flow.id) - (left->flow.id < right->flow.id);
}

static bool is_listed(const struct best *best, uint64_t id, uint32_t before)
{
	for (uint32_t i = 0; i < before; i++)
		if (best->list[i]->id == id)
			return true;
	return false;
}

void best_sort(struct best *best)
{
	for (unsigned i = 0; i < BEST_ORDERS; i++) {
		uint32_t before = best->listed;

		if (!wants(best->orders, i))
			continue;
		qsort(best->heap[i], best->count[i], sizeof(struct kept), by_measure);
		for (uint32_t j = 0; j < best->count[i]; j++)
			if (!is_listed(best, best->heap[i][j].flow.id, before))
				best->list[best->listed++] = &best->heap[i][j].flow;
	}
}

const struct flow_record *best_at(const struct best *best, uint32_t index)
{
	return index < best->listed ? best->list[index] : NULL;
}
