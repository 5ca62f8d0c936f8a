/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/proven.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/units.h"
#include "policy/rows.h"

#define WAYS 4

struct proven_entry {
	_Atomic uint64_t source; /* tag << 32 | engine second of the handshake; 0: empty */
	_Atomic uint32_t used_ms; /* last use, wraps after 49 days: then only the choice of a victim suffers */
};

static uint64_t load(_Atomic uint64_t *at)
{
	return atomic_load_explicit(at, memory_order_relaxed);
}

/* A tag is never 0, so that an entry of second 0 is not an empty one. */
static uint32_t tag_of(uint64_t hash)
{
	uint32_t tag = (uint32_t)(hash >> 32);

	return tag != 0 ? tag : 1;
}

/* Whole seconds, in favour of the source: proven for up to one second longer. */
static bool expired(uint64_t source, uint64_t now_ns, int64_t time_s)
{
	uint64_t then_s = source & UINT32_MAX, now_s = now_ns / NS_PER_S;

	return now_s > then_s && now_s - then_s > (uint64_t)time_s;
}

/* The entry to write for `tag`: its own, else an empty or expired one, else the least recently used. */
static struct proven_entry *place(struct proven_entry *set, uint32_t tag, uint64_t now_ns, int64_t time_s)
{
	struct proven_entry *victim = NULL;
	uint64_t oldest = 0;

	for (unsigned i = 0; i < WAYS; i++) {
		uint64_t source = load(&set[i].source);
		uint32_t used_ms = atomic_load_explicit(&set[i].used_ms, memory_order_relaxed);
		uint64_t age = (uint32_t)(now_ns / NS_PER_MS) - used_ms;

		if (source >> 32 == tag)
			return &set[i];
		if (source == 0 || expired(source, now_ns, time_s))
			age = UINT64_MAX;
		if (victim == NULL || age > oldest) {
			victim = &set[i];
			oldest = age;
		}
	}
	return victim;
}

static struct proven_entry *set_of(const struct proven *proven, uint64_t hash)
{
	return &proven->entry[(size_t)WAYS * hash_below(hash, proven->sets)];
}

bool proven_init(struct proven *proven, const struct hash_key *key, uint32_t entries)
{
	proven->key = *key;
	proven->sets = (entries + WAYS - 1) / WAYS;
	proven->entry = calloc((size_t)WAYS * proven->sets, sizeof *proven->entry);
	return proven->entry != NULL;
}

void proven_fini(struct proven *proven)
{
	free(proven->entry);
	proven->entry = NULL;
}

void proven_add(struct proven *proven, const struct subject *source, uint64_t now_ns, int64_t time_s)
{
	uint64_t hash = siphash(&proven->key, source, sizeof *source);
	struct proven_entry *entry = place(set_of(proven, hash), tag_of(hash), now_ns, time_s);
	uint64_t word = (uint64_t)tag_of(hash) << 32 | (uint32_t)(now_ns / NS_PER_S);

	/*
	 * Two workers may write one place, or one source twice: a source is forgotten early, nothing worse.
	 */
	atomic_store_explicit(&entry->used_ms, (uint32_t)(now_ns / NS_PER_MS), memory_order_relaxed);
	atomic_store_explicit(&entry->source, word, memory_order_relaxed);
}

bool proven_has(struct proven *proven, const struct subject *source, uint64_t now_ns, int64_t time_s)
{
	uint64_t hash = siphash(&proven->key, source, sizeof *source);
	struct proven_entry *set = set_of(proven, hash);

	for (unsigned i = 0; i < WAYS; i++) {
		uint64_t word = load(&set[i].source);

		if (word >> 32 != tag_of(hash) || expired(word, now_ns, time_s))
			continue;
		atomic_store_explicit(&set[i].used_ms, (uint32_t)(now_ns / NS_PER_MS), memory_order_relaxed);
		return true;
	}
	return false;
}
