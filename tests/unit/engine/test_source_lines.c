/* SPDX-License-Identifier: GPL-2.0-or-later */
/* E-6: sources that run into a limit: a handful has a line each, of many the number is exact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "gateway.h"

#define AT_ONCE	 6 /* sources with a line each */
#define MANY	 128 /* sources */
#define IN_FLOOD 3 /* lines at once, of all kinds and workers */

static const enum event_kind multiplied[] = {
	EVENT_SOURCE_LIMITED, EVENT_SOURCE_BANNED, EVENT_SOURCE_RELEASED, EVENT_PACKET_DROPPED, EVENT_FLOW_NEW,
};

static unsigned lines_of_floods(const struct gateway *gateway)
{
	unsigned count = 0;

	for (unsigned i = 0; i < sizeof multiplied / sizeof multiplied[0]; i++)
		count += gateway_events(gateway, multiplied[i]);
	return count;
}

/* What the lines of this kind stand for: those that name a source, and what they say was left out. */
static uint64_t told(const struct gateway *gateway, enum event_kind kind)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < gateway->count; i++)
		if (gateway->events[i].kind == kind)
			sum += (gateway->events[i].notice.prefix_bits != 0) + gateway->events[i].notice.suppressed;
	return sum;
}

/* As told(), of drops for this reason. */
static uint64_t drops_told(const struct gateway *gateway, enum reason reason)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < gateway->count; i++)
		if (gateway->events[i].kind == EVENT_PACKET_DROPPED && gateway->events[i].drop.reason == reason)
			sum += (gateway->events[i].drop.at.family != 0) + gateway->events[i].drop.suppressed;
	return sum;
}

/* 10.1.0.N, two SYNs: the second is one too many. */
static void run_into_limit(struct gateway *gateway, struct engine *engine, unsigned n)
{
	for (unsigned i = 0; i < 2; i++) {
		struct packet packet = gateway_packet('>', 0, TCP_SYN, 1, 0, 0);

		gateway->now_ns += NS_PER_MS;
		packet.src_port = (uint16_t)(gateway->now_ns / NS_PER_MS);
		packet.src[13] = 1;
		packet.src[15] = (uint8_t)n;
		engine_input_packet(engine, &packet, gateway->now_ns);
	}
}

/* start_percent: of a flood; 0: there will be none. */
static struct gateway *limited(int start_percent)
{
	struct gateway *gateway = gateway_new();

	gateway->settings.syn_flood_source_rate = 1;
	gateway->settings.syn_flood_source_burst = 1;
	if (start_percent != 0) {
		gateway->settings.syn_flood_start_percent = start_percent;
		gateway->settings.syn_flood_stop_percent = start_percent / 2;
	}
	gateway->settings.syn_flood_mode_action = LIMIT_LOG;
	gateway->sparing = true;
	gateway->now_ns = NS_PER_S;
	gateway_start(gateway);
	return gateway;
}

static void a_handful_has_a_line_each(void **state)
{
	struct gateway *gateway = limited(0);

	(void)state;
	for (unsigned n = 0; n < AT_ONCE; n++)
		run_into_limit(gateway, gateway->engine, n);
	assert_int_equal(gateway_events(gateway, EVENT_SOURCE_LIMITED), AT_ONCE);
	for (unsigned n = 0; n < AT_ONCE; n++) /* once in ten minutes */
		run_into_limit(gateway, gateway->engine, n);
	gateway_wait(gateway, 61);
	assert_int_equal(told(gateway, EVENT_SOURCE_LIMITED), AT_ONCE);
	assert_int_equal(gateway_events(gateway, EVENT_SOURCE_LIMITED), AT_ONCE);
	gateway_close(gateway);
}

/* Nobody comes after them: the number is told all the same, within a minute. */
static void of_many_the_number_is_told(void **state)
{
	struct gateway *gateway = limited(0);

	(void)state;
	for (unsigned n = 0; n < MANY; n++)
		run_into_limit(gateway, gateway->engine, n);
	assert_int_equal(gateway_events(gateway, EVENT_SOURCE_LIMITED), AT_ONCE);
	gateway_wait(gateway, 50);
	assert_int_equal(gateway_events(gateway, EVENT_SOURCE_LIMITED), AT_ONCE);
	gateway_wait(gateway, 11);
	assert_int_equal(gateway_events(gateway, EVENT_SOURCE_LIMITED), AT_ONCE + 1);
	assert_true(told(gateway, EVENT_SOURCE_LIMITED) == MANY);
	assert_true(engine_stats(gateway->engine)->event[EVENT_SOURCE_LIMITED] == MANY); /* E-5 */
	gateway_wait(gateway, 700);
	assert_int_equal(gateway_events(gateway, EVENT_SOURCE_LIMITED), AT_ONCE + 1);
	gateway_close(gateway);
}

/* The last flow is gone before: the engine still asks to be called. */
static void what_is_owed_keeps_it_awake(void **state)
{
	struct gateway *gateway = limited(0);

	(void)state;
	gateway->settings.tracking_timeouts_syn_sent = 10;
	engine_set_settings(gateway->engine, &gateway->settings, NULL);
	for (unsigned n = 0; n < MANY; n++)
		run_into_limit(gateway, gateway->engine, n);
	for (unsigned i = 0; i < 1000 && engine_deadline(gateway->engine) != UINT64_MAX; i++) {
		gateway->now_ns = engine_deadline(gateway->engine);
		engine_expire(gateway->engine, gateway->now_ns);
	}
	assert_true(engine_deadline(gateway->engine) == UINT64_MAX);
	assert_int_equal(engine_stats(gateway->engine)->flows, 0);
	assert_true(told(gateway, EVENT_SOURCE_LIMITED) == MANY);
	gateway_close(gateway);
}

static void the_end_tells_the_rest(void **state)
{
	struct gateway *gateway = limited(0);

	(void)state;
	for (unsigned n = 0; n < MANY; n++)
		run_into_limit(gateway, gateway->engine, n);
	engine_flush(gateway->engine, gateway->now_ns);
	assert_true(told(gateway, EVENT_SOURCE_LIMITED) == MANY);
	gateway_close(gateway);
}

/* A second worker with the same limits; the caller frees it and *pool. */
static struct engine *second_worker(struct gateway *gateway, void **pool)
{
	static const struct hash_key key = { 21, 22 };
	size_t size = (engine_pool_size(1024) + 63) / 64 * 64;
	struct engine_config config = { .settings = &gateway->settings, .services = &gateway->services,
					.limits = gateway->limits, .max_flows = 1024, .key = key,
					.sink = { gateway_emit, gateway }, .random_seed = 2, .sparing = true };
	struct engine *engine;

	*pool = aligned_alloc(64, size);
	assert_non_null(*pool);
	memset(*pool, 0, size);
	config.pool = *pool;
	engine = engine_new(&config);
	assert_non_null(engine);
	return engine;
}

static void two_workers_tell_of_a_source_once(void **state)
{
	struct gateway *gateway = limited(0);
	void *pool;
	struct engine *second = second_worker(gateway, &pool);

	(void)state;
	for (unsigned n = 0; n < MANY; n++) {
		run_into_limit(gateway, n % 2 ? second : gateway->engine, n);
		run_into_limit(gateway, n % 2 ? gateway->engine : second, n);
	}
	engine_flush(gateway->engine, gateway->now_ns);
	engine_flush(second, gateway->now_ns);
	assert_true(told(gateway, EVENT_SOURCE_LIMITED) == MANY);
	engine_free(second);
	free(pool);
	gateway_close(gateway);
}

/* Flood mode by 52 SYNs that nobody answers. */
static void flood(struct gateway *gateway)
{
	for (uint16_t i = 0; i < 60 && !limits_flood(gateway->limits); i++) {
		struct packet packet = gateway_packet('>', 7, TCP_SYN, 1, 0, 0);

		packet.src[13] = 2;
		packet.src[15] = (uint8_t)i;
		gateway->now_ns += NS_PER_MS;
		engine_input_packet(gateway->engine, &packet, gateway->now_ns);
	}
	assert_true(limits_flood(gateway->limits));
}

/* Two workers, three minutes: drops, sources and handshakes together have three lines, and one in 30 s. */
static void in_a_flood_all_share_few_lines(void **state)
{
	struct gateway *gateway = limited(5);
	void *pool;
	struct engine *second = second_worker(gateway, &pool);
	uint64_t dropped;
	unsigned before;

	(void)state;
	flood(gateway);
	before = lines_of_floods(gateway);
	for (unsigned i = 0; i < 1800; i++) {
		run_into_limit(gateway, i % 2 ? gateway->engine : second, i % MANY);
		gateway->now_ns += 98 * NS_PER_MS;
		engine_expire(gateway->engine, gateway->now_ns);
		engine_expire(second, gateway->now_ns);
	}
	assert_in_range(lines_of_floods(gateway) - before, IN_FLOOD + 1, IN_FLOOD + 6);
	dropped = engine_stats(gateway->engine)->reason_dropped[REASON_SYN_RATE_SOURCE] +
		  engine_stats(second)->reason_dropped[REASON_SYN_RATE_SOURCE];
	engine_flush(gateway->engine, gateway->now_ns);
	engine_flush(second, gateway->now_ns);
	assert_true(told(gateway, EVENT_SOURCE_LIMITED) == MANY);
	assert_true(dropped > 1000);
	assert_true(engine_stats(gateway->engine)->event[EVENT_SOURCE_LIMITED] +
			    engine_stats(second)->event[EVENT_SOURCE_LIMITED] ==
		    dropped); /* E-5: each counts */
	assert_true(drops_told(gateway, REASON_SYN_RATE_SOURCE) == dropped);
	engine_free(second);
	free(pool);
	gateway_close(gateway);
}

/* They stay few for a minute after the mode, and one more after many sources. */
static void after_it_all_is_told_again(void **state)
{
	struct gateway *gateway = limited(5);
	unsigned before;

	(void)state;
	flood(gateway);
	while (limits_flood(gateway->limits))
		gateway_wait(gateway, 1);
	before = lines_of_floods(gateway);
	for (unsigned n = 0; n < 20; n++)
		run_into_limit(gateway, gateway->engine, n);
	assert_in_range(lines_of_floods(gateway) - before, 0, IN_FLOOD);
	gateway_wait(gateway, 122);
	assert_true(told(gateway, EVENT_SOURCE_LIMITED) == 20);
	before = gateway_events(gateway, EVENT_SOURCE_LIMITED);
	for (unsigned n = 20; n < 20 + AT_ONCE; n++)
		run_into_limit(gateway, gateway->engine, n);
	assert_int_equal(gateway_events(gateway, EVENT_SOURCE_LIMITED) - before, AT_ONCE);
	before = gateway_events(gateway, EVENT_FLOW_NEW);
	gateway_handshake(gateway, 40000);
	assert_int_equal(gateway_events(gateway, EVENT_FLOW_NEW) - before, 1);
	gateway_close(gateway);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_handful_has_a_line_each),
		cmocka_unit_test(of_many_the_number_is_told),
		cmocka_unit_test(what_is_owed_keeps_it_awake),
		cmocka_unit_test(the_end_tells_the_rest),
		cmocka_unit_test(two_workers_tell_of_a_source_once),
		cmocka_unit_test(in_a_flood_all_share_few_lines),
		cmocka_unit_test(after_it_all_is_told_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
