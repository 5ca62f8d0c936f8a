/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random segments out of a small universe of numbers, so that they often fit: whatever comes, the gauges agree with
 * the flows, and a dropped segment leaves its flow as it was (G-1).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway.h"

#define PORTS  6
#define STEPS  200000

static uint64_t state;

static uint32_t draw(uint32_t below)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(state >> 33) % below;
}

static uint32_t number_near(uint32_t base)
{
	static const uint32_t offsets[] = { 0,     1,     2,     101,    102,      201,       1000,
					    65536, 65537, 70000, 131072, 1u << 31, UINT32_MAX };

	return base + offsets[draw(sizeof offsets / sizeof offsets[0])] * (draw(4) != 0);
}

static struct packet random_packet(void)
{
	static const uint16_t flags[] = { TCP_SYN, TCP_SYN, TCP_SYN | TCP_ACK, TCP_SYN | TCP_ACK, TCP_ACK, TCP_ACK,
					  TCP_ACK, TCP_ACK | TCP_PSH, TCP_FIN | TCP_ACK, TCP_RST, TCP_RST | TCP_ACK };
	static const uint32_t lengths[] = { 0, 0, 0, 1, 100, 1460, 65000 };
	bool up = draw(2) == 0;
	uint16_t chosen = flags[draw(sizeof flags / sizeof flags[0])];
	uint32_t len = chosen & (TCP_SYN | TCP_RST) ? 0 : lengths[draw(sizeof lengths / sizeof lengths[0])];
	uint32_t ack = chosen & TCP_ACK ? number_near(up ? 5001 : 1001) : 0;
	struct packet packet = gateway_packet(up ? '>' : '<', (uint16_t)(40000 + draw(PORTS)), chosen,
					      number_near(up ? 1000 : 5000), ack, len);

	if (draw(3) == 0) {
		packet.segment.options |= OPTION_SEEN_TIMESTAMP;
		packet.segment.tsval = draw(5) * 100;
	}
	if (draw(4) == 0 && (chosen & TCP_SYN)) {
		packet.segment.options |= OPTION_SEEN_SCALE | OPTION_SEEN_SACK_PERMITTED;
		packet.segment.scale = (uint8_t)draw(15);
	}
	if (draw(8) == 0 && (chosen & TCP_ACK)) {
		packet.segment.options |= OPTION_SEEN_SACK;
		packet.segment.sack = ack + draw(300);
	}
	packet.segment.window = draw(5) == 0 ? 0 : (uint16_t)draw(65536);
	return packet;
}

/* The gauges say what the flows say. */
static void check_gauges(const struct gateway *gateway)
{
	const struct engine_stats *stats = engine_stats(gateway->engine);
	uint64_t sum = 0;

	for (int phase = 0; phase < PHASE_COUNT; phase++)
		sum += stats->phase_flows[phase];
	assert_int_equal(sum, stats->flows);
	assert_int_equal(stats->half_open, stats->phase_flows[PHASE_SYN_SENT] + stats->phase_flows[PHASE_SYN_SENT2] +
						   stats->phase_flows[PHASE_SYN_RECV]);
	assert_int_equal(stats->half_open, limits_half_open(gateway->limits));
}

static void step(struct gateway *gateway)
{
	struct packet packet = random_packet();
	struct flow_record before = { 0 }, after = { 0 };
	uint64_t left_before = 0, left_after = 0;
	struct decision decision;
	bool was, is;

	gateway->count = 0;
	gateway->now_ns += draw(10) == 0 ? draw(200000) * NS_PER_MS : draw(1000) * NS_PER_US;
	if (draw(500) == 0)
		engine_blind(gateway->engine, gateway->now_ns);
	engine_expire(gateway->engine, gateway->now_ns);
	was = engine_find(gateway->engine, &packet, gateway->now_ns, &before, &left_before);
	decision = engine_input_packet(gateway->engine, &packet, gateway->now_ns);
	is = engine_find(gateway->engine, &packet, gateway->now_ns, &after, &left_after);
	check_gauges(gateway);
	if (decision.verdict == VERDICT_ACCEPT)
		return;
	assert_true(was == is);
	after.dropped = before.dropped;
	assert_memory_equal(&before, &after, sizeof before);
	assert_true(left_after <= left_before); /* T-14 alone may shorten it */
	if (decision.reason != REASON_BAD_RST && decision.reason != REASON_SEQ_HIGH &&
	    decision.reason != REASON_ACK_HIGH && decision.reason != REASON_OVERSHOOT)
		assert_int_equal(left_before, left_after);
}

static void run(int window, int pickup, bool async, uint64_t seed)
{
	struct gateway *gateway = gateway_new();

	state = seed;
	gateway->settings.tracking_window = window;
	gateway->settings.tracking_pickup = pickup;
	gateway->settings.tracking_async = async;
	gateway_start(gateway);
	for (int i = 0; i < STEPS; i++)
		step(gateway);
	gateway->count = 0;
	engine_flush(gateway->engine, gateway->now_ns);
	check_gauges(gateway);
	assert_int_equal(engine_stats(gateway->engine)->flows, 0);
	gateway_close(gateway);
}

static void test_normal(void **unused)
{
	(void)unused;
	run(WINDOW_NORMAL, PICKUP_OFF, false, 1);
	run(WINDOW_NORMAL, PICKUP_ON, false, 2);
	run(WINDOW_NORMAL, PICKUP_OBSERVE, true, 3);
	run(WINDOW_NORMAL, PICKUP_WARMUP, false, 4);
}

static void test_strict(void **unused)
{
	(void)unused;
	run(WINDOW_STRICT, PICKUP_OFF, false, 5);
}

static void test_liberal(void **unused)
{
	(void)unused;
	run(WINDOW_LIBERAL, PICKUP_ON, true, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_normal),
		cmocka_unit_test(test_strict),
		cmocka_unit_test(test_liberal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
