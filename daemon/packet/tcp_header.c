/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packet/tcp_header.h"

#include "base/bytes.h"
#include "packet/tcp_options.h"

enum {
	TCP_SIZE = 20,        /* without options */
	TCP_OFFSET_BYTE = 12, /* data offset, reserved bits, AE */
	TCP_RESERVED = 0x0e,  /* of that byte; AE (the former NS) is not reserved any more */
};

/* P-4: what remains of the flags for the check of legal sets. */
#define CHECKED_FLAGS (TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK | TCP_URG)

static const uint16_t legal_flags[] = {
	TCP_ACK,
	TCP_SYN,
	TCP_SYN | TCP_ACK,
	TCP_FIN | TCP_ACK,
	TCP_RST,
	TCP_RST | TCP_ACK,
	TCP_ACK | TCP_URG,
	TCP_FIN | TCP_ACK | TCP_URG,
	TCP_SYN | TCP_URG,
};

static bool flags_are_legal(uint16_t flags)
{
	for (size_t n = 0; n < sizeof(legal_flags) / sizeof(legal_flags[0]); n++)
		if (legal_flags[n] == (flags & CHECKED_FLAGS))
			return true;
	return false;
}

/* N-5 */
static enum segment_kind kind_of(uint16_t flags)
{
	if (flags & TCP_RST)
		return SEGMENT_RST;
	if (flags & TCP_SYN)
		return flags & TCP_ACK ? SEGMENT_SYNACK : SEGMENT_SYN;
	if (flags & TCP_FIN)
		return SEGMENT_FIN;
	return flags & TCP_ACK ? SEGMENT_ACK : SEGMENT_NONE;
}

static reason_set check_flags(const uint8_t *data, uint16_t flags)
{
	reason_set findings = 0;

	if (!flags_are_legal(flags))
		findings |= reason_bit(REASON_BAD_FLAGS);
	if (!(flags & TCP_ACK) && load_be32(data + 8) != 0)
		findings |= reason_bit(REASON_BROKEN_ACK);
	if ((data[TCP_OFFSET_BYTE] & TCP_RESERVED) || (!(flags & TCP_URG) && load_be16(data + 18) != 0))
		findings |= reason_bit(REASON_RESERVED_BITS);
	return findings;
}

bool tcp_header_is_whole(const uint8_t *data, size_t captured, size_t length)
{
	if (length < TCP_SIZE)
		return false;
	return captured <= TCP_OFFSET_BYTE || (size_t)(data[TCP_OFFSET_BYTE] >> 4) * 4 <= length;
}

enum tcp_header_result tcp_header_parse(const uint8_t *data, size_t captured, size_t length, struct packet *packet)
{
	struct segment *segment = &packet->segment;
	size_t header;

	if (captured >= 4) {
		packet->src_port = load_be16(data);
		packet->dst_port = load_be16(data + 2);
	}
	if (captured < TCP_SIZE)
		return length < TCP_SIZE ? TCP_HEADER_MALFORMED : TCP_HEADER_CUT;
	header = (size_t)(data[TCP_OFFSET_BYTE] >> 4) * 4;
	if (header < TCP_SIZE || header > length)
		return TCP_HEADER_MALFORMED;

	segment->flags = load_be16(data + TCP_OFFSET_BYTE) & 0x1ff;
	segment->kind = (uint8_t)kind_of(segment->flags);
	segment->seq = load_be32(data + 4);
	segment->ack = segment->flags & TCP_ACK ? load_be32(data + 8) : 0;
	segment->window = load_be16(data + 14);
	/* N-2, N-4 */
	segment->len = segment->kind == SEGMENT_RST ? 0 : (uint32_t)(length - header);
	/* N-3 */
	segment->next = segment->seq + segment->len + !!(segment->flags & TCP_SYN) + !!(segment->flags & TCP_FIN);
	packet->findings |= check_flags(data, segment->flags);
	tcp_options_parse(data + TCP_SIZE, (captured < header ? captured : header) - TCP_SIZE, header - TCP_SIZE,
			  packet);
	return TCP_HEADER_OK;
}
