/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `flow ID` tells of the remarks on a flow: the latest ones, its own ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "gateway.h"

#define INEXACT 50 /* beyond what is expected, within the window */

static struct flow_detail detail_of(struct gateway *gateway, uint32_t slot)
{
	struct flow_detail detail = { .remarks = 99 };

	assert_true(engine_detail(gateway->engine, slot, gateway->now_ns, &detail));
	return detail;
}

static void inexact_rst(struct gateway *gateway, uint16_t port)
{
	gateway_send(gateway, '>', port, TCP_RST, 1001 + INEXACT, 0, 0);
}

static void latest_first_and_not_all(void **state)
{
	struct gateway *gateway = gateway_open();
	struct flow_detail detail;

	(void)state;
	gateway_handshake(gateway, 40000); /* the first flow: slot 1 */
	assert_int_equal(detail_of(gateway, 1).remarks, 0);
	inexact_rst(gateway, 40000);
	gateway_wait(gateway, 5);
	detail = detail_of(gateway, 1);
	assert_int_equal(detail.remarks, 1);
	assert_string_equal(reason_word(detail.remark[0].reason), "rst-inexact");
	assert_in_range(detail.remark[0].ago_ns, 5 * NS_PER_S, 6 * NS_PER_S);
	for (unsigned i = 0; i < 2 * FLOW_REMARKS; i++, gateway_wait(gateway, 2))
		inexact_rst(gateway, 40000);
	detail = detail_of(gateway, 1);
	assert_int_equal(detail.remarks, FLOW_REMARKS);
	assert_true(detail.remark[0].ago_ns < detail.remark[1].ago_ns);
	gateway_close(gateway);
}

static void none_of_other_flows(void **state)
{
	struct gateway *gateway = gateway_open();

	(void)state;
	gateway_handshake(gateway, 40000);
	inexact_rst(gateway, 40000);
	gateway_handshake(gateway, 40001);
	assert_int_equal(detail_of(gateway, 1).remarks, 1);
	assert_int_equal(detail_of(gateway, 2).remarks, 0);
	engine_forget(gateway->engine, 1, gateway->now_ns); /* the next flow gets its place */
	gateway_handshake(gateway, 40002);
	assert_int_equal(detail_of(gateway, 1).remarks, 0);
	gateway_close(gateway);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(latest_first_and_not_all),
		cmocka_unit_test(none_of_other_flows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
