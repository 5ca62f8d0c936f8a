/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packet/tcp_options.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

enum option_kind {
	KIND_END = 0,
	KIND_NOP = 1,
	KIND_MSS = 2,
	KIND_SCALE = 3,
	KIND_SACK_PERMITTED = 4,
	KIND_SACK = 5,
	KIND_TIMESTAMP = 8,
	KIND_MD5 = 19,
	KIND_AO = 29,
	KIND_MPTCP = 30,
	KIND_FAST_OPEN = 34,
	KIND_ACCECN0 = 172,
	KIND_ACCECN1 = 174,
	KIND_EXPERIMENT = 254,
};

enum {
	SCALE_MAX = 14,                 /* O-3, RFC 7323 2.3 */
	FAST_OPEN_EXPERIMENT = 0xf989,  /* RFC 7413 4.1.1, behind KIND_EXPERIMENT */
	TIMESTAMP_PADDED = 0x0101080a,  /* NOP, NOP, timestamp: the list of nearly every segment (RFC 7323 A) */
	TIMESTAMP_PADDED_SIZE = 12,
};

#define SIZE(n) (UINT64_C(1) << (n))
#define SIZE_FROM(n) (~UINT64_C(0) << (n))
/* A cookie of 4 to 16 bytes, an even number of them, behind `n` bytes (RFC 7413 4.1.1). */
#define SIZE_COOKIE(n) \
	(SIZE(n) | SIZE((n) + 4) | SIZE((n) + 6) | SIZE((n) + 8) | SIZE((n) + 10) | SIZE((n) + 12) | SIZE((n) + 14) | \
	 SIZE((n) + 16))

/* What is known of an option. `read` takes its value: `option` points at the kind byte, `size` is one of `sizes`. */
struct option_rule {
	uint8_t kind;
	bool syn_only; /* O-2, O-3, O-6: ignored without SYN */
	bool repeats;  /* may stand in a list more than once */
	uint16_t seen; /* enum segment_option; 0: read() decides */
	uint64_t sizes; /* lengths it may have, kind and length byte included: one bit each; at most 40 fits */
	void (*read)(const uint8_t *option, size_t size, struct packet *packet);
};

/* O-9: for the record. */
static void read_mss(const uint8_t *option, size_t size, struct packet *packet)
{
	(void)size;
	packet->segment.mss = load_be16(option + 2);
}

static void read_scale(const uint8_t *option, size_t size, struct packet *packet)
{
	uint8_t scale = option[2];

	(void)size;
	if (scale > SCALE_MAX) {
		scale = SCALE_MAX;
		packet->findings |= reason_bit(REASON_WS_RANGE);
	}
	packet->segment.scale = scale;
}

static void read_timestamp(const uint8_t *option, size_t size, struct packet *packet)
{
	(void)size;
	packet->segment.tsval = load_be32(option + 2);
	packet->segment.tsecr = load_be32(option + 6);
}

/* O-7: the highest right edge after ack. Without the ACK bit there is nothing to be after. */
static void read_sack(const uint8_t *option, size_t size, struct packet *packet)
{
	struct segment *segment = &packet->segment;

	if (!(segment->flags & TCP_ACK))
		return;
	for (size_t at = 2; at + 8 <= size; at += 8) {
		const uint32_t edge = load_be32(option + at + 4);

		/* All edges are after ack, so their distances from it compare as they are. */
		if ((int32_t)(edge - segment->ack) > 0 && edge - segment->ack > segment->sack - segment->ack) {
			segment->sack = edge;
			segment->options |= OPTION_SEEN_SACK;
		}
	}
}

static const struct option_rule option_rules[] = {
	{ KIND_TIMESTAMP, false, false, OPTION_SEEN_TIMESTAMP, SIZE(10), read_timestamp },
	{ KIND_SACK, false, false, 0, SIZE(10) | SIZE(18) | SIZE(26) | SIZE(34), read_sack },
	{ KIND_MSS, true, false, OPTION_SEEN_MSS, SIZE(4), read_mss },
	{ KIND_SCALE, true, false, OPTION_SEEN_SCALE, SIZE(3), read_scale },
	{ KIND_SACK_PERMITTED, true, false, OPTION_SEEN_SACK_PERMITTED, SIZE(2), NULL },
	{ KIND_FAST_OPEN, true, false, OPTION_SEEN_FAST_OPEN, SIZE_COOKIE(2), NULL },
	{ KIND_EXPERIMENT, true, false, OPTION_SEEN_FAST_OPEN, SIZE_COOKIE(4), NULL },
	/* O-11: noted, nothing more */
	{ KIND_MPTCP, false, true, OPTION_SEEN_MPTCP, SIZE_FROM(3), NULL },
	{ KIND_MD5, false, false, OPTION_SEEN_MD5, SIZE(18), NULL },
	{ KIND_AO, false, false, OPTION_SEEN_AO, SIZE_FROM(4), NULL },
	{ KIND_ACCECN0, false, true, OPTION_SEEN_ACCECN, SIZE(2) | SIZE(5) | SIZE(8) | SIZE(11), NULL },
	{ KIND_ACCECN1, false, true, OPTION_SEEN_ACCECN, SIZE(2) | SIZE(5) | SIZE(8) | SIZE(11), NULL },
};

enum { OPTION_RULES = sizeof(option_rules) / sizeof(option_rules[0]) };

/* The rule of an option, or OPTION_RULES: unknown, or not looked at on this segment. Both pass (O-10). */
static unsigned find_rule(const uint8_t *option, size_t size, bool syn)
{
	unsigned n;

	if (option[0] == KIND_EXPERIMENT && (size < 4 || load_be16(option + 2) != FAST_OPEN_EXPERIMENT))
		return OPTION_RULES;
	for (n = 0; n < OPTION_RULES; n++)
		if (option_rules[n].kind == option[0])
			break;
	if (n < OPTION_RULES && option_rules[n].syn_only && !syn)
		return OPTION_RULES;
	return n;
}

/* Takes the option of `size` bytes at `option`. `taken`: rules whose option came before, one bit each (O-1). */
static void take_option(const uint8_t *option, size_t size, uint32_t *taken, struct packet *packet)
{
	const unsigned n = find_rule(option, size, packet->segment.flags & TCP_SYN);
	const struct option_rule *rule = &option_rules[n];

	if (n == OPTION_RULES)
		return;
	if (!(rule->sizes & SIZE(size)) || ((*taken & (UINT32_C(1) << n)) && !rule->repeats)) {
		packet->findings |= reason_bit(REASON_BAD_OPTION);
		return;
	}
	*taken |= UINT32_C(1) << n;
	packet->segment.options |= rule->seen;
	if (rule->read)
		rule->read(option, size, packet);
}

void tcp_options_parse(const uint8_t *data, size_t captured, size_t size, struct packet *packet)
{
	uint32_t taken = 0;
	size_t at = 0;

	packet->segment.sack = packet->segment.ack;
	if (size == TIMESTAMP_PADDED_SIZE && captured == size && load_be32(data) == TIMESTAMP_PADDED) {
		packet->segment.options |= OPTION_SEEN_TIMESTAMP;
		read_timestamp(data + 2, 10, packet);
		return;
	}
	while (at < captured && data[at] != KIND_END) {
		size_t length = 1;

		if (data[at] == KIND_NOP) {
			at++;
			continue;
		}
		if (at + 1 < captured)
			length = data[at + 1];
		else if (captured < size)
			return;
		/* O-1, P-7: a length byte is missing, less than 2, or leads out of the list. */
		if (length < 2 || length > size - at) {
			packet->findings |= reason_bit(REASON_BAD_OPTION);
			return;
		}
		if (length > captured - at)
			return;
		take_option(data + at, length, &taken, packet);
		at += length;
	}
}
