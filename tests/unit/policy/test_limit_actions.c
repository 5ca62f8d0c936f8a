/* SPDX-License-Identifier: GPL-2.0-or-later */
/* M-14: what exceeding a limit means by its action, in flood mode, and in monitor mode. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "admission.h"

static void source_limit(struct rig *rig, int action)
{
	rig_open(rig);
	rig->settings.syn_flood_source_rate = 1;
	rig->settings.syn_flood_source_burst = 10;
	rig->settings.syn_flood_source_action = action;
}

static void action_log(void **state)
{
	struct admission_result result;
	struct rig rig;

	(void)state;
	source_limit(&rig, LIMIT_LOG);
	assert_int_equal(rig_ask_many(&rig, 1, 1, 1, 1000), 1000);
	result = rig_ask(&rig, 1, 1, 1);
	assert_result(result, VERDICT_ACCEPT, REASON_SYN_RATE_SOURCE);
	assert_limited(result, 128, REASON_SYN_RATE_SOURCE);
	/* a logged excess leaves no debt */
	rig.now_ns = NS_PER_S;
	assert_result(rig_ask(&rig, 1, 1, 1), VERDICT_ACCEPT, REASON_NONE);
	rig_close(&rig);
}

/* as many SYNs are told to be over a rate when that only logs as are dropped else. */
static void log_counts_what_drop_drops(void **state)
{
	unsigned over[2] = { 0, 0 };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct rig rig;

		rig_open(&rig);
		rig.settings.syn_flood_source_rate = 10;
		rig.settings.syn_flood_source_burst = 20;
		rig.settings.syn_flood_destination_rate = 15;
		rig.settings.syn_flood_destination_burst = 20;
		rig.settings.syn_flood_source_action = i == 0 ? LIMIT_DROP : LIMIT_LOG;
		for (unsigned syn = 0; syn < 200; syn++, rig.now_ns += 50 * NS_PER_MS) {
			struct admission_result result = rig_ask(&rig, 1, 1, 1);

			over[i] += result.reason == REASON_SYN_RATE_SOURCE ||
				   (result.logged & reason_bit(REASON_SYN_RATE_SOURCE));
		}
		rig_close(&rig);
	}
	assert_int_equal(over[0], over[1]);
}

/* Each limit that only logs is named, and the one that drops besides. */
static void log_then_drop(void **state)
{
	struct admission_result result;
	struct rig rig;

	(void)state;
	source_limit(&rig, LIMIT_LOG);
	rig.settings.syn_flood_destination_rate = 1;
	rig.settings.syn_flood_destination_burst = 10;
	rig.settings.syn_flood_destination_action = LIMIT_LOG;
	assert_int_equal(rig_ask_many(&rig, 1, 1, 1, 20), 20);
	result = rig_ask(&rig, 1, 1, 1);
	assert_int_equal(result.verdict, VERDICT_ACCEPT);
	assert_int_equal(result.logged,
			 reason_bit(REASON_SYN_RATE_SOURCE) | reason_bit(REASON_SYN_RATE_DESTINATION));
	rig.settings.syn_flood_destination_action = LIMIT_DROP;
	result = rig_ask(&rig, 1, 1, 1);
	assert_result(result, VERDICT_DROP, REASON_SYN_RATE_DESTINATION);
	assert_int_equal(result.logged, reason_bit(REASON_SYN_RATE_SOURCE));
	assert_int_equal(result.limited_count, 1);
	assert_limited(result, 128, REASON_SYN_RATE_SOURCE);
	rig_close(&rig);
}

static void action_first_syn(void **state)
{
	struct admission_result result;
	struct rig rig;

	(void)state;
	source_limit(&rig, LIMIT_FIRST_SYN);
	rig.settings.syn_flood_source_burst = 1;
	assert_int_equal(rig_ask_many(&rig, 1, 1, 1, 1), 1);
	result = rig_ask(&rig, 1, 1, 1);
	assert_result(result, VERDICT_DROP, REASON_FIRST_SYN);
	assert_limited(result, 128, REASON_SYN_RATE_SOURCE);
	rig.now_ns = 900 * NS_PER_MS;
	assert_result(rig_ask(&rig, 1, 1, 1), VERDICT_ACCEPT, REASON_NONE);
	rig_close(&rig);
}

/* half_open_action is that of each cap on half-open flows, the actions of rates are not. */
static void caps_have_one_action(void **state)
{
	struct admission_result result;
	struct rig rig;

	(void)state;
	rig_open(&rig);
	rig.settings.syn_flood_source_action = rig.settings.syn_flood_destination_action = LIMIT_LOG;
	rig.settings.syn_flood_half_open_total = 1;
	rig_rise(&rig, 1, 1, 1, 20);
	assert_result(rig_ask(&rig, 1, 1, 1), VERDICT_DROP, REASON_HALF_OPEN_TOTAL);
	rig.settings.syn_flood_half_open_destination = 1;
	assert_result(rig_ask(&rig, 1, 1, 1), VERDICT_DROP, REASON_HALF_OPEN_DESTINATION);
	rig.settings.syn_flood_half_open_source = 1;
	assert_result(rig_ask(&rig, 1, 1, 1), VERDICT_DROP, REASON_HALF_OPEN_SOURCE);
	rig.settings.syn_flood_half_open_action = LIMIT_LOG;
	result = rig_ask(&rig, 1, 1, 1);
	assert_int_equal(result.verdict, VERDICT_ACCEPT);
	assert_int_equal(result.logged, reason_bit(REASON_HALF_OPEN_SOURCE) |
						reason_bit(REASON_HALF_OPEN_DESTINATION) |
						reason_bit(REASON_HALF_OPEN_TOTAL));
	assert_limited(result, 128, REASON_HALF_OPEN_SOURCE);
	assert_result(rig_ask(&rig, 2, 2, 2), VERDICT_ACCEPT, REASON_HALF_OPEN_TOTAL);
	rig.settings.syn_flood_half_open_action = LIMIT_FIRST_SYN;
	result = rig_ask(&rig, 1, 1, 1);
	assert_result(result, VERDICT_DROP, REASON_FIRST_SYN);
	assert_int_equal(result.limiter, LIMITER_HALF_OPEN);
	rig_close(&rig);
}

static void flood_mode_actions(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig);
	rig.settings.syn_flood_start_percent = 1;
	rig_rise(&rig, 1, 1, 1, 19);
	assert_int_equal(rig_flood(&rig), FLOOD_SAME);
	assert_result(rig_ask(&rig, 2, 2, 2), VERDICT_ACCEPT, REASON_NONE);
	rig_rise(&rig, 1, 1, 1, 1);
	assert_int_equal(rig_flood(&rig), FLOOD_STARTED);
	assert_true(limits_flood(rig.limits));
	assert_result(rig_ask(&rig, 2, 2, 2), VERDICT_DROP, REASON_FIRST_SYN);
	rig.now_ns = NS_PER_S;
	assert_result(rig_ask(&rig, 2, 2, 2), VERDICT_ACCEPT, REASON_NONE);
	rig.seq++;
	assert_result(rig_ask(&rig, 2, 2, 2), VERDICT_DROP, REASON_FIRST_SYN);
	rig.settings.syn_flood_mode_action = LIMIT_LOG;
	assert_result(rig_ask(&rig, 2, 2, 2), VERDICT_ACCEPT, REASON_FIRST_SYN);
	rig.settings.syn_flood_mode_action = LIMIT_DROP;
	assert_result(rig_ask(&rig, 2, 2, 2), VERDICT_DROP, REASON_FIRST_SYN);
	rig_prove(&rig, 2, 2);
	assert_result(rig_ask(&rig, 2, 2, 2), VERDICT_ACCEPT, REASON_NONE);
	rig_close(&rig);
}

/* The same reason, but of whom: who answers for a drop is the action that made it, not one that is set alike. */
static void a_drop_names_whose_action_it_was(void **state)
{
	struct admission_result result;
	struct rig rig;

	(void)state;
	source_limit(&rig, LIMIT_FIRST_SYN);
	rig.settings.policy_inject = true;
	rig.settings.syn_flood_source_burst = 1;
	rig.settings.syn_flood_mode_action = LIMIT_FIRST_SYN;
	rig.settings.syn_flood_destination_action = LIMIT_FIRST_SYN;
	assert_int_equal(rig_ask(&rig, 1, 1, 1).limiter, LIMITER_NONE);
	rig.seq++;
	result = rig_ask(&rig, 1, 1, 1);
	assert_result(result, VERDICT_DROP, REASON_FIRST_SYN);
	assert_int_equal(result.limiter, LIMITER_SOURCE);

	rig.settings.syn_flood_destination_rate = rig.settings.syn_flood_destination_burst = 1;
	assert_result(rig_ask(&rig, 2, 2, 2), VERDICT_ACCEPT, REASON_NONE);
	result = rig_ask(&rig, 3, 3, 2);
	assert_result(result, VERDICT_DROP, REASON_FIRST_SYN);
	assert_int_equal(result.limiter, LIMITER_DESTINATION);
	rig.settings.syn_flood_destination_action = LIMIT_CHALLENGE;
	rig.settings.syn_flood_answer_rate = 1;
	result = rig_ask(&rig, 4, 4, 2);
	assert_result(result, VERDICT_DROP, REASON_CHALLENGED);
	assert_int_equal(result.limiter, LIMITER_DESTINATION);
	for (uint8_t host = 5; host < 20 && result.reason == REASON_CHALLENGED; host++)
		result = rig_ask(&rig, 4, host, 2);
	assert_result(result, VERDICT_DROP, REASON_FIRST_SYN);
	assert_int_equal(result.limiter, LIMITER_DESTINATION);

	rig.settings.syn_flood_start_percent = 1;
	rig_rise(&rig, 1, 1, 1, 20);
	assert_int_equal(rig_flood(&rig), FLOOD_STARTED);
	rig.settings.syn_flood_mode_action = LIMIT_DROP;
	result = rig_ask(&rig, 9, 9, 9);
	assert_result(result, VERDICT_DROP, REASON_FIRST_SYN);
	assert_int_equal(result.limiter, LIMITER_MODE);
	rig_close(&rig);
}

/* what was remembered when the flood came is still there a second later. */
static void first_syns_outlast_a_flood(void **state)
{
	const uint32_t clients = 100, flood = 200000;
	unsigned known = 0;
	struct rig rig;

	(void)state;
	rig_open(&rig);
	rig.settings.syn_flood_start_percent = 1;
	rig_rise(&rig, 1, 1, 1, 20);
	assert_int_equal(rig_flood(&rig), FLOOD_STARTED);
	assert_int_equal(rig_ask_many(&rig, 2, 2, 2, clients), 0);
	assert_int_equal(rig_ask_many(&rig, 3, 3, 2, flood), 0);
	rig.now_ns = NS_PER_S;
	for (rig.seq = 0; rig.seq < clients; rig.seq++)
		known += rig_ask(&rig, 2, 2, 2).verdict == VERDICT_ACCEPT;
	assert_in_range(known, clients * 95 / 100, clients);
	rig_close(&rig);
}

/* M-14: the drop is still told, and the bucket charged: it stays full while the flood lasts. */
static void monitor_charges(void **state)
{
	struct rig rig;

	(void)state;
	source_limit(&rig, LIMIT_DROP);
	rig.settings.policy_mode = MODE_MONITOR;
	assert_int_equal(rig_ask_many(&rig, 1, 1, 1, 1000), 10);
	rig.now_ns = 500 * NS_PER_MS;
	assert_int_equal(rig_ask_many(&rig, 1, 1, 1, 10), 0);
	rig.now_ns = NS_PER_S; /* enforce mode would let one pass now */
	assert_int_equal(rig_ask_many(&rig, 1, 1, 1, 10), 0);
	rig.now_ns = 3 * NS_PER_S;
	assert_int_equal(rig_ask_many(&rig, 1, 1, 1, 10), 2);
	rig_close(&rig);
}

static void enforce_does_not_charge_drops(void **state)
{
	struct rig rig;

	(void)state;
	source_limit(&rig, LIMIT_DROP);
	assert_int_equal(rig_ask_many(&rig, 1, 1, 1, 1000), 10);
	rig.now_ns = 500 * NS_PER_MS;
	assert_int_equal(rig_ask_many(&rig, 1, 1, 1, 10), 0);
	rig.now_ns = NS_PER_S;
	assert_int_equal(rig_ask_many(&rig, 1, 1, 1, 10), 1);
	rig_close(&rig);
}

/* a limit that only logs named the network before; who is banned is the source. */
static void a_ban_names_whom_it_bans(void **state)
{
	struct rig rig;
	struct admission syn;
	struct subject source;
	struct admission_result result;

	(void)state;
	rig_open(&rig);
	rig.settings.syn_flood_source_action = LIMIT_LOG;
	rig.settings.syn_flood_network_rate = rig.settings.syn_flood_network_burst = 1;
	rig.settings.syn_flood_conn_rate = 1;
	rig.settings.syn_flood_ban_time = rig.settings.syn_flood_proven_time = 1;
	syn = rig_syn(&rig, 1, 1, 0);
	for (unsigned i = 0; i < 10; i++)
		limits_handshake(rig.limits, &rig.settings, &syn, rig.now_ns, &source);
	rig.now_ns += 3 * NS_PER_S; /* no longer proven */
	rig.settings.syn_flood_conn_burst = 1; /* a reload */
	assert_result(rig_ask(&rig, 1, 2, 0), VERDICT_ACCEPT, REASON_NONE);
	result = rig_ask(&rig, 1, 1, 0);
	assert_result(result, VERDICT_DROP, REASON_CONN_RATE_SOURCE);
	assert_true(result.banned);
	assert_int_equal(result.limited_count, 2);
	assert_limited(result, 120, REASON_SYN_RATE_SOURCE);
	assert_int_equal(result.limited[1].prefix_bits, 128);
	assert_memory_equal(result.limited[1].prefix, rig.src, 16);
	rig_close(&rig);
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
