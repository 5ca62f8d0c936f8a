/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packet/icmp.h"

#include <string.h>

#include "base/bytes.h"

enum {
	ICMP_SIZE = 8,   /* before the quoted packet */
	QUOTED_TCP = 8,  /* ports and sequence number: the least that names a segment (I-1) */
	ANY_CODE = 255,
};

/* What an error means. The first row that fits counts; a type without a row is no error. */
struct icmp_rule {
	uint8_t family;
	uint8_t type;
	uint8_t code_least, code_most;
	enum icmp_kind kind;
};

static const struct icmp_rule icmp_rules[] = {
	{ 4, 3, 4, 4, ICMP_TOO_BIG },           /* fragmentation needed */
	{ 4, 3, 0, 0, ICMP_SOFT },              /* net unreachable: routes come and go (I-7) */
	{ 4, 3, 1, 3, ICMP_HARD },              /* host, protocol, port unreachable */
	{ 4, 3, 5, 6, ICMP_SOFT },              /* source route failed, net unknown */
	{ 4, 3, 7, 10, ICMP_HARD },             /* host unknown, isolated; net, host prohibited */
	{ 4, 3, 11, 11, ICMP_SOFT },            /* net unreachable for this service */
	{ 4, 3, 12, 13, ICMP_HARD },            /* host unreachable for this service; prohibited */
	{ 4, 3, 14, ANY_CODE, ICMP_SOFT },
	{ 4, 4, 0, ANY_CODE, ICMP_QUENCH },
	{ 4, 11, 0, ANY_CODE, ICMP_SOFT },      /* time exceeded */
	{ 4, 12, 0, ANY_CODE, ICMP_SOFT },      /* parameter problem */
	{ 6, 1, 1, 1, ICMP_HARD },              /* prohibited */
	{ 6, 1, 3, 4, ICMP_HARD },              /* address, port unreachable */
	{ 6, 1, 0, ANY_CODE, ICMP_SOFT },       /* no route, scope, policy, reject route (I-7) */
	{ 6, 2, 0, ANY_CODE, ICMP_TOO_BIG },    /* packet too big */
	{ 6, 3, 0, ANY_CODE, ICMP_SOFT },       /* time exceeded */
	{ 6, 4, 0, ANY_CODE, ICMP_SOFT },       /* parameter problem */
};

static const struct icmp_rule *find_rule(uint8_t family, uint8_t type, uint8_t code)
{
	for (size_t n = 0; n < sizeof(icmp_rules) / sizeof(icmp_rules[0]); n++) {
		const struct icmp_rule *rule = &icmp_rules[n];

		if (rule->family == family && rule->type == type && code >= rule->code_least && code <= rule->code_most)
			return rule;
	}
	return NULL;
}

/* The quoted TCP header; `size` bytes of its packet are at `data`. Its sum is not looked at (I-8). True: it names a
 * segment (I-1). */
static bool read_segment(const struct ip_header *ip, const uint8_t *data, size_t size, struct icmp_quote *quote)
{
	if (ip->fragment > 0 || size < ip->offset || size - ip->offset < QUOTED_TCP)
		return false;
	quote->src_port = load_be16(data + ip->offset);
	quote->dst_port = load_be16(data + ip->offset + 2);
	quote->seq = load_be32(data + ip->offset + 4);
	return true;
}

enum icmp_result icmp_parse(const struct ip_header *ip, const uint8_t *data, size_t captured, size_t length,
			    struct packet *packet)
{
	struct icmp_quote *quote = &packet->quote;
	const struct icmp_rule *rule;
	struct packet_bytes quoted = { .marks = PACKET_MARK_CAPTURE }; /* a quote is a short copy too */
	struct ip_header inner;
	enum ip_result result;

	if (captured < ICMP_SIZE)
		return captured < length ? ICMP_CUT : ICMP_UNRELATED;
	rule = find_rule(ip->family, data[0], data[1]);
	if (!rule)
		return ICMP_UNRELATED;
	quoted.data = data + ICMP_SIZE;
	quoted.captured = captured - ICMP_SIZE;
	quoted.length = length - ICMP_SIZE;
	result = ip_parse(&quoted, &inner, quote->src, quote->dst);
	if (inner.protocol != IP_PROTOCOL_TCP || inner.family != ip->family)
		return result != IP_OK && captured < length ? ICMP_CUT : ICMP_UNRELATED;

	quote->kind = rule->kind;
	if (rule->kind == ICMP_TOO_BIG)
		quote->mtu = ip->family == 4 ? load_be16(data + 6) : load_be32(data + 4);
	quote->to_sender = inner.has_addresses && memcmp(packet->dst, quote->src, sizeof(quote->src)) == 0;
	quote->quoted_length = inner.has_length ? (uint32_t)inner.length : UINT32_MAX;
	quote->usable = result == IP_OK && read_segment(&inner, quoted.data, quoted.captured, quote);
	return ICMP_QUOTES_TCP;
}
