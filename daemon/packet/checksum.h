/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Internet checksum (RFC 1071) as a running sum: add pieces, fold at the end. For the check P-3 and for whoever
 * builds packets. Sums are of numbers in network order, so a folded sum compares with load_be16() of a header field.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Adds `size` bytes to a sum (0 at first). Only the last piece of a sum may have an odd size. */
uint64_t checksum_add(uint64_t sum, const uint8_t *data, size_t size);

/*
 * The sum of the pseudo-header: family 4 or 6, addresses as in struct packet (IPv4 as IPv4-mapped), the protocol's
 * number, `length` in bytes of its header and data.
 */
uint64_t checksum_pseudo(uint8_t family, const uint8_t src[16], const uint8_t dst[16], uint8_t protocol,
			 uint32_t length);

/* The sum in 16 bits. A header field is its complement; over data with the right field in it, the result is 0xffff. */
uint16_t checksum_fold(uint64_t sum);
