/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A-1 step 3, A-7: completed handshakes and concurrent flows of a source; who is banned, and who is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "gateway.h"
#include "policy/ban.h"

/* Opened in all the ways and left in all the ways, by a number. */
static void live(struct gateway *gateway, uint16_t port, unsigned way)
{
	gateway_send(gateway, '>', port, TCP_SYN, 1000, 0, 0);
	if (way == 0)
		return;
	if (way == 1) {
		gateway_send(gateway, '<', port, TCP_RST | TCP_ACK, 0, 1001, 0);
		return;
	}
	gateway_send(gateway, '<', port, TCP_SYN | TCP_ACK, 5000, 1001, 0);
	gateway_send(gateway, '>', port, TCP_ACK, 1001, 5001, 0);
	if (way == 2)
		return;
	if (way == 3) {
		gateway_send(gateway, '<', port, TCP_RST, 5001, 0, 0);
	} else {
		gateway_send(gateway, '>', port, TCP_FIN | TCP_ACK, 1001, 5001, 0);
		gateway_send(gateway, '<', port, TCP_FIN | TCP_ACK, 5001, 1002, 0);
		gateway_send(gateway, '>', port, TCP_ACK, 1002, 5002, 0);
	}
	if (way == 5) { /* again, and left pending */
		gateway_send(gateway, '>', port, TCP_SYN, 90000, 0, 0);
	} else if (way == 6) { /* again, and answered */
		gateway_send(gateway, '>', port, TCP_SYN, 90000, 0, 0);
		gateway_send(gateway, '<', port, TCP_SYN | TCP_ACK, 70000, 90001, 0);
	} else if (way == 7) { /* the other way round */
		gateway_send(gateway, '<', port, TCP_SYN, 90000, 0, 0);
		gateway_send(gateway, '>', port, TCP_SYN | TCP_ACK, 70000, 90001, 0);
	}
}

/* whatever a flow went through, it is counted once while it lives and not at all afterwards. */
static void flows_are_counted_exactly(void **state)
{
	for (unsigned leave = 0; leave < 3; leave++) {
		struct gateway *gateway = gateway_open();

		(void)state;
		for (uint16_t i = 0; i < 160; i++)
			live(gateway, (uint16_t)(40000 + i), i % 8);
		if (leave == 0)
			gateway_wait(gateway, 900000);
		else if (leave == 1)
			engine_flush(gateway->engine, gateway->now_ns);
		if (leave == 2) {
			gateway_wait(gateway, 60);
			engine_flush(gateway->engine, gateway->now_ns);
		}
		assert_int_equal(engine_stats(gateway->engine)->flows, 0);
		gateway_wait(gateway, 62); /* nobody is proven any more: half-open flows count, too */
		gateway->settings.syn_flood_conn_count = 1;
		engine_set_settings(gateway->engine, &gateway->settings, NULL);
		assert_int_equal(gateway_send(gateway, '>', 50000, TCP_SYN, 1, 0, 0).verdict, VERDICT_ACCEPT);
		assert_int_equal(gateway_send(gateway, '>', 50001, TCP_SYN, 1, 0, 0).reason, REASON_CONN_COUNT_SOURCE);
		assert_int_equal(gateway_send(gateway, '<', 50001, TCP_SYN, 1, 0, 0).verdict, VERDICT_ACCEPT);
		gateway_close(gateway);
	}
}

/* of a proven source what is half-open does not count, and counts once it is open. */
static void half_open_flows_of_a_proven_source(void **state)
{
	struct gateway *gateway = gateway_new();

	(void)state;
	gateway->settings.syn_flood_conn_count = 3;
	gateway_start(gateway);
	gateway_handshake(gateway, 40000);
	for (uint16_t port = 50000; port < 50010; port++)
		assert_int_equal(gateway_send(gateway, '>', port, TCP_SYN, 1, 0, 0).verdict, VERDICT_ACCEPT);
	gateway_handshake(gateway, 40001);
	live(gateway, 40002, 7); /* opened anew by the server: a flow of that one's now */
	gateway_send(gateway, '<', 40002, TCP_ACK, 90001, 70001, 0);
	gateway_handshake(gateway, 40003);
	assert_int_equal(gateway_send(gateway, '>', 40004, TCP_SYN, 1, 0, 0).reason, REASON_CONN_COUNT_SOURCE);
	gateway_wait(gateway, 62);
	assert_int_equal(engine_stats(gateway->engine)->half_open, 10);
	gateway_send(gateway, '>', 40003, TCP_RST, 1001, 0, 0);
	assert_int_equal(gateway_send(gateway, '>', 40004, TCP_SYN, 1, 0, 0).reason, REASON_CONN_COUNT_SOURCE);
	gateway_wait(gateway, 120);
	assert_int_equal(engine_stats(gateway->engine)->half_open, 0);
	assert_int_equal(gateway_send(gateway, '>', 40004, TCP_SYN, 1, 0, 0).verdict, VERDICT_ACCEPT);
	gateway_close(gateway);
}

static struct gateway *limited(void)
{
	struct gateway *gateway = gateway_new();

	gateway->settings.syn_flood_conn_rate = 1;
	gateway->settings.syn_flood_conn_burst = 2;
	gateway->settings.syn_flood_ban_time = 60;
	return gateway;
}

static void overload_bans_for_a_while(void **state)
{
	struct gateway *gateway = limited();

	(void)state;
	gateway_start(gateway);
	gateway_handshake(gateway, 40000);
	gateway_handshake(gateway, 40001);
	assert_int_equal(gateway_send(gateway, '>', 40002, TCP_SYN, 1, 0, 0).reason, REASON_CONN_RATE_SOURCE);
	assert_int_equal(gateway_events(gateway, EVENT_SOURCE_BANNED), 1);
	assert_int_equal(gateway->events[gateway->count - 2].notice.count, 60);
	assert_int_equal(gateway_send(gateway, '>', 40002, TCP_SYN, 1, 0, 0).reason, REASON_SOURCE_BANNED);
	assert_int_equal(ban_count(limits_ban(gateway->limits)), 1);
	gateway_wait(gateway, 61);
	assert_int_equal(gateway_events(gateway, EVENT_SOURCE_RELEASED), 1);
	assert_int_equal(gateway_send(gateway, '>', 40002, TCP_SYN, 1, 0, 0).verdict, VERDICT_ACCEPT);
	assert_int_equal(gateway_events(gateway, EVENT_SOURCE_BANNED), 1);
	gateway_close(gateway);
}

/* Where it is only watched or only logged, nobody is banned; nor is who is allowed. */
static void some_are_not_banned(void **state)
{
	static const uint8_t client[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [15] = 1 };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct gateway *gateway = limited();

		if (i == 0)
			gateway->settings.policy_mode = MODE_MONITOR;
		if (i == 1)
			gateway->settings.syn_flood_conn_action = LIMIT_LOG;
		if (i == 2) {
			gateway->settings.syn_flood_allow.count = 1;
			gateway->settings.syn_flood_allow.prefix[0].bits = 128;
			memcpy(gateway->settings.syn_flood_allow.prefix[0].address, client, 16);
		}
		gateway_start(gateway);
		for (uint16_t port = 0; port < 10; port++)
			gateway_handshake(gateway, (uint16_t)(40000 + port));
		assert_int_equal(engine_stats(gateway->engine)->reason_would_drop[REASON_CONN_RATE_SOURCE],
				 i == 0 ? 8 : 0);
		assert_int_equal(engine_stats(gateway->engine)->reason_accepted[REASON_CONN_RATE_SOURCE],
				 i == 1 ? 8 : 0);
		assert_int_equal(ban_count(limits_ban(gateway->limits)), 0);
		gateway_close(gateway);
	}
}

/* A service has its own limit, and its own time. */
static void limits_of_a_service(void **state)
{
	struct gateway *gateway = gateway_new();
	struct service *service = &gateway->services.service[0];

	(void)state;
	gateway->services.count = 1;
	service->settings = gateway->settings;
	service->ports = 1;
	service->port[0] = (struct port_range){ 80, 80 };
	service->settings.syn_flood_conn_count = 2;
	gateway_start(gateway);
	gateway_handshake(gateway, 40000);
	gateway_handshake(gateway, 40001);
	assert_int_equal(gateway_send(gateway, '>', 40002, TCP_SYN, 1, 0, 0).reason, REASON_CONN_COUNT_SOURCE);
	service->settings.syn_flood_conn_count = 0;
	engine_set_settings(gateway->engine, &gateway->settings, &gateway->services);
	assert_int_equal(gateway_send(gateway, '>', 40002, TCP_SYN, 1, 0, 0).verdict, VERDICT_ACCEPT);
	gateway_close(gateway);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flows_are_counted_exactly),
		cmocka_unit_test(half_open_flows_of_a_proven_source),
		cmocka_unit_test(overload_bans_for_a_while),
		cmocka_unit_test(some_are_not_banned),
		cmocka_unit_test(limits_of_a_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
