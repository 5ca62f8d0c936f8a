/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packet/checksum.h"

#include "base/bytes.h"

uint64_t checksum_add(uint64_t sum, const uint8_t *data, size_t size)
{
	/* 32-bit words: 2^16 = 1 (mod 2^16 - 1), so folding comes out the same as with 16-bit words. */
	for (; size >= 4; data += 4, size -= 4)
		sum += load_be32(data);
	if (size >= 2) {
		sum += load_be16(data);
		data += 2;
		size -= 2;
	}
	if (size > 0)
		sum += (uint64_t)data[0] << 8;
	return sum;
}

uint64_t checksum_pseudo(uint8_t family, const uint8_t src[16], const uint8_t dst[16], uint8_t protocol,
			 uint32_t length)
{
	const size_t skip = family == 4 ? 12 : 0; /* the prefix ::ffff: is not on the wire */
	uint64_t sum = (uint64_t)protocol + length;

	sum = checksum_add(sum, src + skip, 16 - skip);
	return checksum_add(sum, dst + skip, 16 - skip);
}

uint16_t checksum_fold(uint64_t sum)
{
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}
