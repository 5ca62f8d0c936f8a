/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sources that completed a handshake, shared by all workers: sets of four, the least recently used one of a full
 * set goes. A source is a source prefix (policy/prefix.h) and known here by a 32-bit tag of its hash.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/siphash.h"
#include "policy/prefix.h"

struct proven_entry;

struct proven {
	struct hash_key key;
	struct proven_entry *entry; /* 4 * sets, owned */
	uint32_t sets;
};

/* Room for `entries` sources, rounded up to whole sets. False: out of memory. */
bool proven_init(struct proven *proven, const struct hash_key *key, uint32_t entries);
void proven_fini(struct proven *proven);

/* The source completed a handshake: proven for time_s (syn_flood.proven_time) from now on. */
void proven_add(struct proven *proven, const struct subject *source, uint64_t now_ns, int64_t time_s);
/* Is the source proven at now_ns? A yes is a use of its entry. */
bool proven_has(struct proven *proven, const struct subject *source, uint64_t now_ns, int64_t time_s);
