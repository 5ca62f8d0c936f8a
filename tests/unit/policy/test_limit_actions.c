/* SPDX-License-Identifier: GPL-2.0-or-later */
/* M-14: what exceeding a limit means by its action, in flood mode, and in monitor mode. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "admission.h"

static void source_limit(struct house *house, int action)
{
	house_open(house);
	house->settings.syn_flood_source_rate = 1;
	house->settings.syn_flood_source_burst = 10;
	house->settings.syn_flood_source_action = action;
}

static void action_log(void **state)
{
	struct admission_result result;
	struct house house;

	(void)state;
	source_limit(&house, LIMIT_LOG);
	assert_int_equal(house_ask_many(&house, 1, 1, 1, 1000), 1000);
	result = house_ask(&house, 1, 1, 1);
	assert_result(result, VERDICT_ACCEPT, REASON_SYN_RATE_SOURCE);
	assert_limited(result, 128, REASON_SYN_RATE_SOURCE);
	/* a logged excess leaves no debt */
	house.now_ns = NS_PER_S;
	assert_result(house_ask(&house, 1, 1, 1), VERDICT_ACCEPT, REASON_NONE);
	house_close(&house);
}

/* as many SYNs are told to be over a rate when that only logs as are dropped else. */
static void log_counts_what_drop_drops(void **state)
{
	unsigned over[2] = { 0, 0 };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct house house;

		house_open(&house);
		house.settings.syn_flood_source_rate = 10;
		house.settings.syn_flood_source_burst = 20;
		house.settings.syn_flood_destination_rate = 15;
		house.settings.syn_flood_destination_burst = 20;
		house.settings.syn_flood_source_action = i == 0 ? LIMIT_DROP : LIMIT_LOG;
		for (unsigned syn = 0; syn < 200; syn++, house.now_ns += 50 * NS_PER_MS) {
			struct admission_result result = house_ask(&house, 1, 1, 1);

			over[i] += result.reason == REASON_SYN_RATE_SOURCE ||
				   (result.logged & reason_bit(REASON_SYN_RATE_SOURCE));
		}
		house_close(&house);
	}
	assert_int_equal(over[0], over[1]);
}

/* Each limit that only logs is named, and the one that drops besides. */
static void log_then_drop(void **state)
{
	struct admission_result result;
	struct house house;

	(void)state;
	source_limit(&house, LIMIT_LOG);
	house.settings.syn_flood_destination_rate = 1;
	house.settings.syn_flood_destination_burst = 10;
	house.settings.syn_flood_destination_action = LIMIT_LOG;
	assert_int_equal(house_ask_many(&house, 1, 1, 1, 20), 20);
	result = house_ask(&house, 1, 1, 1);
	assert_int_equal(result.verdict, VERDICT_ACCEPT);
	assert_int_equal(result.logged,
			 reason_bit(REASON_SYN_RATE_SOURCE) | reason_bit(REASON_SYN_RATE_DESTINATION));
	house.settings.syn_flood_destination_action = LIMIT_DROP;
	result = house_ask(&house, 1, 1, 1);
	assert_result(result, VERDICT_DROP, REASON_SYN_RATE_DESTINATION);
	assert_int_equal(result.logged, reason_bit(REASON_SYN_RATE_SOURCE));
	assert_int_equal(result.limited_count, 1);
	assert_limited(result, 128, REASON_SYN_RATE_SOURCE);
	house_close(&house);
}

static void action_first_syn(void **state)
{
	struct admission_result result;
	struct house house;

	(void)state;
	source_limit(&house, LIMIT_FIRST_SYN);
	house.settings.syn_flood_source_burst = 1;
	assert_int_equal(house_ask_many(&house, 1, 1, 1, 1), 1);
	result = house_ask(&house, 1, 1, 1);
	assert_result(result, VERDICT_DROP, REASON_FIRST_SYN);
	assert_limited(result, 128, REASON_SYN_RATE_SOURCE);
	house.now_ns = 900 * NS_PER_MS;
	assert_result(house_ask(&house, 1, 1, 1), VERDICT_ACCEPT, REASON_NONE);
	house_close(&house);
}

/* half_open_action is that of each cap on half-open flows, the actions of rates are not. */
static void caps_have_one_action(void **state)
{
	struct admission_result result;
	struct house house;

	(void)state;
	house_open(&house);
	house.settings.syn_flood_source_action = house.settings.syn_flood_destination_action = LIMIT_LOG;
	house.settings.syn_flood_half_open_total = 1;
	house_rise(&house, 1, 1, 1, 20);
	assert_result(house_ask(&house, 1, 1, 1), VERDICT_DROP, REASON_HALF_OPEN_TOTAL);
	house.settings.syn_flood_half_open_destination = 1;
	assert_result(house_ask(&house, 1, 1, 1), VERDICT_DROP, REASON_HALF_OPEN_DESTINATION);
	house.settings.syn_flood_half_open_source = 1;
	assert_result(house_ask(&house, 1, 1, 1), VERDICT_DROP, REASON_HALF_OPEN_SOURCE);
	house.settings.syn_flood_half_open_action = LIMIT_LOG;
	result = house_ask(&house, 1, 1, 1);
	assert_int_equal(result.verdict, VERDICT_ACCEPT);
	assert_int_equal(result.logged, reason_bit(REASON_HALF_OPEN_SOURCE) |
						reason_bit(REASON_HALF_OPEN_DESTINATION) |
						reason_bit(REASON_HALF_OPEN_TOTAL));
	assert_limited(result, 128, REASON_HALF_OPEN_SOURCE);
	assert_result(house_ask(&house, 2, 2, 2), VERDICT_ACCEPT, REASON_HALF_OPEN_TOTAL);
	house.settings.syn_flood_half_open_action = LIMIT_FIRST_SYN;
	result = house_ask(&house, 1, 1, 1);
	assert_result(result, VERDICT_DROP, REASON_FIRST_SYN);
	assert_int_equal(result.limiter, LIMITER_HALF_OPEN);
	house_close(&house);
}

static void flood_mode_actions(void **state)
{
	struct house house;

	(void)state;
	house_open(&house);
	house.settings.syn_flood_start_percent = 1;
	house_rise(&house, 1, 1, 1, 19);
	assert_int_equal(house_flood(&house), FLOOD_SAME);
	assert_result(house_ask(&house, 2, 2, 2), VERDICT_ACCEPT, REASON_NONE);
	house_rise(&house, 1, 1, 1, 1);
	assert_int_equal(house_flood(&house), FLOOD_STARTED);
	assert_true(limits_flood(house.limits));
	assert_result(house_ask(&house, 2, 2, 2), VERDICT_DROP, REASON_FIRST_SYN);
	house.now_ns = NS_PER_S;
	assert_result(house_ask(&house, 2, 2, 2), VERDICT_ACCEPT, REASON_NONE);
	house.seq++;
	assert_result(house_ask(&house, 2, 2, 2), VERDICT_DROP, REASON_FIRST_SYN);
	house.settings.syn_flood_mode_action = LIMIT_LOG;
	assert_result(house_ask(&house, 2, 2, 2), VERDICT_ACCEPT, REASON_FIRST_SYN);
	house.settings.syn_flood_mode_action = LIMIT_DROP;
	assert_result(house_ask(&house, 2, 2, 2), VERDICT_DROP, REASON_FIRST_SYN);
	house_prove(&house, 2, 2);
	assert_result(house_ask(&house, 2, 2, 2), VERDICT_ACCEPT, REASON_NONE);
	house_close(&house);
}

/* The same reason, but of whom: who answers for a drop is the action that made it, not one that is set alike. */
static void a_drop_names_whose_action_it_was(void **state)
{
	struct admission_result result;
	struct house house;

	(void)state;
	source_limit(&house, LIMIT_FIRST_SYN);
	house.settings.policy_inject = true;
	house.settings.syn_flood_source_burst = 1;
	house.settings.syn_flood_mode_action = LIMIT_FIRST_SYN;
	house.settings.syn_flood_destination_action = LIMIT_FIRST_SYN;
	assert_int_equal(house_ask(&house, 1, 1, 1).limiter, LIMITER_NONE);
	house.seq++;
	result = house_ask(&house, 1, 1, 1);
	assert_result(result, VERDICT_DROP, REASON_FIRST_SYN);
	assert_int_equal(result.limiter, LIMITER_SOURCE);

	house.settings.syn_flood_destination_rate = house.settings.syn_flood_destination_burst = 1;
	assert_result(house_ask(&house, 2, 2, 2), VERDICT_ACCEPT, REASON_NONE);
	result = house_ask(&house, 3, 3, 2);
	assert_result(result, VERDICT_DROP, REASON_FIRST_SYN);
	assert_int_equal(result.limiter, LIMITER_DESTINATION);
	house.settings.syn_flood_destination_action = LIMIT_CHALLENGE;
	house.settings.syn_flood_answer_rate = 1;
	result = house_ask(&house, 4, 4, 2);
	assert_result(result, VERDICT_DROP, REASON_CHALLENGED);
	assert_int_equal(result.limiter, LIMITER_DESTINATION);
	for (uint8_t host = 5; host < 20 && result.reason == REASON_CHALLENGED; host++)
		result = house_ask(&house, 4, host, 2);
	assert_result(result, VERDICT_DROP, REASON_FIRST_SYN);
	assert_int_equal(result.limiter, LIMITER_DESTINATION);

	house.settings.syn_flood_start_percent = 1;
	house_rise(&house, 1, 1, 1, 20);
	assert_int_equal(house_flood(&house), FLOOD_STARTED);
	house.settings.syn_flood_mode_action = LIMIT_DROP;
	result = house_ask(&house, 9, 9, 9);
	assert_result(result, VERDICT_DROP, REASON_FIRST_SYN);
	assert_int_equal(result.limiter, LIMITER_MODE);
	house_close(&house);
}

/* what was remembered when the flood came is still there a second later. */
static void first_syns_outlast_a_flood(void **state)
{
	const uint32_t clients = 100, flood = 200000;
	unsigned known = 0;
	struct house house;

	(void)state;
	house_open(&house);
	house.settings.syn_flood_start_percent = 1;
	house_rise(&house, 1, 1, 1, 20);
	assert_int_equal(house_flood(&house), FLOOD_STARTED);
	assert_int_equal(house_ask_many(&house, 2, 2, 2, clients), 0);
	assert_int_equal(house_ask_many(&house, 3, 3, 2, flood), 0);
	house.now_ns = NS_PER_S;
	for (house.seq = 0; house.seq < clients; house.seq++)
		known += house_ask(&house, 2, 2, 2).verdict == VERDICT_ACCEPT;
	assert_in_range(known, clients * 95 / 100, clients);
	house_close(&house);
}

/* M-14: the drop is still told, and the bucket charged: it stays full while the flood lasts. */
static void monitor_charges(void **state)
{
	struct house house;

	(void)state;
	source_limit(&house, LIMIT_DROP);
	house.settings.policy_mode = MODE_MONITOR;
	assert_int_equal(house_ask_many(&house, 1, 1, 1, 1000), 10);
	house.now_ns = 500 * NS_PER_MS;
	assert_int_equal(house_ask_many(&house, 1, 1, 1, 10), 0);
	house.now_ns = NS_PER_S; /* enforce mode would let one pass now */
	assert_int_equal(house_ask_many(&house, 1, 1, 1, 10), 0);
	house.now_ns = 3 * NS_PER_S;
	assert_int_equal(house_ask_many(&house, 1, 1, 1, 10), 2);
	house_close(&house);
}

static void enforce_does_not_charge_drops(void **state)
{
	struct house house;

	(void)state;
	source_limit(&house, LIMIT_DROP);
	assert_int_equal(house_ask_many(&house, 1, 1, 1, 1000), 10);
	house.now_ns = 500 * NS_PER_MS;
	assert_int_equal(house_ask_many(&house, 1, 1, 1, 10), 0);
	house.now_ns = NS_PER_S;
	assert_int_equal(house_ask_many(&house, 1, 1, 1, 10), 1);
	house_close(&house);
}

/* a limit that only logs named the network before; who is banned is the source. */
static void a_ban_names_whom_it_bans(void **state)
{
	struct house house;
	struct admission syn;
	struct subject source;
	struct admission_result result;

	(void)state;
	house_open(&house);
	house.settings.syn_flood_source_action = LIMIT_LOG;
	house.settings.syn_flood_network_rate = house.settings.syn_flood_network_burst = 1;
	house.settings.syn_flood_conn_rate = 1;
	house.settings.syn_flood_ban_time = house.settings.syn_flood_proven_time = 1;
	syn = house_syn(&house, 1, 1, 0);
	for (unsigned i = 0; i < 10; i++)
		limits_handshake(house.limits, &house.settings, &syn, house.now_ns, &source);
	house.now_ns += 3 * NS_PER_S; /* no longer proven */
	house.settings.syn_flood_conn_burst = 1; /* a reload */
	assert_result(house_ask(&house, 1, 2, 0), VERDICT_ACCEPT, REASON_NONE);
	result = house_ask(&house, 1, 1, 0);
	assert_result(result, VERDICT_DROP, REASON_CONN_RATE_SOURCE);
	assert_true(result.banned);
	assert_int_equal(result.limited_count, 2);
	assert_limited(result, 120, REASON_SYN_RATE_SOURCE);
	assert_int_equal(result.limited[1].prefix_bits, 128);
	assert_memory_equal(result.limited[1].prefix, house.src, 16);
	house_close(&house);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(action_log),	      cmocka_unit_test(log_then_drop),
		cmocka_unit_test(log_counts_what_drop_drops),
		cmocka_unit_test(action_first_syn),   cmocka_unit_test(caps_have_one_action),
		cmocka_unit_test(flood_mode_actions), cmocka_unit_test(monitor_charges),
		cmocka_unit_test(enforce_does_not_charge_drops), cmocka_unit_test(first_syns_outlast_a_flood),
		cmocka_unit_test(a_ban_names_whom_it_bans), cmocka_unit_test(a_drop_names_whose_action_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
