/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tells flows apart: both addresses and ports in one order for both directions, family and zone. 40 bytes
 * without padding, compared as five 64-bit words.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/siphash.h"

struct flow_key {
	uint8_t address[2][16]; /* the numerically lower side first, IPv4 as IPv4-mapped */
	uint16_t port[2];       /* host order, same order as the addresses */
	uint16_t zone;
	uint8_t family; /* 4 or 6 */
	uint8_t zero;
};
_Static_assert(sizeof(struct flow_key) == 40, "five words");

/* Fills the key. True: the source is the higher side, address[1]. Ports in host order. */
bool flow_key_init(struct flow_key *key, const uint8_t src[16], const uint8_t dst[16], uint16_t src_port,
		   uint16_t dst_port, uint8_t family, uint16_t zone);
uint32_t flow_key_hash(const struct flow_key *key, const struct hash_key *secret);

static inline bool flow_key_equal(const struct flow_key *a, const struct flow_key *b)
{
	uint64_t x[5], y[5];

	memcpy(x, a, sizeof x);
	memcpy(y, b, sizeof y);
	return ((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3]) | (x[4] ^ y[4])) == 0;
}
