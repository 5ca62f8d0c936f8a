/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/gauges.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

static void fall(_Atomic uint32_t *at)
{
	uint32_t count = atomic_load_explicit(at, memory_order_relaxed);

	do {
		assert(count > 0);
		if (count == 0)
			return;
	} while (!atomic_compare_exchange_weak_explicit(at, &count, count - 1, memory_order_relaxed,
							memory_order_relaxed));
}

bool gauges_init(struct gauges *gauges, uint32_t width)
{
	gauges->count = calloc((size_t)ROWS * width, sizeof *gauges->count);
	return gauges->count != NULL;
}

void gauges_fini(struct gauges *gauges)
{
	free((void *)gauges->count);
	gauges->count = NULL;
}

void gauges_rise(struct gauges *gauges, const struct slots *slots)
{
	for (unsigned i = 0; i < ROWS; i++)
		atomic_fetch_add_explicit(&gauges->count[slots->at[i]], 1, memory_order_relaxed);
}

void gauges_fall(struct gauges *gauges, const struct slots *slots)
{
	for (unsigned i = 0; i < ROWS; i++)
		fall(&gauges->count[slots->at[i]]);
}

uint32_t gauges_read(const struct gauges *gauges, const struct slots *slots)
{
	uint32_t least = UINT32_MAX;

	for (unsigned i = 0; i < ROWS; i++) {
		uint32_t count = atomic_load_explicit(&gauges->count[slots->at[i]], memory_order_relaxed);

		if (count < least)
			least = count;
	}
	return least;
}
