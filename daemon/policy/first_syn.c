/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/first_syn.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/units.h"
#include "policy/rows.h"

#define WAYS 4

/* The entry of `tag`, or where to put it: an empty one, else the oldest. */
static _Atomic uint64_t *place(_Atomic uint64_t *set, uint32_t tag, uint32_t now_ms, uint64_t *word)
{
	_Atomic uint64_t *victim = NULL;
	uint64_t oldest = 0;

	for (unsigned i = 0; i < WAYS; i++) {
		uint64_t seen = atomic_load_explicit(&set[i], memory_order_relaxed);
		uint64_t age = seen == 0 ? UINT64_MAX : (uint32_t)(now_ms - (uint32_t)seen);

		if (seen >> 32 != tag && victim != NULL && age <= oldest)
			continue;
		victim = &set[i];
		oldest = age;
		*word = seen;
		if (seen >> 32 == tag)
			break;
	}
	return victim;
}

bool first_syn_init(struct first_syn *first, const struct hash_key *key, uint32_t entries)
{
	first->key = *key;
	first->sets = (entries + WAYS - 1) / WAYS;
	first->seen = calloc((size_t)WAYS * first->sets, sizeof *first->seen);
	return first->seen != NULL;
}

void first_syn_fini(struct first_syn *first)
{
	free((void *)first->seen);
	first->seen = NULL;
}

bool first_syn_again(struct first_syn *first, const struct syn_name *syn, uint64_t now_ns, int64_t least_ms,
		     int64_t most_ms)
{
	uint64_t hash = siphash(&first->key, syn, sizeof *syn);
	uint32_t now_ms = (uint32_t)(now_ns / NS_PER_MS);
	uint32_t tag = (uint32_t)(hash >> 32) | 1; /* never 0, which is an empty entry */
	uint64_t seen = 0;
	size_t set = (size_t)WAYS * hash_below(hash, first->sets);
	_Atomic uint64_t *at = place(&first->seen[set], tag, now_ms, &seen);
	int64_t age_ms = (uint32_t)(now_ms - (uint32_t)seen);

	if (seen >> 32 == tag && age_ms >= least_ms && age_ms <= most_ms)
		return true;
	atomic_store_explicit(at, (uint64_t)tag << 32 | now_ms, memory_order_relaxed);
	return false;
}
