/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet_decode() on any bytes: what it says about them stays within them. First byte: enum packet_mark in bits 0 to
 * 2, checksum verified in bit 3; the second: 64ths of the packet that the copy holds, 0 for all of it.
 */
#include "input.h"
#include "packet/packet.h"

static void check_segment(const struct packet *packet)
{
	const struct segment *seg = &packet->segment;
	uint32_t numbered = (seg->flags & TCP_SYN ? 1u : 0u) + (seg->flags & TCP_FIN ? 1u : 0u);

	REQUIRE(packet->family == 4 || packet->family == 6, "family %u", packet->family);
	REQUIRE(packet->has_addresses, "no addresses");
	REQUIRE(seg->len <= packet->length, "%u bytes of %u", seg->len, packet->length);
	REQUIRE(seg->kind == SEGMENT_RST || seg->next == seg->seq + seg->len + numbered, "next %u",
		seg->next);
	REQUIRE((seg->flags & TCP_ACK) || seg->ack == 0, "ack %u without its bit", seg->ack);
	REQUIRE(seg->scale <= 14, "scale %u", seg->scale);
	REQUIRE((seg->options & OPTION_SEEN_SACK) ? (int32_t)(seg->sack - seg->ack) > 0
						  : seg->sack == seg->ack,
		"sack %u, ack %u", seg->sack, seg->ack);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	uint8_t marks = fuzz_byte(&input), share = fuzz_byte(&input) % 64;
	size_t copied = share == 0 ? input.left : input.left * share / 64;
	uint8_t *copy = malloc(copied > 0 ? copied : 1); /* of its own: a byte too far is seen */
	struct packet_bytes bytes = {
		.data = copy, .captured = copied, .length = input.left, .marks = marks & 7
	};
	struct packet packet;

	memcpy(copy, input.at, copied);
	packet_decode(&bytes, marks & 8, &packet);
	REQUIRE(packet.length <= (marks & PACKET_MARK_CAPTURE ? UINT32_MAX : bytes.length),
		"length %u of %zu", packet.length, bytes.length);
	REQUIRE(packet.kind != PACKET_BAD || packet.findings != 0, "bad for no reason");
	REQUIRE(packet.kind != PACKET_SHORT || (marks & PACKET_MARK_CAPTURE), "short, but no capture");
	if (packet.kind == PACKET_TCP)
		check_segment(&packet);
	free(copy);
	return 0;
}
