/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flow/key.h"

#include <string.h>

bool flow_key_init(struct flow_key *key, const uint8_t src[16], const uint8_t dst[16], uint16_t src_port,
		   uint16_t dst_port, uint8_t family, uint16_t zone)
{
	int order = memcmp(src, dst, 16);
	bool src_is_high = order > 0 || (order == 0 && src_port > dst_port);

	memset(key, 0, sizeof *key);
	memcpy(key->address[src_is_high], src, 16);
	memcpy(key->address[!src_is_high], dst, 16);
	key->port[src_is_high] = src_port;
	key->port[!src_is_high] = dst_port;
	key->family = family;
	key->zone = zone;
	return src_is_high;
}

uint32_t flow_key_hash(const struct flow_key *key, const struct hash_key *secret)
{
	return (uint32_t)siphash(secret, key, sizeof *key);
}
