/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A test rig: a set of limits, and SYNs by number, for the tests of admission. A SYN goes from 10.0.NET.HOST to
 * 10.9.0.DST:80. Included behind cmocka.h, once a program.
 */
#pragma once

#include <string.h>

#include "base/units.h"
#include "policy/limits.h"

static struct services rig_services; /* none */

struct rig {
	struct settings settings;
	struct limits *limits;
	uint64_t now_ns;
	uint64_t random;
	uint32_t seq; /* of the next SYN */
	uint8_t src[16], dst[16];
};

static inline void rig_open(struct rig *rig)
{
	static const struct hash_key key = { 11, 12 };

	memset(rig, 0, sizeof *rig);
	settings_defaults(&rig->settings);
	rig->settings.tracking_max_flows = 2000;
	rig->settings.syn_flood_half_open_total = 0;
	rig->limits = limits_new(&rig->settings, &key);
	assert_non_null(rig->limits);
	rig->random = UINT64_MAX;
}

static inline void rig_close(struct rig *rig)
{
	limits_free(rig->limits);
}

static inline struct admission rig_syn(struct rig *rig, uint8_t net, uint8_t host, uint8_t dst)
{
	const uint8_t src_bytes[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [14] = net, [15] = host };
	const uint8_t dst_bytes[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [13] = 9, [15] = dst };

	memcpy(rig->src, src_bytes, sizeof rig->src);
	memcpy(rig->dst, dst_bytes, sizeof rig->dst);
	return (struct admission){ .src = rig->src, .dst = rig->dst, .src_port = 40000, .dst_port = 80,
				   .seq = rig->seq, .family = 4, .random = rig->random };
}

static inline struct admission_result rig_ask(struct rig *rig, uint8_t net, uint8_t host, uint8_t dst)
{
	struct admission syn = rig_syn(rig, net, host, dst);

	return limits_admit(rig->limits, &rig->settings, &syn, rig->now_ns);
}

/* Asks `tries` times; how many were accepted. */
static inline unsigned rig_ask_many(struct rig *rig, uint8_t net, uint8_t host, uint8_t dst,
				    unsigned tries)
{
	unsigned accepted = 0;

	for (unsigned i = 0; i < tries; i++, rig->seq++)
		accepted += rig_ask(rig, net, host, dst).verdict == VERDICT_ACCEPT;
	return accepted;
}

static inline void rig_rise(struct rig *rig, uint8_t net, uint8_t host, uint8_t dst, unsigned times)
{
	struct admission syn = rig_syn(rig, net, host, dst);

	for (unsigned i = 0; i < times; i++)
		limits_half_open_rise(rig->limits, &rig->settings, &syn);
}

static inline void rig_fall(struct rig *rig, uint8_t net, uint8_t host, uint8_t dst, unsigned times)
{
	struct admission syn = rig_syn(rig, net, host, dst);

	for (unsigned i = 0; i < times; i++)
		limits_half_open_fall(rig->limits, &rig->settings, &syn);
}

/* What changed about the mode of the gateway; nothing else may change. */
static inline enum flood_change rig_flood(struct rig *rig)
{
	struct flood_report report = { .change = FLOOD_SAME };

	if (!limits_flood_update(rig->limits, &rig->settings, &rig_services, NULL, rig->now_ns, &report))
		return FLOOD_SAME;
	assert_false(report.has_destination);
	return report.change;
}

static inline void rig_prove(struct rig *rig, uint8_t net, uint8_t host)
{
	struct admission syn = rig_syn(rig, net, host, 0);

	limits_prove(rig->limits, &rig->settings, syn.src, rig->now_ns);
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
