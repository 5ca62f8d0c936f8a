/* SPDX-License-Identifier: GPL-2.0-or-later */
/* a flow whose ends cannot stand together gets its packets a verdict by policy.on_internal_error, and no more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/state.h"
#include "gateway.h"

static struct gateway *gateway_with_broken_flow(int action)
{
	struct gateway *gateway = gateway_new();

	gateway->settings.policy_on_internal_error = action;
	gateway_start(gateway);
	gateway_send(gateway, '>', 40000, TCP_SYN, 1000, 0, 0);
	gateway_send(gateway, '<', 40000, TCP_SYN | TCP_ACK, 5000, 1001, 0);
	gateway_send(gateway, '>', 40000, TCP_ACK, 1001, 5001, 0);
	gateway->engine->table.flow[1].conn.end[SIDE_SERVER].state = END_NONE;
	return gateway;
}

static void test_accepted(void **unused)
{
	struct gateway *gateway = gateway_with_broken_flow(ACTION_ACCEPT);
	struct tcp_conn before = gateway->engine->table.flow[1].conn;
	struct decision decision = gateway_send(gateway, '>', 40000, TCP_ACK, 1001, 5001, 100);

	(void)unused;
	assert_int_equal(decision.verdict, VERDICT_ACCEPT);
	assert_true(decision.remarks & reason_bit(REASON_INTERNAL_ERROR));
	assert_int_equal(engine_stats(gateway->engine)->reason_accepted[REASON_INTERNAL_ERROR], 1);
	assert_memory_equal(&before, &gateway->engine->table.flow[1].conn, sizeof before);
	gateway_close(gateway);
}

static void test_dropped(void **unused)
{
	struct gateway *gateway = gateway_with_broken_flow(ACTION_DROP);
	struct decision decision = gateway_send(gateway, '>', 40000, TCP_ACK, 1001, 5001, 100);

	(void)unused;
	assert_int_equal(decision.verdict, VERDICT_DROP);
	assert_int_equal(decision.reason, REASON_INTERNAL_ERROR);
	gateway_close(gateway);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
