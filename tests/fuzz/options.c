/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The option walk (O-1, O-2, O-7) against a plainer one: a TCP header with any options. First byte: flags;
 * the second: how many bytes of the list the copy lacks; four of the acknowledgement; the rest is the list,
 * up to 40 bytes.
 */
#include "base/bytes.h"
#include "input.h"
#include "packet/packet.h"

#define HEADERS 40 /* IPv4 and TCP */

/* What a list says by the first option of each kind with the right length. */
struct plain {
	const uint8_t *mss, *scale, *timestamp;
	uint32_t sack;
	bool has_sack;
};

static void plain_sack(struct plain *plain, const uint8_t *option, uint32_t ack)
{
	for (int i = 2; i + 8 <= option[1]; i += 8) {
		uint32_t reach = load_be32(option + i + 4) - ack;

		if (reach != 0 && reach < UINT32_C(1) << 31 &&
		    (!plain->has_sack || reach > plain->sack - ack)) {
			plain->sack = ack + reach;
			plain->has_sack = true;
		}
	}
}

static void plain_walk(struct plain *plain, const uint8_t *list, size_t size, bool syn, uint32_t ack)
{
	bool sack_taken = false;

	while (size > 0 && *list != 0) {
		size_t length = *list == 1 ? 1 : size < 2 ? 0 : list[1];

		if (length == 0 || length > size || (*list != 1 && length < 2))
			return;
		if (syn && *list == 2 && length == 4 && plain->mss == NULL)
			plain->mss = list;
		if (syn && *list == 3 && length == 3 && plain->scale == NULL)
			plain->scale = list;
		if (*list == 8 && length == 10 && plain->timestamp == NULL)
			plain->timestamp = list;
		if (*list == 5 && length % 8 == 2 && length > 2 && !sack_taken) {
			sack_taken = true;
			plain_sack(plain, list, ack);
		}
		list += length;
		size -= length;
	}
}

static void compare(const struct segment *seg, const struct plain *plain, bool has_ack)
{
	REQUIRE(!(seg->options & OPTION_SEEN_MSS) == (plain->mss == NULL), "MSS seen");
	REQUIRE(plain->mss == NULL || seg->mss == load_be16(plain->mss + 2), "MSS %u", seg->mss);
	REQUIRE(!(seg->options & OPTION_SEEN_SCALE) == (plain->scale == NULL), "scale seen");
	REQUIRE(plain->scale == NULL || seg->scale == (plain->scale[2] > 14 ? 14 : plain->scale[2]), "%u",
		seg->scale);
	REQUIRE(!(seg->options & OPTION_SEEN_TIMESTAMP) == (plain->timestamp == NULL), "timestamp seen");
	REQUIRE(plain->timestamp == NULL || seg->tsval == load_be32(plain->timestamp + 2), "TSval %u",
		seg->tsval);
	REQUIRE(!(seg->options & OPTION_SEEN_SACK) == !(has_ack && plain->has_sack), "SACK seen");
	REQUIRE(seg->sack == (has_ack && plain->has_sack ? plain->sack : seg->ack), "SACK %u", seg->sack);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	uint8_t flags = fuzz_byte(&input), lacks = fuzz_byte(&input);
	uint32_t ack = fuzz_be32(&input);
	size_t listed = input.left < 40 ? input.left & ~(size_t)3 : 40;
	size_t copied = lacks < listed ? listed - lacks : listed;
	uint8_t *copy = calloc(1, HEADERS + copied);
	struct packet_bytes bytes = { .data = copy,
				      .captured = HEADERS + copied,
				      .length = HEADERS + listed };
	struct plain plain = { .mss = NULL };
	struct packet packet;

	copy[0] = 0x45;
	store_be16(copy + 2, (uint16_t)(HEADERS + listed));
	copy[8] = 64;
	copy[9] = 6;
	store_be16(copy + 20, 40000);
	store_be16(copy + 22, 80);
	store_be32(copy + 28, ack);
	copy[32] = (uint8_t)((20 + listed) / 4 << 4);
	copy[33] = flags;
	memcpy(copy + HEADERS, input.at, copied);
	packet_decode(&bytes, false, &packet);
	REQUIRE(packet.kind == PACKET_TCP, "kind %d", (int)packet.kind);
	plain_walk(&plain, copy + HEADERS, copied, flags & TCP_SYN, ack);
	compare(&packet.segment, &plain, flags & TCP_ACK);
	free(copy);
	return 0;
}
