/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/buckets.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/gcra.h"

/* The time of a full bucket: nothing more passes before now. */
static uint64_t brim(uint64_t now_ns, uint64_t rate, uint64_t burst)
{
	return now_ns + burst * (NS_PER_S / rate);
}

/* Without what a lowered burst (reload) has left owing beyond the brim. */
static uint64_t settled(uint64_t tat, uint64_t now_ns, uint64_t rate, uint64_t burst)
{
	return min_u64(tat, brim(now_ns, rate, burst));
}

static uint64_t charged(uint64_t tat, uint64_t now_ns, uint64_t rate, uint64_t burst)
{
	return min_u64(gcra_charged(tat, now_ns, rate), brim(now_ns, rate, burst));
}

/* Replaces one time by what `next` makes of it, whatever other workers do meanwhile. */
static void update(_Atomic uint64_t *at, uint64_t now_ns, uint64_t rate, uint64_t burst,
		   uint64_t (*next)(uint64_t tat, uint64_t now_ns, uint64_t rate, uint64_t burst))
{
	uint64_t tat = atomic_load_explicit(at, memory_order_relaxed);

	while (!atomic_compare_exchange_weak_explicit(at, &tat, next(tat, now_ns, rate, burst),
						      memory_order_relaxed, memory_order_relaxed))
		;
}

bool buckets_init(struct buckets *buckets, uint32_t width)
{
	buckets->tat = calloc((size_t)ROWS * width, sizeof *buckets->tat);
	return buckets->tat != NULL;
}

void buckets_fini(struct buckets *buckets)
{
	free((void *)buckets->tat);
	buckets->tat = NULL;
}

bool buckets_exceeded(struct buckets *buckets, const struct slots *slots, uint64_t now_ns, uint64_t rate,
		      uint64_t burst)
{
	bool exceeded = true;

	for (unsigned i = 0; i < ROWS; i++) {
		_Atomic uint64_t *at = &buckets->tat[slots->at[i]];
		uint64_t tat = atomic_load_explicit(at, memory_order_relaxed);

		if (settled(tat, now_ns, rate, burst) != tat)
			update(at, now_ns, rate, burst, settled);
		if (!gcra_exceeded(tat, now_ns, rate, burst))
			exceeded = false;
	}
	return exceeded;
}

void buckets_charge(struct buckets *buckets, const struct slots *slots, uint64_t now_ns, uint64_t rate,
		    uint64_t burst)
{
	for (unsigned i = 0; i < ROWS; i++)
		update(&buckets->tat[slots->at[i]], now_ns, rate, burst, charged);
}
