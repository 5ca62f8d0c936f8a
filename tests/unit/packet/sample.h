/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets for the decoder's tests, put together from rows of hexadecimal text, and decoded from a buffer that ends
 * with them, so that a sanitizer sees any read beyond. Included by the tests of packet/ after cmocka.h.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "packet/checksum.h"
#include "packet/packet.h"

enum { SAMPLE_MAX = 1024 };

/* Ports 40000 and 80, seq 1000, ack 5001; data offset and flags as four digits; window 65535, checksum, pointer. */
#define TCP(offset_flags) "9c400050" "000003e8" "00001389" offset_flags "ffff" "0000" "0000"
/* Without an acknowledgement number. */
#define TCP_NO_ACK(offset_flags) "9c400050" "000003e8" "00000000" offset_flags "ffff" "0000" "0000"

/* What a packet is made of. Addresses are 10.0.0.1 and 10.0.0.2, or fd00::1 and fd00::2. */
struct sample {
	const char *name;
	uint8_t family;      /* 4 or 6 */
	uint8_t protocol;    /* in the IP header */
	const char *between; /* bytes between IP header and upper layer: IPv4 options, IPv6 extension headers */
	const char *upper;   /* the upper layer */
	const char *patches; /* "at=bytes at=bytes": written over the finished packet, in hexadecimal */
	unsigned marks;
};

struct sample_bytes {
	uint8_t data[SAMPLE_MAX];
	size_t size;
	size_t upper; /* where the upper layer starts */
};

static inline void sample_hex(struct sample_bytes *bytes, const char *hex)
{
	unsigned value;

	for (; hex && hex[0] && hex[1] && sscanf(hex, "%2x", &value) == 1; hex += 2) {
		assert_true(bytes->size < SAMPLE_MAX);
		bytes->data[bytes->size++] = (uint8_t)value;
	}
}

static inline void sample_patch(struct sample_bytes *bytes, const char *patches)
{
	unsigned at, value;
	int skip;

	while (patches && sscanf(patches, " %x=%n", &at, &skip) == 1) {
		patches += skip;
		for (; sscanf(patches, "%2x", &value) == 1 && patches[0] != ' '; patches += 2) {
			assert_true(at < bytes->size);
			bytes->data[at++] = (uint8_t)value;
		}
	}
}

/* The TCP checksum, in the place where it belongs, over what lies behind the IP header. */
static inline void sample_checksum(struct sample_bytes *bytes, uint8_t family)
{
	uint8_t src[16] = { [10] = 0xff, 0xff }, dst[16] = { [10] = 0xff, 0xff };
	const size_t length = bytes->size - bytes->upper;
	uint64_t sum;

	memcpy(family == 4 ? src + 12 : src, bytes->data + (family == 4 ? 12 : 8), family == 4 ? 4 : 16);
	memcpy(family == 4 ? dst + 12 : dst, bytes->data + (family == 4 ? 16 : 24), family == 4 ? 4 : 16);
	store_be16(bytes->data + bytes->upper + 16, 0);
	sum = checksum_pseudo(family, src, dst, 6, (uint32_t)length);
	sum = checksum_add(sum, bytes->data + bytes->upper, length);
	store_be16(bytes->data + bytes->upper + 16, (uint16_t)~checksum_fold(sum));
}

static inline void sample_build(const struct sample *sample, struct sample_bytes *bytes)
{
	memset(bytes, 0, sizeof(*bytes));
	if (sample->family == 4)
		sample_hex(bytes, "450000000001000040000000" "0a000001" "0a000002");
	else
		sample_hex(bytes, "60000000" "00000040" "fd000000000000000000000000000001"
				  "fd000000000000000000000000000002");
	bytes->data[sample->family == 4 ? 9 : 6] = sample->protocol;
	sample_hex(bytes, sample->between);
	bytes->upper = bytes->size;
	sample_hex(bytes, sample->upper);
	if (sample->family == 4) {
		bytes->data[0] = (uint8_t)(0x40 | bytes->upper / 4);
		store_be16(bytes->data + 2, (uint16_t)bytes->size);
	} else {
		store_be16(bytes->data + 4, (uint16_t)(bytes->size - 40));
	}
	if (sample->protocol != 1 && sample->protocol != 58 && bytes->size - bytes->upper >= 20)
		sample_checksum(bytes, sample->family);
	sample_patch(bytes, sample->patches);
}

/* Decodes the first `captured` bytes as a copy of a packet of `length` bytes. */
static inline void sample_decode(const uint8_t *data, size_t captured, size_t length, unsigned marks, bool verify,
				 struct packet *packet)
{
	uint8_t *copy = malloc(captured);
	struct packet_bytes bytes = { .data = copy, .captured = captured, .length = length, .marks = marks, .zone = 7 };

	assert_true(copy || captured == 0);
	if (captured > 0)
		memcpy(copy, data, captured);
	packet_decode(&bytes, verify, packet);
	free(copy);
}

/* What holds for any packet, however damaged. */
static inline void sample_check_sane(const struct packet *packet, unsigned marks)
{
	const struct segment *segment = &packet->segment;
	const unsigned syn = !!(segment->flags & TCP_SYN), fin = !!(segment->flags & TCP_FIN);

	assert_true(packet->kind <= PACKET_ICMP_ERROR);
	assert_true((packet->findings >> REASON_COUNT) == 0);
	if (packet->kind == PACKET_BAD)
		assert_true(packet->findings != 0);
	if (packet->kind == PACKET_OTHER || packet->kind == PACKET_ICMP_ERROR)
		assert_true(packet->findings == 0);
	if (packet->kind == PACKET_SHORT)
		assert_true(marks & PACKET_MARK_CAPTURE);
	if (packet->kind == PACKET_TCP || packet->kind == PACKET_ICMP_ERROR)
		assert_true(packet->has_addresses);
	if (packet->fragment_fixed)
		assert_true(packet->findings & reason_bit(REASON_FRAGMENT));
	if (packet->kind != PACKET_TCP)
		return;
	assert_int_equal(segment->next, segment->seq + segment->len + syn + fin);
	assert_true(segment->len < packet->length);
	assert_true(segment->scale <= 14);
	assert_true((segment->flags & TCP_ACK) || segment->ack == 0);
	assert_true(!(segment->flags & TCP_RST) || segment->len == 0);
	assert_true((int32_t)(segment->sack - segment->ack) >= 0);
}

/* Every way to cut a packet short: the packet itself, a queue's copy of it, a capture's copy of it. */
static inline void sample_cut_everywhere(const struct sample *sample)
{
	struct sample_bytes bytes;
	struct packet packet;

	sample_build(sample, &bytes);
	for (size_t cut = 0; cut <= bytes.size; cut++) {
		for (unsigned marks = 0; marks < 8; marks++) {
			sample_decode(bytes.data, cut, cut, marks, true, &packet);
			sample_check_sane(&packet, marks);
			sample_decode(bytes.data, cut, bytes.size, marks, true, &packet);
			sample_check_sane(&packet, marks);
		}
	}
}
