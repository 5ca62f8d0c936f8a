/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packet/ip.h"

#include <string.h>

#include "base/bytes.h"

enum {
	IP4_SIZE = 20,
	IP6_SIZE = 40,
	IP6_EXTENSION_MIN = 8,   /* every extension header has at least 8 bytes */
	IP6_EXTENSIONS_MAX = 16, /* more in one packet are malformed: a bound on the walk */
};

enum ip6_extension {
	IP6_HOP_BY_HOP = 0,
	IP6_ROUTING = 43,
	IP6_FRAGMENT = 44,
	IP6_AUTHENTICATION = 51,
	IP6_DESTINATION = 60,
};

/* The first `need` bytes are not all at hand, of a packet of `length` bytes: whose fault is it? */
static enum ip_result ip_cut(const struct packet_bytes *bytes, size_t need, size_t length)
{
	if (need > length || !(bytes->marks & PACKET_MARK_CAPTURE))
		return IP_MALFORMED;
	return IP_SHORT;
}

/*
 * N-1, P-1: the true length of the packet, from the length its header states. An aggregate states 0 where it has
 * outgrown the field; so does one from a capture, which bears no mark. False: longer than the packet is.
 */
static bool ip_set_length(const struct packet_bytes *bytes, size_t stated, struct ip_header *ip)
{
	const bool gso = bytes->marks & PACKET_MARK_GSO;
	const bool capture = bytes->marks & PACKET_MARK_CAPTURE;

	if (!ip->has_length && (gso || capture)) {
		ip->length = bytes->length;
		return true;
	}
	ip->length = stated;
	if (stated <= bytes->length || capture)
		return true;
	ip->length = bytes->length;
	return gso;
}

static void ip4_map(uint8_t address[16], const uint8_t *wire)
{
	memset(address, 0, 10);
	memset(address + 10, 0xff, 2);
	memcpy(address + 12, wire, 4);
}

static enum ip_result ip4_parse(const struct packet_bytes *bytes, struct ip_header *ip, uint8_t src[16],
				uint8_t dst[16])
{
	const uint8_t *data = bytes->data;
	size_t stated;

	ip->protocol = bytes->captured > 9 ? data[9] : 0;
	if (bytes->captured < IP4_SIZE)
		return ip_cut(bytes, IP4_SIZE, bytes->length);
	ip4_map(src, data + 12);
	ip4_map(dst, data + 16);
	ip->has_addresses = true;
	ip->ttl = data[8];
	ip->more = data[6] & 0x20;
	ip->fragment = load_be16(data + 6) & 0x1fff;
	ip->offset = (size_t)(data[0] & 0x0f) * 4;
	stated = load_be16(data + 2);
	ip->has_length = stated != 0;
	if (ip->offset < IP4_SIZE || !ip_set_length(bytes, stated, ip) || ip->offset > ip->length)
		return IP_MALFORMED;
	return IP_OK;
}

static bool ip6_is_extension(uint8_t protocol)
{
	return protocol == IP6_HOP_BY_HOP || protocol == IP6_ROUTING || protocol == IP6_FRAGMENT ||
	       protocol == IP6_AUTHENTICATION || protocol == IP6_DESTINATION;
}

/* Takes one extension header, of which the first 8 bytes are at `data`. The result is its size in bytes. */
static size_t ip6_take_extension(const uint8_t *data, struct ip_header *ip)
{
	const uint8_t protocol = ip->protocol;

	ip->protocol = data[0];
	if (protocol == IP6_FRAGMENT) {
		ip->more = ip->more || (data[3] & 0x01);
		ip->fragment = load_be16(data + 2) >> 3;
		return IP6_EXTENSION_MIN;
	}
	if (protocol == IP6_ROUTING && data[3] > 0)
		ip->rerouted = true;
	if (protocol == IP6_AUTHENTICATION)
		return ((size_t)data[1] + 2) * 4;
	return ((size_t)data[1] + 1) * 8;
}

/* RFC 8200 4: follows the chain of headers to the upper layer, or to a fragment that does not begin with one. */
static enum ip_result ip6_walk(const struct packet_bytes *bytes, struct ip_header *ip)
{
	for (int n = 0; ip6_is_extension(ip->protocol) && ip->fragment == 0; n++) {
		if (n == IP6_EXTENSIONS_MAX)
			return IP_MALFORMED;
		if (ip->length - ip->offset < IP6_EXTENSION_MIN)
			return ip->more ? IP_CUT_CHAIN : IP_MALFORMED;
		if (bytes->captured < ip->offset + IP6_EXTENSION_MIN)
			return ip_cut(bytes, ip->offset + IP6_EXTENSION_MIN, ip->length);
		ip->offset += ip6_take_extension(bytes->data + ip->offset, ip);
		if (ip->offset > ip->length)
			return ip->more ? IP_CUT_CHAIN : IP_MALFORMED;
	}
	return IP_OK;
}

static enum ip_result ip6_parse(const struct packet_bytes *bytes, struct ip_header *ip, uint8_t src[16],
				uint8_t dst[16])
{
	const uint8_t *data = bytes->data;
	size_t stated;

	ip->protocol = bytes->captured > 6 ? data[6] : 0;
	if (bytes->captured < IP6_SIZE)
		return ip_cut(bytes, IP6_SIZE, bytes->length);
	memcpy(src, data + 8, 16);
	memcpy(dst, data + 24, 16);
	ip->has_addresses = true;
	ip->ttl = data[7];
	ip->offset = IP6_SIZE;
	stated = load_be16(data + 4);
	ip->has_length = stated != 0;
	if (!ip_set_length(bytes, IP6_SIZE + stated, ip))
		return IP_MALFORMED;
	return ip6_walk(bytes, ip);
}

enum ip_result ip_parse(const struct packet_bytes *bytes, struct ip_header *ip, uint8_t src[16], uint8_t dst[16])
{
	memset(ip, 0, sizeof(*ip));
	if (bytes->captured == 0)
		return ip_cut(bytes, 1, bytes->length);
	switch (bytes->data[0] >> 4) {
	case 4:
		ip->family = 4;
		return ip4_parse(bytes, ip, src, dst);
	case 6:
		ip->family = 6;
		return ip6_parse(bytes, ip, src, dst);
	default:
		return IP_MALFORMED;
	}
}
