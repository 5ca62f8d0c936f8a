/* SPDX-License-Identifier: GPL-2.0-or-later */
/* E-6: a flood of SYNs is no flood of lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "gateway.h"

#define FEW 16 /* a sixteenth of the 256 half-open flows that are flood mode */

/* 600 SYNs that nobody answers, in 6 seconds, and all they end in. */
static struct gateway *flooded(bool sparing, int action)
{
	struct gateway *gateway = gateway_new();

	gateway->settings.syn_flood_half_open_total = 0;
	gateway->settings.syn_flood_mode_action = action;
	gateway->sparing = sparing;
	gateway_start(gateway);
	for (uint16_t i = 0; i < 600; i++)
		gateway_send(gateway, '>', (uint16_t)(2000 + i), TCP_SYN, 1, 0, 0);
	return gateway;
}

static void lines_are_few(void **state)
{
	struct gateway *gateway = flooded(true, LIMIT_LOG);
	const struct engine_stats *stats = engine_stats(gateway->engine);
	unsigned told;

	(void)state;
	assert_true(stats->event[EVENT_FLOW_NEW] == 600); /* E-5: counted all the same */
	assert_in_range(gateway_events(gateway, EVENT_FLOW_NEW), FEW - 1, FEW + 30);
	assert_true(stats->counter[COUNTER_UNTOLD] == 600 - gateway_events(gateway, EVENT_FLOW_NEW));
	gateway_wait(gateway, 35);
	assert_int_equal(stats->flows, 0);
	assert_true(stats->counter[COUNTER_FLOWS_CLOSED] == 600);
	assert_true(stats->event[EVENT_FLOW_CLOSED] == 600);
	told = gateway_events(gateway, EVENT_FLOW_CLOSED);
	assert_in_range(told, 1, FEW + 30);
	gateway_close(gateway);
}

/* 344 SYNs dropped in 3.4 s: the first, one a second later, and the next would come after a minute. */
static void what_the_mode_drops_has_fewer(void **state)
{
	struct gateway *gateway = flooded(true, LIMIT_FIRST_SYN);

	(void)state;
	assert_int_equal(engine_stats(gateway->engine)->reason_dropped[REASON_FIRST_SYN], 344);
	assert_int_equal(gateway_events(gateway, EVENT_PACKET_DROPPED), 2);
	for (unsigned i = 0; i < gateway->count; i++)
		if (gateway->events[i].kind == EVENT_PACKET_DROPPED)
			assert_int_equal(gateway->events[i].drop.limiter, LIMITER_MODE);
	gateway_close(gateway);
}

static void a_connection_has_its_lines(void **state)
{
	struct gateway *gateway = flooded(true, LIMIT_LOG);

	(void)state;
	gateway_handshake(gateway, 40000);
	assert_int_equal(gateway_events(gateway, EVENT_FLOW_ESTABLISHED), 1);
	gateway_send(gateway, '>', 40000, TCP_FIN | TCP_ACK, 1001, 5001, 0);
	assert_int_equal(gateway_events(gateway, EVENT_FLOW_FIN), 1);
	gateway_close(gateway);
}

/* Who wants to know all flows of a capture is told of all. */
static void others_are_told_of_all(void **state)
{
	struct gateway *gateway = flooded(false, LIMIT_LOG);

	(void)state;
	assert_int_equal(gateway_events(gateway, EVENT_FLOW_NEW), 600);
	gateway_close(gateway);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_few),
		cmocka_unit_test(what_the_mode_drops_has_fewer),
		cmocka_unit_test(a_connection_has_its_lines),
		cmocka_unit_test(others_are_told_of_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
