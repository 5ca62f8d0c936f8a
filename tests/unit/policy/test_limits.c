/* SPDX-License-Identifier: GPL-2.0-or-later */
/* each step of admission, its reason, and whom it spares. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "admission.h"

static void no_limit_accepts_all(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig);
	assert_int_equal(rig_ask_many(&rig, 1, 1, 1, 10000), 10000);
	assert_result(rig_ask(&rig, 1, 1, 1), VERDICT_ACCEPT, REASON_NONE);
	assert_int_equal(rig_ask(&rig, 1, 1, 1).limited_count, 0);
	rig_close(&rig);
}

static void source_rate(void **state)
{
	static const uint8_t source[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [14] = 1, [15] = 1 };
	struct admission_result result;
	struct rig rig;

	(void)state;
	rig_open(&rig);
	rig.settings.syn_flood_source_rate = 10;
	rig.settings.syn_flood_source_burst = 20;
	assert_int_equal(rig_ask_many(&rig, 1, 1, 1, 30), 20);
	result = rig_ask(&rig, 1, 1, 2);
	assert_result(result, VERDICT_DROP, REASON_SYN_RATE_SOURCE);
	assert_limited(result, 128, REASON_SYN_RATE_SOURCE);
	assert_memory_equal(result.limited[0].prefix, source, 16);
	assert_int_equal(rig_ask_many(&rig, 1, 2, 1, 30), 20);
	rig.now_ns = NS_PER_S;
	assert_int_equal(rig_ask_many(&rig, 1, 1, 1, 30), 10);
	rig_close(&rig);
}

static void network_rate(void **state)
{
	static const uint8_t network[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [14] = 1 };
	struct admission_result result;
	struct rig rig;
	unsigned accepted = 0;

	(void)state;
	rig_open(&rig);
	rig.settings.syn_flood_network_rate = 10;
	rig.settings.syn_flood_network_burst = 50;
	for (uint8_t host = 0; host < 200; host++)
		accepted += rig_ask_many(&rig, 1, host, 1, 1);
	assert_int_equal(accepted, 50);
	result = rig_ask(&rig, 1, 250, 1);
	assert_result(result, VERDICT_DROP, REASON_SYN_RATE_SOURCE);
	assert_limited(result, 120, REASON_SYN_RATE_SOURCE);
	assert_memory_equal(result.limited[0].prefix, network, 16);
	assert_result(rig_ask(&rig, 2, 250, 1), VERDICT_ACCEPT, REASON_NONE);
	rig_close(&rig);
}

static void destination_rate(void **state)
{
	struct rig rig;
	unsigned accepted = 0;

	(void)state;
	rig_open(&rig);
	rig.settings.syn_flood_destination_rate = 2;
	rig.settings.syn_flood_destination_burst = 4;
	for (uint8_t host = 0; host < 50; host++)
		accepted += rig_ask_many(&rig, 1, host, 1, 1);
	assert_int_equal(accepted, 4);
	assert_result(rig_ask(&rig, 1, 99, 1), VERDICT_DROP, REASON_SYN_RATE_DESTINATION);
	assert_int_equal(rig_ask(&rig, 1, 99, 1).limited_count, 0);
	assert_result(rig_ask(&rig, 1, 99, 2), VERDICT_ACCEPT, REASON_NONE);
	rig_close(&rig);
}

/* G-1: what a later step drops has used up nothing of an earlier one. */
static void drop_charges_nothing(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig);
	rig.settings.syn_flood_source_rate = 1;
	rig.settings.syn_flood_source_burst = 10;
	rig.settings.syn_flood_destination_rate = 1;
	rig.settings.syn_flood_destination_burst = 1;
	assert_int_equal(rig_ask_many(&rig, 1, 1, 1, 100), 1);
	assert_int_equal(rig_ask_many(&rig, 1, 1, 2, 100), 1);
	rig.settings.syn_flood_destination_rate = 0;
	assert_int_equal(rig_ask_many(&rig, 1, 1, 1, 100), 8);
	rig_close(&rig);
}

static void half_open_source(void **state)
{
	struct admission_result result;
	struct rig rig;

	(void)state;
	rig_open(&rig);
	rig.settings.syn_flood_half_open_source = 3;
	rig_rise(&rig, 1, 1, 1, 2);
	assert_result(rig_ask(&rig, 1, 1, 2), VERDICT_ACCEPT, REASON_NONE);
	rig_rise(&rig, 1, 1, 2, 1);
	result = rig_ask(&rig, 1, 1, 3);
	assert_result(result, VERDICT_DROP, REASON_HALF_OPEN_SOURCE);
	assert_limited(result, 128, REASON_HALF_OPEN_SOURCE);
	assert_result(rig_ask(&rig, 1, 2, 3), VERDICT_ACCEPT, REASON_NONE);
	rig_fall(&rig, 1, 1, 1, 1);
	assert_result(rig_ask(&rig, 1, 1, 3), VERDICT_ACCEPT, REASON_NONE);
	rig_fall(&rig, 1, 1, 1, 1);
	rig_fall(&rig, 1, 1, 2, 1);
	assert_true(limits_half_open(rig.limits) == 0);
	rig_close(&rig);
}

static void half_open_destination(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig);
	rig.settings.syn_flood_half_open_destination = 3;
	for (uint8_t host = 1; host <= 3; host++)
		rig_rise(&rig, 1, host, 1, 1);
	assert_result(rig_ask(&rig, 1, 4, 1), VERDICT_DROP, REASON_HALF_OPEN_DESTINATION);
	assert_result(rig_ask(&rig, 1, 4, 2), VERDICT_ACCEPT, REASON_NONE);
	rig_fall(&rig, 1, 2, 1, 1);
	assert_result(rig_ask(&rig, 1, 4, 1), VERDICT_ACCEPT, REASON_NONE);
	rig_close(&rig);
}

static void half_open_total(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig);
	rig.settings.syn_flood_half_open_total = 10;
	rig.settings.syn_flood_half_open_low = 100;
	rig.random = 0;
	rig_rise(&rig, 1, 1, 1, 199);
	assert_result(rig_ask(&rig, 2, 2, 2), VERDICT_ACCEPT, REASON_NONE);
	rig_rise(&rig, 2, 2, 2, 1);
	assert_result(rig_ask(&rig, 2, 2, 2), VERDICT_DROP, REASON_HALF_OPEN_TOTAL);
	rig_close(&rig);
}

/* nothing at the lower mark, everything at the cap, half of them half-way. */
static void early_drop_is_linear(void **state)
{
	static const struct {
		unsigned rise, least, most; /* dropped of 10000 */
	} steps[] = {
		{ 500, 0, 0 }, { 125, 2300, 2700 }, { 125, 4800, 5200 }, { 125, 7300, 7700 }, { 124, 9900, 10000 },
	};
	struct rig rig;
	uint64_t random = 1;

	(void)state;
	rig_open(&rig);
	rig.settings.syn_flood_half_open_total = 50;
	rig.settings.syn_flood_half_open_low = 50;
	for (unsigned s = 0; s < 5; s++) {
		unsigned dropped = 0;

		rig_rise(&rig, 1, 1, 1, steps[s].rise);
		for (unsigned i = 0; i < 10000; i++) {
			random ^= random << 13; /* xorshift64 of Marsaglia, seeded: the same numbers each time */
			random ^= random >> 7;
			random ^= random << 17;
			rig.random = random;
			dropped += rig_ask(&rig, 2, 2, 2).verdict == VERDICT_DROP;
		}
		assert_in_range(dropped, steps[s].least, steps[s].most);
	}
	rig.random = 0;
	assert_result(rig_ask(&rig, 2, 2, 2), VERDICT_DROP, REASON_HALF_OPEN_TOTAL);
	rig_prove(&rig, 2, 2);
	assert_result(rig_ask(&rig, 2, 2, 2), VERDICT_ACCEPT, REASON_NONE);
	rig_close(&rig);
}

/* A-1 step 2: rates, random early drop and flood mode spare a proven source; the caps do not. */
static void proven_source(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig);
	rig.settings.syn_flood_source_rate = 1;
	rig.settings.syn_flood_source_burst = 1;
	rig.settings.syn_flood_destination_rate = 1;
	rig.settings.syn_flood_destination_burst = 1;
	rig_prove(&rig, 1, 1);
	assert_int_equal(rig_ask_many(&rig, 1, 1, 1, 100), 100);
	assert_int_equal(rig_ask_many(&rig, 1, 2, 1, 100), 1);
	rig.settings.syn_flood_half_open_source = 5;
	rig_rise(&rig, 1, 1, 1, 5);
	assert_result(rig_ask(&rig, 1, 1, 1), VERDICT_DROP, REASON_HALF_OPEN_SOURCE);
	rig.settings.syn_flood_half_open_source = 0;
	rig.now_ns = 62 * NS_PER_S;
	assert_int_equal(rig_ask_many(&rig, 1, 1, 1, 100), 1);
	rig_close(&rig);
}

static void allowed_source(void **state)
{
	static const uint8_t network[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [14] = 1 };
	struct rig rig;

	(void)state;
	rig_open(&rig);
	rig.settings.syn_flood_source_rate = 1;
	rig.settings.syn_flood_source_burst = 1;
	rig.settings.syn_flood_allow.count = 1;
	rig.settings.syn_flood_allow.prefix[0].bits = 120;
	memcpy(rig.settings.syn_flood_allow.prefix[0].address, network, sizeof network);
	assert_int_equal(rig_ask_many(&rig, 1, 1, 1, 100), 100);
	assert_int_equal(rig_ask_many(&rig, 2, 1, 1, 100), 1);
	rig_close(&rig);
}

static void ipv6_prefix_is_one_source(void **state)
{
	uint8_t src[16] = { 0x20, 0x01, 0x0d, 0xb8, [7] = 1 }, dst[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 };
	struct admission syn = { .src = src, .dst = dst, .src_port = 40000, .dst_port = 80, .family = 6 };
	struct rig rig;
	unsigned accepted = 0;

	(void)state;
	rig_open(&rig);
	rig.settings.syn_flood_source_rate = 10;
	rig.settings.syn_flood_source_burst = 20;
	for (unsigned i = 0; i < 1024; i++) {
		src[14] = (uint8_t)(i >> 8);
		src[15] = (uint8_t)i;
		accepted += limits_admit(rig.limits, &rig.settings, &syn, 0).verdict == VERDICT_ACCEPT;
	}
	assert_int_equal(accepted, 20);
	src[7] = 2;
	assert_result(limits_admit(rig.limits, &rig.settings, &syn, 0), VERDICT_ACCEPT, REASON_NONE);
	rig_close(&rig);
}

/* K-9: a flow met mid-stream answers for its source only; a flood mode does not cut what already runs. */
static void pickup_knows_source_limits_only(void **state)
{
	struct admission pickup;
	struct rig rig;

	(void)state;
	rig_open(&rig);
	rig.settings.syn_flood_source_rate = 1;
	rig.settings.syn_flood_source_burst = 2;
	rig.settings.syn_flood_destination_rate = 1;
	rig.settings.syn_flood_destination_burst = 1;
	rig.settings.syn_flood_half_open_source = 1;
	rig.settings.syn_flood_half_open_total = 1;
	rig_rise(&rig, 1, 1, 1, 1000);
	rig_flood(&rig);
	assert_true(limits_flood(rig.limits));
	pickup = rig_syn(&rig, 1, 1, 1);
	pickup.pickup = true;
	for (unsigned i = 0; i < 2; i++)
		assert_result(limits_admit(rig.limits, &rig.settings, &pickup, 0), VERDICT_ACCEPT, REASON_NONE);
	assert_result(limits_admit(rig.limits, &rig.settings, &pickup, 0), VERDICT_DROP, REASON_SYN_RATE_SOURCE);
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_limit_accepts_all),	    cmocka_unit_test(source_rate),
		cmocka_unit_test(network_rate),		    cmocka_unit_test(destination_rate),
		cmocka_unit_test(drop_charges_nothing),	    cmocka_unit_test(half_open_source),
		cmocka_unit_test(half_open_destination),    cmocka_unit_test(half_open_total),
		cmocka_unit_test(early_drop_is_linear),	    cmocka_unit_test(proven_source),
		cmocka_unit_test(allowed_source),	    cmocka_unit_test(ipv6_prefix_is_one_source),
		cmocka_unit_test(pickup_knows_source_limits_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
