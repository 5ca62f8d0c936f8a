/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A-13 in the engine: what the host is asked to send, and what becomes of the RST that answers it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "gateway.h"

#define FLOOD 11 /* half-open flows that turn flood mode on: more than 1 % of 1024 */

/* An engine in flood mode that challenges; `inject`: and may send. */
static struct gateway *flooded(bool inject, int mode)
{
	struct gateway *gateway = gateway_new();

	gateway->settings.syn_flood_start_percent = 1;
	gateway->settings.syn_flood_stop_percent = 0;
	gateway->settings.syn_flood_mode_action = LIMIT_CHALLENGE;
	gateway->settings.policy_inject = inject;
	gateway->settings.policy_mode = mode;
	gateway_start(gateway);
	for (uint16_t i = 0; i < FLOOD; i++)
		gateway_send(gateway, '>', (uint16_t)(2000 + i), TCP_SYN, 1, 0, 0);
	assert_true(limits_flood(gateway->limits));
	return gateway;
}

static void assert_drop(struct decision decision, enum reason reason)
{
	assert_int_equal(decision.verdict, VERDICT_DROP);
	assert_string_equal(reason_word(decision.reason), reason_word(reason));
}

static uint64_t dropped(const struct gateway *gateway, enum reason reason)
{
	return engine_stats(gateway->engine)->reason_dropped[reason];
}

static void answer_is_from_the_server(void **state)
{
	struct gateway *gateway = flooded(true, MODE_ENFORCE);
	struct packet syn = gateway_packet('>', 40000, TCP_SYN, 1000, 0, 0);
	struct decision decision = engine_input_packet(gateway->engine, &syn, gateway->now_ns);
	const struct answer *answer = engine_answer(gateway->engine);

	(void)state;
	assert_drop(decision, REASON_CHALLENGED);
	assert_true(decision.answer);
	assert_false(decision.has_flow);
	assert_int_equal(answer->family, 4);
	assert_memory_equal(answer->src, syn.dst, 16);
	assert_memory_equal(answer->dst, syn.src, 16);
	assert_int_equal(answer->src_port, 80);
	assert_int_equal(answer->dst_port, 40000);
	assert_true(answer->ack - 1000 > 1);
	assert_int_equal(engine_stats(gateway->engine)->counter[COUNTER_CHALLENGES], 1);
	assert_int_equal(engine_stats(gateway->engine)->flows, FLOOD); /* nothing is kept of it */
	gateway_close(gateway);
}

static void cookie_lets_the_syn_pass(void **state)
{
	struct gateway *gateway = flooded(true, MODE_ENFORCE);
	uint32_t cookie;

	(void)state;
	assert_drop(gateway_send(gateway, '>', 40000, TCP_SYN, 1000, 0, 0), REASON_CHALLENGED);
	cookie = engine_answer(gateway->engine)->ack;
	assert_drop(gateway_send(gateway, '>', 40000, TCP_RST, cookie + 1, 0, 0), REASON_NO_FLOW);
	assert_drop(gateway_send(gateway, '>', 40000, TCP_RST | TCP_ACK, cookie, 1, 0), REASON_NO_FLOW);
	assert_drop(gateway_send(gateway, '>', 40000, TCP_SYN, 1000, 0, 0), REASON_CHALLENGED);
	assert_drop(gateway_send(gateway, '>', 40000, TCP_RST, cookie, 0, 0), REASON_CHALLENGE_ANSWER);
	gateway_handshake(gateway, 40000);
	/* a completed handshake proves its source, for all connections and for a while */
	gateway_handshake(gateway, 40001);
	assert_int_equal(dropped(gateway, REASON_CHALLENGED), 2);
	gateway_close(gateway);
}

/* The SYN came through by another way meanwhile: the RST must not reach the server, or touch the flow. */
static void flow_is_not_touched(void **state)
{
	static const struct {
		uint16_t flags;
		char dir;
		uint32_t seq, ack;
		enum phase phase;
	} steps[] = {
		{ TCP_SYN, '>', 1000, 0, PHASE_SYN_SENT },
		{ TCP_SYN | TCP_ACK, '<', 5000, 1001, PHASE_SYN_RECV },
		{ TCP_ACK, '>', 1001, 5001, PHASE_ESTABLISHED },
		{ TCP_FIN | TCP_ACK, '>', 1001, 5001, PHASE_FIN_WAIT },
		{ TCP_FIN | TCP_ACK, '<', 5001, 1002, PHASE_LAST_ACK },
		{ TCP_ACK, '>', 1002, 5002, PHASE_TIME_WAIT },
	};
	struct gateway *gateway = flooded(true, MODE_ENFORCE);
	uint32_t cookie;

	(void)state;
	assert_drop(gateway_send(gateway, '>', 40000, TCP_SYN, 1000, 0, 0), REASON_CHALLENGED);
	cookie = engine_answer(gateway->engine)->ack;
	assert_drop(gateway_send(gateway, '>', 40000, TCP_RST, cookie, 0, 0), REASON_CHALLENGE_ANSWER);
	for (unsigned i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		struct decision decision;

		gateway_send(gateway, steps[i].dir, 40000, steps[i].flags, steps[i].seq, steps[i].ack, 0);
		decision = gateway_send(gateway, '>', 40000, TCP_RST, cookie, 0, 0);
		assert_drop(decision, REASON_CHALLENGE_ANSWER);
		assert_int_equal(decision.phase, steps[i].phase);
	}
	gateway_close(gateway);
}

/* A SYN that would replace a finished connection (S-9) is challenged like any other. */
static void port_used_again(void **state)
{
	struct gateway *gateway = gateway_new();
	struct decision decision;
	uint32_t cookie;

	(void)state;
	gateway->settings.policy_inject = true;
	gateway->settings.syn_flood_mode_action = LIMIT_CHALLENGE;
	gateway->settings.syn_flood_start_percent = 1;
	gateway->settings.syn_flood_stop_percent = 0;
	gateway->settings.syn_flood_proven_time = 1;
	gateway_start(gateway);
	gateway_handshake(gateway, 40000);
	gateway_send(gateway, '>', 40000, TCP_FIN | TCP_ACK, 1001, 5001, 0);
	gateway_send(gateway, '<', 40000, TCP_FIN | TCP_ACK, 5001, 1002, 0);
	assert_int_equal(gateway_send(gateway, '>', 40000, TCP_ACK, 1002, 5002, 0).phase, PHASE_TIME_WAIT);
	gateway_wait(gateway, 5);
	for (uint16_t i = 0; i < FLOOD; i++)
		gateway_send(gateway, '>', (uint16_t)(2000 + i), TCP_SYN, 1, 0, 0);
	decision = gateway_send(gateway, '>', 40000, TCP_SYN, 9000, 0, 0);
	assert_drop(decision, REASON_CHALLENGED);
	assert_true(decision.answer);
	cookie = engine_answer(gateway->engine)->ack;
	decision = gateway_send(gateway, '>', 40000, TCP_RST, cookie, 0, 0);
	assert_drop(decision, REASON_CHALLENGE_ANSWER);
	assert_int_equal(decision.phase, PHASE_TIME_WAIT);
	decision = gateway_send(gateway, '>', 40000, TCP_SYN, 9000, 0, 0);
	assert_int_equal(decision.verdict, VERDICT_ACCEPT);
	assert_int_equal(decision.phase, PHASE_SYN_SENT);
	gateway_close(gateway);
}

/* G-6: nothing is sent where policy.inject does not allow it; the SYN is dropped all the same. */
static void silent_without_inject(void **state)
{
	struct gateway *gateway = flooded(false, MODE_ENFORCE);
	struct decision decision = gateway_send(gateway, '>', 40000, TCP_SYN, 1000, 0, 0);

	(void)state;
	assert_drop(decision, REASON_CHALLENGED);
	assert_false(decision.answer);
	assert_int_equal(engine_stats(gateway->engine)->counter[COUNTER_CHALLENGES], 0);
	gateway_close(gateway);
}

/* Too many packets wait: nobody is asked, who comes again in time passes, then and after. */
static void comes_again_while_mute(void **state)
{
	struct gateway *gateway = flooded(true, MODE_ENFORCE);
	struct decision decision;

	(void)state;
	engine_mute(gateway->engine, true);
	decision = gateway_send(gateway, '>', 40000, TCP_SYN, 1000, 0, 0);
	assert_drop(decision, REASON_FIRST_SYN);
	assert_false(decision.answer);
	gateway_send(gateway, '>', 40001, TCP_SYN, 1000, 0, 0);
	gateway_wait(gateway, 1);
	assert_int_equal(gateway_send(gateway, '>', 40000, TCP_SYN, 1000, 0, 0).phase, PHASE_SYN_SENT);
	engine_mute(gateway->engine, false);
	assert_int_equal(gateway_send(gateway, '>', 40001, TCP_SYN, 1000, 0, 0).phase, PHASE_SYN_SENT);
	assert_drop(gateway_send(gateway, '>', 40002, TCP_SYN, 1000, 0, 0), REASON_CHALLENGED);
	gateway_close(gateway);
}

/* M-14: monitor mode says what it would have done and sends nothing. */
static void silent_in_monitor_mode(void **state)
{
	struct gateway *gateway = flooded(true, MODE_MONITOR);
	struct decision decision = gateway_send(gateway, '>', 40000, TCP_SYN, 1000, 0, 0);

	(void)state;
	assert_int_equal(decision.verdict, VERDICT_ACCEPT);
	assert_true(decision.would_drop);
	assert_string_equal(reason_word(decision.reason), "challenged");
	assert_false(decision.answer);
	assert_int_equal(decision.phase, PHASE_SYN_SENT);
	gateway_close(gateway);
}

/* K-9: what is met mid-stream is no SYN, and gets no SYN+ACK. */
static void pickups_are_not_answered(void **state)
{
	struct gateway *gateway = gateway_new();
	struct decision decision = { .answer = true };

	(void)state;
	gateway->settings.tracking_pickup = PICKUP_ON;
	gateway->settings.policy_inject = true;
	gateway->settings.syn_flood_source_rate = 1;
	gateway->settings.syn_flood_source_burst = 1;
	gateway->settings.syn_flood_source_action = LIMIT_CHALLENGE;
	gateway_start(gateway);
	for (uint16_t i = 0; i < 2; i++)
		decision = gateway_send(gateway, '>', (uint16_t)(2000 + i), TCP_ACK, 1, 1, 10);
	assert_drop(decision, REASON_SYN_RATE_SOURCE);
	assert_false(decision.answer);
	decision = gateway_send(gateway, '>', 3000, TCP_SYN, 1, 0, 0);
	assert_drop(decision, REASON_CHALLENGED);
	assert_true(decision.answer);
	gateway_close(gateway);
}

static void answers_are_limited(void **state)
{
	struct gateway *gateway = flooded(true, MODE_ENFORCE);
	unsigned answered = 0;

	(void)state;
	gateway->settings.syn_flood_answer_rate = 10;
	engine_set_settings(gateway->engine, &gateway->settings, NULL);
	for (uint16_t i = 0; i < 200; i++)
		answered += gateway_send(gateway, '>', (uint16_t)(40000 + i), TCP_SYN, 1000, 0, 0).answer;
	assert_in_range(answered, 20, 22); /* in 2 s */
	assert_int_equal(dropped(gateway, REASON_CHALLENGED), answered);
	assert_int_equal(dropped(gateway, REASON_FIRST_SYN), 200 - answered);
	assert_int_equal(engine_stats(gateway->engine)->counter[COUNTER_CHALLENGES], answered);
	gateway_close(gateway);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answer_is_from_the_server), cmocka_unit_test(cookie_lets_the_syn_pass),
		cmocka_unit_test(flow_is_not_touched),	     cmocka_unit_test(port_used_again),
		cmocka_unit_test(silent_without_inject),     cmocka_unit_test(silent_in_monitor_mode),
		cmocka_unit_test(pickups_are_not_answered),  cmocka_unit_test(answers_are_limited),
		cmocka_unit_test(comes_again_while_mute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
