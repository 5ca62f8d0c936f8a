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

/* A SYN's entry, or where it would be. */
struct found {
	_Atomic uint64_t *at;
	uint32_t tag, now_ms;
	int64_t age_ms; /* of the entry; -1: there is none */
};

static struct found look(struct first_syn *first, const struct syn_name *syn, uint64_t now_ns)
{
	uint64_t hash = siphash(&first->key, syn, sizeof *syn), seen = 0;
	size_t set = (size_t)WAYS * hash_below(hash, first->sets);
	struct found found = {
		.tag = (uint32_t)(hash >> 32) | 1, /* never 0, which is an empty entry */
		.now_ms = (uint32_t)(now_ns / NS_PER_MS),
		.age_ms = -1,
	};

	found.at = place(&first->seen[set], found.tag, found.now_ms, &seen);
	if (seen >> 32 == found.tag)
		found.age_ms = (uint32_t)(found.now_ms - (uint32_t)seen);
	return found;
}

static void remember(const struct found *found)
{
	atomic_store_explicit(found->at, (uint64_t)found->tag << 32 | found->now_ms, memory_order_relaxed);
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
	struct found found = look(first, syn, now_ns);

	if (found.age_ms >= least_ms && found.age_ms <= most_ms)
		return true;
	remember(&found);
	return false;
}

void first_syn_note(struct first_syn *first, const struct syn_name *syn, uint64_t now_ns)
{
	struct found found = look(first, syn, now_ns);

	remember(&found);
}

bool first_syn_noted(struct first_syn *first, const struct syn_name *syn, uint64_t now_ns, int64_t least_ms,
		     int64_t most_ms)
{
	struct found found = look(first, syn, now_ns);

	return found.age_ms >= least_ms && found.age_ms <= most_ms;
}
