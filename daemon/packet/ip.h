/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IP header of a packet, or of one quoted by an ICMP error: true length, addresses, fragment fields, and where the
 * upper-layer header starts. Called by decode.c and icmp.c only. Knows nothing of TCP.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet/packet.h"

enum ip_protocol { IP_PROTOCOL_ICMP = 1, IP_PROTOCOL_TCP = 6, IP_PROTOCOL_ICMPV6 = 58 };

enum ip_result {
	IP_OK,
	IP_MALFORMED, /* P-1 */
	IP_CUT_CHAIN, /* a first fragment that ends inside the IPv6 extension headers (RFC 7112; P-9) */
	IP_SHORT,     /* the capture ends inside the header, the packet does not */
};

struct ip_header {
	uint8_t family;   /* 4 or 6, 0 if neither */
	uint8_t protocol; /* of the upper layer; in a later fragment that of the fragment header */
	uint8_t ttl;      /* TTL or hop limit */
	bool has_addresses; /* ip_parse() has filled src and dst */
	bool has_length;  /* the header states a length; false: 0, `length` is that of the bytes (N-1) */
	bool more;        /* more fragments follow; an IPv6 atomic fragment is none */
	bool rerouted;    /* routing header with segments left: the checksum is over another destination */
	uint16_t fragment; /* fragment offset, in units of 8 bytes */
	size_t offset;    /* of the upper-layer header from the start of the packet; may be beyond what was captured */
	size_t length;    /* true length of the packet, bytes; at least offset when IP_OK */
};

/*
 * Fills *ip, and the addresses in the form of struct packet. Set on any result: family, protocol (0 if its byte is not
 * at hand), has_addresses.
 */
enum ip_result ip_parse(const struct packet_bytes *bytes, struct ip_header *ip, uint8_t src[16], uint8_t dst[16]);
