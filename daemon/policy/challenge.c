/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/challenge.h"

#include <stdatomic.h>
#include <string.h>

#include "base/gcra.h"

#define SLOT_NS    (64 * NS_PER_S)
#define OTHER_HALF UINT32_C(0x80000000)
#define BURSTS     10 /* a tenth of a second's answers at once: a batch has one time */

/* What a cookie is a hash of. The client is who sent the SYN. */
struct cookie_name {
	uint8_t client[16], server[16];
	uint16_t client_port, server_port; /* host order */
	uint32_t slot;
};
_Static_assert(sizeof(struct cookie_name) == 40, "no padding: it is hashed as bytes");

static uint64_t hash_of(const struct challenge *challenge, const struct admission *at, uint64_t slot)
{
	struct cookie_name name = {
		.client_port = at->src_port,
		.server_port = at->dst_port,
		.slot = (uint32_t)slot,
	};

	memcpy(name.client, at->src, sizeof name.client);
	memcpy(name.server, at->dst, sizeof name.server);
	return siphash(&challenge->key, &name, sizeof name);
}

void challenge_init(struct challenge *challenge, const struct hash_key *key)
{
	challenge->key = *key;
	atomic_init(&challenge->tat, 0);
	atomic_init(&challenge->until_ns, 0);
}

struct cookie challenge_cookie(const struct challenge *challenge, const struct admission *syn, uint64_t now_ns)
{
	uint64_t hash = hash_of(challenge, syn, now_ns / SLOT_NS);
	struct cookie cookie = { .ack = (uint32_t)hash, .seq = (uint32_t)(hash >> 32) };

	/* A SYN with data acknowledges up to seq + 1 + len; half the number space away nothing fits. */
	if (cookie.ack - syn->seq <= syn->len + 1)
		cookie.ack ^= OTHER_HALF;
	return cookie;
}

bool challenge_may_answer(struct challenge *challenge, uint64_t rate, uint64_t now_ns)
{
	uint64_t tat = atomic_load_explicit(&challenge->tat, memory_order_relaxed);
	uint64_t burst = rate / BURSTS + 1, until_ns = now_ns + 2 * SLOT_NS;

	do {
		if (gcra_exceeded(tat, now_ns, rate, burst))
			return false;
	} while (!atomic_compare_exchange_weak_explicit(&challenge->tat, &tat, gcra_charged(tat, now_ns, rate),
							memory_order_relaxed, memory_order_relaxed));
	if (atomic_load_explicit(&challenge->until_ns, memory_order_relaxed) < until_ns)
		atomic_store_explicit(&challenge->until_ns, until_ns, memory_order_relaxed);
	return true;
}

bool challenge_is_answer(const struct challenge *challenge, const struct admission *rst, uint64_t now_ns)
{
	uint64_t slot = now_ns / SLOT_NS;

	if (now_ns >= atomic_load_explicit(&challenge->until_ns, memory_order_relaxed))
		return false;
	/* Which of its two forms the cookie had depends on a SYN that nobody remembers. */
	return ((uint32_t)hash_of(challenge, rst, slot) ^ rst->seq) % OTHER_HALF == 0 ||
	       ((uint32_t)hash_of(challenge, rst, slot - 1) ^ rst->seq) % OTHER_HALF == 0;
}
