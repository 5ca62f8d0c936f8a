/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A flow table in memory of its own and keys by number, for the tests of flow/. Included behind cmocka.h. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "flow/table.h"

static const struct hash_key pool_secret = { 31, 32 };

static inline void pool_open(struct flow_table *table, uint32_t max_flows)
{
	size_t size = (flow_table_size(max_flows) + 63) / 64 * 64;
	void *pool = aligned_alloc(64, size);

	assert_non_null(pool);
	memset(pool, 0, size);
	flow_table_init(table, pool, max_flows, &pool_secret);
}

static inline void pool_close(struct flow_table *table)
{
	free(table->head);
}

static inline struct flow_key pool_key(uint32_t number)
{
	const uint8_t src[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [13] = (uint8_t)(number >> 16) };
	const uint8_t dst[16] = { [10] = 0xff, [11] = 0xff, [12] = 192 };
	struct flow_key key;

	flow_key_init(&key, src, dst, (uint16_t)number, 80, 4, 0);
	return key;
}

static inline uint32_t pool_find(const struct flow_table *table, const struct flow_key *key)
{
	return flow_table_find(table, key, flow_key_hash(key, &pool_secret));
}

static inline uint32_t pool_insert(struct flow_table *table, const struct flow_key *key)
{
	return flow_table_insert(table, key, flow_key_hash(key, &pool_secret));
}

static inline uint32_t pool_random(uint64_t *random, uint32_t below)
{
	*random ^= *random << 13; /* xorshift64 of Marsaglia */
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return (uint32_t)((*random >> 32) % below);
}
