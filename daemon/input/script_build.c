/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "input/script_build.h"

#include <netinet/in.h>
#include <string.h>

#include "base/bytes.h"
#include "base/units.h"
#include "packet/checksum.h"

#define IPV4_BYTES     20
#define IPV6_BYTES     40
#define FRAGMENT_BYTES 8 /* IPv6 fragment header */
#define TCP_BYTES      20
#define ICMP_BYTES     8

/* Who sends to whom. */
struct route {
	const uint8_t *src, *dst;
	uint16_t src_port, dst_port;
	uint8_t family;
};

/* What an IP header says about the packet. */
struct ip_header {
	uint8_t protocol, ttl;
	size_t payload;    /* bytes after the header (and after the fragment header) */
	int64_t length;    /* of the length field, -1: the true one */
	int32_t ihl;       /* -1: the true one */
	int32_t fragment;  /* -1: no fragment */
	bool more_fragments;
};

static struct route route_of(const struct endpoints *at, enum side from)
{
	if (from == SIDE_CLIENT)
		return (struct route){ at->client, at->server, at->client_port, at->server_port, at->family };
	return (struct route){ at->server, at->client, at->server_port, at->client_port, at->family };
}

static size_t ip_header_bytes(uint8_t family, int32_t fragment)
{
	if (family == 4)
		return IPV4_BYTES;
	return IPV6_BYTES + (fragment >= 0 ? FRAGMENT_BYTES : 0);
}

/* The length field: a packet too long for it has 0 there, as the kernel's aggregates do (N-1). */
static uint16_t length_field(const struct ip_header *ip, size_t length)
{
	if (ip->length >= 0)
		return (uint16_t)ip->length;
	return length > UINT16_MAX ? 0 : (uint16_t)length;
}

static void put_ipv4(uint8_t *p, const struct route *route, const struct ip_header *ip)
{
	unsigned fragment = ip->fragment < 0 ? 0x4000 /* DF */ :
			    (unsigned)ip->fragment | (ip->more_fragments ? 0x2000 : 0);

	memset(p, 0, IPV4_BYTES);
	p[0] = (uint8_t)(0x40 | (ip->ihl >= 0 ? ip->ihl : IPV4_BYTES / 4));
	store_be16(p + 2, length_field(ip, IPV4_BYTES + ip->payload));
	store_be16(p + 6, (uint16_t)fragment);
	p[8] = ip->ttl;
	p[9] = ip->protocol;
	memcpy(p + 12, route->src + 12, 4);
	memcpy(p + 16, route->dst + 12, 4);
	store_be16(p + 10, (uint16_t)~checksum_fold(checksum_add(0, p, IPV4_BYTES)));
}

static void put_ipv6(uint8_t *p, const struct route *route, const struct ip_header *ip)
{
	size_t headers = ip_header_bytes(6, ip->fragment) - IPV6_BYTES;

	memset(p, 0, IPV6_BYTES + headers);
	p[0] = 0x60;
	store_be16(p + 4, length_field(ip, headers + ip->payload));
	p[6] = headers > 0 ? IPPROTO_FRAGMENT : ip->protocol;
	p[7] = ip->ttl;
	memcpy(p + 8, route->src, 16);
	memcpy(p + 24, route->dst, 16);
	if (headers == 0)
		return;
	p[IPV6_BYTES] = ip->protocol;
	store_be16(p + IPV6_BYTES + 2, (uint16_t)(ip->fragment << 3 | (ip->more_fragments ? 1 : 0)));
}

static void put_ip(uint8_t *p, const struct route *route, const struct ip_header *ip)
{
	if (route->family == 4)
		put_ipv4(p, route, ip);
	else
		put_ipv6(p, route, ip);
}

static size_t tcp_header_bytes(const struct script_segment *segment)
{
	return TCP_BYTES + ((segment->option_bytes + 3U) & ~3U);
}

/* A byte of the stream depends on its number alone: a retransmission carries the same bytes. */
static void put_payload(uint8_t *p, uint32_t seq, size_t length)
{
	for (size_t i = 0; i < length; i++)
		p[i] = (uint8_t)(seq + i);
}

/* The whole segment, checksum left 0. */
static void put_tcp(uint8_t *p, const struct route *route, const struct script_segment *segment, unsigned n)
{
	size_t header = tcp_header_bytes(segment);
	uint32_t seq = segment->seq + n * segment->seq_step;
	unsigned words = segment->doff >= 0 ? (unsigned)segment->doff : (unsigned)(header / 4);

	memset(p, 0, header);
	store_be16(p, route->src_port);
	store_be16(p + 2, route->dst_port);
	store_be32(p + 4, seq);
	store_be32(p + 8, segment->ack + n * segment->ack_step);
	p[12] = (uint8_t)(words << 4 | segment->reserved);
	p[13] = (uint8_t)segment->flags;
	store_be16(p + 14, segment->window);
	store_be16(p + 18, segment->urgent);
	memcpy(p + TCP_BYTES, segment->options, segment->option_bytes);
	put_payload(p + header, seq, segment->len);
}

static void put_checksum(uint8_t *p, size_t offset, const struct route *route, uint8_t protocol,
			 size_t length)
{
	uint64_t sum = checksum_pseudo(route->family, route->src, route->dst, protocol, (uint32_t)length);

	store_be16(p + offset, (uint16_t)~checksum_fold(checksum_add(sum, p, length)));
}

/* Bytes of TCP that a reader of the IP header sees: the sum is over these. */
static size_t declared_bytes(const struct ip_header *ip, const struct route *route)
{
	size_t headers = route->family == 4 ? IPV4_BYTES : ip_header_bytes(6, ip->fragment) - IPV6_BYTES;

	if (ip->length <= (int64_t)headers || (size_t)ip->length - headers > ip->payload)
		return ip->payload;
	return (size_t)ip->length - headers;
}

static struct packet_bytes build_segment(const struct script_segment *segment, const struct route *route,
					 unsigned n, uint8_t *buffer)
{
	struct ip_header ip = {
		.protocol = IPPROTO_TCP,
		.ttl = segment->ttl,
		.length = segment->ip_length,
		.ihl = segment->ihl,
		.fragment = segment->fragment,
		.more_fragments = segment->more_fragments,
		.payload = tcp_header_bytes(segment) + segment->len,
	};
	size_t header = ip_header_bytes(route->family, ip.fragment);
	uint8_t *tcp = buffer + header;
	unsigned marks = (segment->gso ? PACKET_MARK_GSO : 0U) |
			 (segment->not_ready ? PACKET_MARK_CSUM_NOT_READY : 0U);

	if (segment->truncate >= 0 && (size_t)segment->truncate < ip.payload)
		ip.payload = (size_t)segment->truncate;
	put_ip(buffer, route, &ip);
	put_tcp(tcp, route, segment, n);
	put_checksum(tcp, 16, route, IPPROTO_TCP, declared_bytes(&ip, route));
	if (segment->bad_checksum)
		store_be16(tcp + 16, load_be16(tcp + 16) ^ 0x5555);
	return (struct packet_bytes){ .data = buffer, .captured = header + ip.payload,
				      .length = header + ip.payload, .marks = marks };
}

/* The error comes from the other end's address; what it quotes is a segment of its own length, cut off. */
static struct packet_bytes build_icmp(const struct script_icmp *icmp, const struct route *route,
				      const struct route *quoted, unsigned n, uint8_t *buffer)
{
	const struct script_segment segment = { .seq = icmp->seq,
						.seq_step = icmp->seq_step,
						.flags = TCP_ACK,
						.window = UINT16_MAX,
						.doff = -1,
						.len = icmp->len };
	const struct ip_header inner = { .protocol = IPPROTO_TCP,
					 .ttl = 63,
					 .length = -1,
					 .ihl = -1,
					 .fragment = -1,
					 .payload = TCP_BYTES + icmp->len };
	size_t header = ip_header_bytes(route->family, -1);
	size_t whole = TCP_BYTES + (size_t)icmp->len;
	size_t cut = icmp->truncate < 0 ? TCP_BYTES : (size_t)min_u64((uint64_t)icmp->truncate, whole);
	struct ip_header outer = { .protocol = route->family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6,
				   .ttl = 64,
				   .length = -1,
				   .ihl = -1,
				   .fragment = -1,
				   .payload = ICMP_BYTES + header + cut };
	uint8_t *p = buffer + header;

	put_ip(buffer, route, &outer);
	memset(p, 0, ICMP_BYTES);
	p[0] = icmp->type;
	p[1] = icmp->code;
	store_be32(p + 4, icmp->mtu);
	put_ip(p + ICMP_BYTES, quoted, &inner);
	put_tcp(p + ICMP_BYTES + header, quoted, &segment, n);
	put_checksum(p + ICMP_BYTES + header, 16, quoted, IPPROTO_TCP, whole);
	if (route->family == 4)
		store_be16(p + 2, (uint16_t)~checksum_fold(checksum_add(0, p, outer.payload)));
	else
		put_checksum(p, 2, route, IPPROTO_ICMPV6, outer.payload);
	return (struct packet_bytes){ .data = buffer, .captured = header + outer.payload,
				      .length = header + outer.payload };
}

size_t script_build_room(const struct script_step *step)
{
	const size_t ip = IPV6_BYTES + FRAGMENT_BYTES;
	size_t len = step->kind == SCRIPT_ICMP ? step->icmp.len : step->segment.len;

	return ip + ICMP_BYTES + ip + TCP_BYTES + SCRIPT_OPTION_BYTES + len;
}

struct packet_bytes script_build(const struct script_step *step, const struct endpoints *at, unsigned n,
				 uint8_t *buffer)
{
	struct route route = route_of(at, step->from);
	struct route quoted;

	if (step->kind == SCRIPT_SEGMENT)
		return build_segment(&step->segment, &route, n, buffer);
	quoted = route_of(at, step->icmp.quoted_from);
	return build_icmp(&step->icmp, &route, &quoted, n, buffer);
}
