/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packet/packet.h"

#include <string.h>

#include "base/bytes.h"
#include "packet/checksum.h"
#include "packet/icmp.h"
#include "packet/ip.h"
#include "packet/tcp_header.h"

/* The part of a packet behind its IP header. */
struct upper_layer {
	const uint8_t *data;
	size_t captured; /* bytes at data */
	size_t length;   /* true length */
};

static enum packet_kind bad_packet(struct packet *packet, enum reason reason)
{
	packet->findings |= reason_bit(reason);
	return PACKET_BAD;
}

/*
 * P-3: the sum of a whole segment is wrong. In a capture a sender's packet may bear the sum of the pseudo-header alone,
 * which its network card was to complete.
 */
static bool checksum_is_bad(const struct packet_bytes *bytes, const struct packet *packet,
			    const struct upper_layer *tcp)
{
	const uint64_t pseudo = checksum_pseudo(packet->family, packet->src, packet->dst, IP_PROTOCOL_TCP,
						(uint32_t)tcp->length);

	if (checksum_fold(checksum_add(pseudo, tcp->data, tcp->length)) == 0xffff)
		return false;
	if (!(bytes->marks & PACKET_MARK_CAPTURE))
		return true;
	return load_be16(tcp->data + 16) % 0xffff != checksum_fold(pseudo) % 0xffff;
}

/* P-3: the checksum can be judged: the whole segment is at hand, and its sum is meant to be right. */
static bool checksum_is_final(const struct packet_bytes *bytes, const struct ip_header *ip,
			      const struct upper_layer *tcp)
{
	return !(bytes->marks & (PACKET_MARK_CSUM_NOT_READY | PACKET_MARK_GSO)) && tcp->captured == tcp->length &&
	       !ip->more && !ip->rerouted;
}

/* 224/4, 255.255.255.255, ff00::/8 */
static bool is_multicast(const struct packet *packet)
{
	static const uint8_t broadcast[4] = { 255, 255, 255, 255 };

	if (packet->family == 6)
		return packet->dst[0] == 0xff;
	return (packet->dst[12] & 0xf0) == 0xe0 || memcmp(packet->dst + 12, broadcast, sizeof(broadcast)) == 0;
}

/* P-8. One address talking to itself through two ports is what a loopback interface carries: no LAND. */
static bool address_is_bad(const struct packet *packet)
{
	if (packet->src_port == 0 || packet->dst_port == 0 || is_multicast(packet))
		return true;
	return packet->src_port == packet->dst_port && memcmp(packet->src, packet->dst, sizeof(packet->src)) == 0;
}

/* P-9, before P-2. False: a fragment that holds no whole header, or does not begin with it. */
static bool check_fragment(const struct ip_header *ip, const struct upper_layer *tcp, struct packet *packet)
{
	if (ip->fragment == 0 && !ip->more)
		return true;
	packet->findings |= reason_bit(REASON_FRAGMENT);
	packet->fragment_fixed = ip->fragment > 0 || !tcp_header_is_whole(tcp->data, tcp->captured, tcp->length);
	return !packet->fragment_fixed;
}

static enum packet_kind decode_tcp(const struct packet_bytes *bytes, const struct ip_header *ip,
				   const struct upper_layer *tcp, bool verify_checksum, struct packet *packet)
{
	if (!check_fragment(ip, tcp, packet))
		return PACKET_BAD;
	switch (tcp_header_parse(tcp->data, tcp->captured, tcp->length, packet)) {
	case TCP_HEADER_OK:
		break;
	case TCP_HEADER_MALFORMED:
		return bad_packet(packet, REASON_MALFORMED_TCP);
	case TCP_HEADER_CUT:
		/* A queue's copy range holds any header: what hides it behind more than that is not for us to pass. */
		if (!(bytes->marks & PACKET_MARK_CAPTURE))
			return bad_packet(packet, REASON_MALFORMED_TCP);
		return PACKET_SHORT;
	}
	packet->segment.ttl = ip->ttl;
	if (address_is_bad(packet))
		packet->findings |= reason_bit(REASON_BAD_ADDRESS);
	if (verify_checksum && checksum_is_final(bytes, ip, tcp) && checksum_is_bad(bytes, packet, tcp))
		packet->findings |= reason_bit(REASON_BAD_CHECKSUM);
	return PACKET_TCP;
}

static enum packet_kind decode_icmp(const struct packet_bytes *bytes, const struct ip_header *ip,
				    const struct upper_layer *icmp, struct packet *packet)
{
	const bool cut = icmp->captured < icmp->length && (bytes->marks & PACKET_MARK_CAPTURE);

	if (ip->fragment > 0)
		return PACKET_OTHER;
	switch (icmp_parse(ip, icmp->data, icmp->captured, icmp->length, packet)) {
	case ICMP_QUOTES_TCP:
		return cut && !packet->quote.usable ? PACKET_SHORT : PACKET_ICMP_ERROR;
	case ICMP_CUT:
		return cut ? PACKET_SHORT : PACKET_OTHER;
	case ICMP_UNRELATED:
		break;
	}
	return PACKET_OTHER;
}

static enum packet_kind decode_upper(const struct packet_bytes *bytes, const struct ip_header *ip,
				     bool verify_checksum, struct packet *packet)
{
	const size_t captured = bytes->captured < ip->length ? bytes->captured : ip->length;
	struct upper_layer upper = { .data = bytes->data, .length = ip->length - ip->offset };

	if (captured > ip->offset) {
		upper.data += ip->offset;
		upper.captured = captured - ip->offset;
	}
	if (ip->protocol == IP_PROTOCOL_TCP)
		return decode_tcp(bytes, ip, &upper, verify_checksum, packet);
	if (ip->protocol == (ip->family == 4 ? IP_PROTOCOL_ICMP : IP_PROTOCOL_ICMPV6))
		return decode_icmp(bytes, ip, &upper, packet);
	return PACKET_OTHER;
}

void packet_decode(const struct packet_bytes *bytes, bool verify_checksum, struct packet *packet)
{
	struct ip_header ip;
	enum ip_result result;

	memset(packet, 0, sizeof(*packet));
	result = ip_parse(bytes, &ip, packet->src, packet->dst);
	packet->zone = bytes->zone;
	packet->family = ip.family;
	packet->has_addresses = ip.has_addresses;
	packet->length = (uint32_t)bytes->length;

	switch (result) {
	case IP_OK:
		packet->length = (uint32_t)ip.length;
		packet->kind = decode_upper(bytes, &ip, verify_checksum, packet);
		break;
	case IP_MALFORMED:
		packet->kind = bad_packet(packet, REASON_MALFORMED_IP);
		break;
	case IP_CUT_CHAIN:
		packet->fragment_fixed = true;
		packet->kind = bad_packet(packet, REASON_FRAGMENT);
		break;
	case IP_SHORT:
		packet->kind = PACKET_SHORT;
		break;
	}
}

void packet_flags_word(uint16_t flags, char word[9])
{
	static const char letters[] = "SFRPUAEC";
	static const uint16_t bits[] = { TCP_SYN, TCP_FIN, TCP_RST, TCP_PSH, TCP_URG, TCP_ACK, TCP_ECE, TCP_CWR };
	size_t length = 0;

	for (size_t n = 0; n < sizeof(bits) / sizeof(bits[0]); n++)
		if (flags & bits[n])
			word[length++] = letters[n];
	if (length == 0)
		word[length++] = '-';
	word[length] = '\0';
}
