/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A set of limits and SYNs by number, for the tests of admission. A SYN goes from 10.0.NET.HOST to
 * 10.9.0.DST:80. Included behind cmocka.h, once a program.
 */
#pragma once

#include <string.h>

#include "base/units.h"
#include "policy/limits.h"

static struct services house_services; /* none */

struct house {
	struct settings settings;
	struct limits *limits;
	uint64_t now_ns;
	uint64_t random;
	uint32_t seq; /* of the next SYN */
	uint8_t src[16], dst[16];
};

static inline void house_open(struct house *house)
{
	static const struct hash_key key = { 11, 12 };

	memset(house, 0, sizeof *house);
	settings_defaults(&house->settings);
	house->settings.tracking_max_flows = 2000;
	house->settings.syn_flood_half_open_total = 0;
	house->limits = limits_new(&house->settings, &key);
	assert_non_null(house->limits);
	house->random = UINT64_MAX;
}

static inline void house_close(struct house *house)
{
	limits_free(house->limits);
}

static inline struct admission house_syn(struct house *house, uint8_t net, uint8_t host, uint8_t dst)
{
	const uint8_t src_bytes[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [14] = net, [15] = host };
	const uint8_t dst_bytes[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [13] = 9, [15] = dst };

	memcpy(house->src, src_bytes, sizeof house->src);
	memcpy(house->dst, dst_bytes, sizeof house->dst);
	return (struct admission){ .src = house->src, .dst = house->dst, .src_port = 40000, .dst_port = 80,
				   .seq = house->seq, .family = 4, .random = house->random };
}

static inline struct admission_result house_ask(struct house *house, uint8_t net, uint8_t host, uint8_t dst)
{
	struct admission syn = house_syn(house, net, host, dst);

	return limits_admit(house->limits, &house->settings, &syn, house->now_ns);
}

/* Asks `tries` times; how many were accepted. */
static inline unsigned house_ask_many(struct house *house, uint8_t net, uint8_t host, uint8_t dst,
				      unsigned tries)
{
	unsigned accepted = 0;

	for (unsigned i = 0; i < tries; i++, house->seq++)
		accepted += house_ask(house, net, host, dst).verdict == VERDICT_ACCEPT;
	return accepted;
}

static inline void house_rise(struct house *house, uint8_t net, uint8_t host, uint8_t dst, unsigned times)
{
	struct admission syn = house_syn(house, net, host, dst);

	for (unsigned i = 0; i < times; i++)
		limits_half_open_rise(house->limits, &house->settings, &syn);
}

static inline void house_fall(struct house *house, uint8_t net, uint8_t host, uint8_t dst, unsigned times)
{
	struct admission syn = house_syn(house, net, host, dst);

	for (unsigned i = 0; i < times; i++)
		limits_half_open_fall(house->limits, &house->settings, &syn);
}

/* What changed about the mode of the gateway; nothing else may change. */
static inline enum flood_change house_flood(struct house *house)
{
	struct flood_report report = { .change = FLOOD_SAME };

	if (!limits_flood_update(house->limits, &house->settings, &house_services, NULL, house->now_ns, &report))
		return FLOOD_SAME;
	assert_false(report.has_destination);
	return report.change;
}

static inline void house_prove(struct house *house, uint8_t net, uint8_t host)
{
	struct admission syn = house_syn(house, net, host, 0);

	limits_prove(house->limits, &house->settings, syn.src, house->now_ns);
}

/* With accept, the only limit that is logged. */
static inline void assert_result(struct admission_result result, enum verdict verdict, enum reason reason)
{
	assert_int_equal(result.verdict, verdict);
	if (verdict == VERDICT_DROP)
		assert_string_equal(reason_word(result.reason), reason_word(reason));
	else
		assert_int_equal(result.logged, reason == REASON_NONE ? 0 : reason_bit(reason));
}

/* Who ran into a limit first, and into which. */
static inline void assert_limited(struct admission_result result, uint8_t bits, enum reason reason)
{
	assert_true(result.limited_count > 0);
	assert_int_equal(result.limited[0].prefix_bits, bits);
	assert_string_equal(reason_word((enum reason)result.limited[0].reason), reason_word(reason));
}
