/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * drop the first SYN, accept its retransmission. Remembers a SYN (addresses, ports, seq) as a 32-bit tag
 * and 32 bits of milliseconds in sets of four, shared by all workers; the oldest of a full set goes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/siphash.h"

/* What makes two SYNs the same one. Hashed as bytes. */
struct syn_name {
	uint8_t src[16], dst[16];
	uint16_t src_port, dst_port; /* host order */
	uint32_t seq;
};
_Static_assert(sizeof(struct syn_name) == 40, "no padding: a SYN's name is hashed as bytes");

struct first_syn {
	struct hash_key key;
	_Atomic uint64_t *seen; /* 4 * sets, owned: tag << 32 | milliseconds; 0: empty */
	uint32_t sets;
};

/* Room for `entries` SYNs, rounded up to whole sets. False: out of memory. */
bool first_syn_init(struct first_syn *first, const struct hash_key *key, uint32_t entries);
void first_syn_fini(struct first_syn *first);

/*
 * Does this SYN come again least_ms to most_ms (both included) after its first? If not, whether too early,
 * too late or new, it is remembered as a first one.
 */
bool first_syn_again(struct first_syn *first, const struct syn_name *syn, uint64_t now_ns, int64_t least_ms,
		     int64_t most_ms);

/* The same in two: remembers it as of now; was it remembered least_ms (at least 0) to most_ms ago? */
void first_syn_note(struct first_syn *first, const struct syn_name *syn, uint64_t now_ns);
bool first_syn_noted(struct first_syn *first, const struct syn_name *syn, uint64_t now_ns, int64_t least_ms,
		     int64_t most_ms);
