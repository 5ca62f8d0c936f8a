/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services: what holds for a flow by its server, over a reload too, and the reserve of the table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "gateway.h"

/* A service by the port of its server; the connections of the gateway go to port 80. */
static struct service *add_service(struct gateway *gateway, const char *name, uint16_t port)
{
	struct service *service = &gateway->services.service[gateway->services.count++];

	strcpy(service->name, name);
	service->ports = 1;
	service->port[0] = (struct port_range){ port, port };
	service->settings = gateway->settings;
	return service;
}

static struct decision send_to(struct gateway *gateway, uint16_t port, uint16_t server_port, uint16_t flags,
			       uint32_t seq, uint32_t ack)
{
	struct packet packet = gateway_packet('>', port, flags, seq, ack, 0);

	packet.dst_port = server_port;
	return engine_input_packet(gateway->engine, &packet, gateway->now_ns);
}

/* M-14: one service is only watched. */
static void monitor_is_of_a_service(void **state)
{
	struct gateway *gateway = gateway_new();
	struct decision decision;

	(void)state;
	add_service(gateway, "watched", 80)->settings.policy_mode = MODE_MONITOR;
	gateway_start(gateway);
	gateway_handshake(gateway, 40000);
	decision = gateway_send(gateway, '<', 40000, TCP_ACK, 5001, 99999, 0);
	assert_int_equal(decision.reason, REASON_ACK_HIGH);
	assert_true(decision.would_drop && decision.verdict == VERDICT_ACCEPT);
	decision = gateway_send(gateway, '>', 41000, TCP_ACK, 1, 1, 0); /* no flow, either direction */
	assert_true(decision.would_drop && decision.reason == REASON_NO_FLOW);
	decision = gateway_send(gateway, '<', 41000, TCP_ACK, 1, 1, 0);
	assert_true(decision.would_drop && decision.reason == REASON_NO_FLOW);
	decision = send_to(gateway, 41000, 81, TCP_ACK, 1, 1);
	assert_int_equal(decision.verdict, VERDICT_DROP);
	gateway_close(gateway);
}

/* a source has a bucket with every service. */
static void limits_are_of_a_service(void **state)
{
	struct gateway *gateway = gateway_new();
	struct settings *web;
	unsigned web_passed = 0, other_passed = 0;

	(void)state;
	gateway->settings.syn_flood_source_rate = 1;
	gateway->settings.syn_flood_source_burst = 5;
	web = &add_service(gateway, "web", 80)->settings;
	web->syn_flood_source_burst = 3;
	add_service(gateway, "free", 82)->settings.syn_flood_source_rate = 0;
	gateway_start(gateway);
	for (uint16_t i = 0; i < 20; i++) {
		web_passed += send_to(gateway, (uint16_t)(40000 + i), 80, TCP_SYN, 1, 0).verdict == VERDICT_ACCEPT;
		other_passed += send_to(gateway, (uint16_t)(40000 + i), 81, TCP_SYN, 1, 0).verdict == VERDICT_ACCEPT;
		assert_int_equal(send_to(gateway, (uint16_t)(40000 + i), 82, TCP_SYN, 1, 0).verdict, VERDICT_ACCEPT);
	}
	assert_int_equal(web_passed, 3);
	assert_int_equal(other_passed, 5);
	gateway_close(gateway);
}

/* A reload: flows stay and find their service anew, by a packet or by the sweep; gauges stay exact. */
static void reload_finds_services_anew(void **state)
{
	struct gateway *gateway = gateway_new();
	struct decision decision;

	(void)state;
	add_service(gateway, "none", 9);
	add_service(gateway, "web", 80)->settings.tracking_window = WINDOW_LIBERAL;
	gateway_start(gateway);
	gateway_handshake(gateway, 40000);
	for (uint16_t i = 1; i <= 10; i++)
		gateway_send(gateway, '>', (uint16_t)(40000 + i), TCP_SYN, 1000, 0, 0);
	decision = gateway_send(gateway, '<', 40000, TCP_ACK, 5001, 99999, 0);
	assert_int_equal(decision.verdict, VERDICT_ACCEPT); /* M-5 liberal */
	gateway->services.count = 0;
	add_service(gateway, "web", 80)->settings.tracking_window = WINDOW_STRICT;
	engine_set_settings(gateway->engine, &gateway->settings, &gateway->services);
	decision = gateway_send(gateway, '<', 40000, TCP_ACK, 5001, 199999, 0);
	assert_int_equal(decision.verdict, VERDICT_DROP);
	gateway_wait(gateway, 2);
	assert_int_equal(limits_half_open(gateway->limits), 10);
	engine_set_settings(gateway->engine, &gateway->settings, NULL);
	gateway_wait(gateway, 2);
	engine_flush(gateway->engine, gateway->now_ns);
	assert_int_equal(limits_half_open(gateway->limits), 0);
	gateway_close(gateway);
}

/* the mode of a destination begins and ends by what its service says, also after a reload. */
static void flood_mode_is_of_a_service(void **state)
{
	struct gateway *gateway = gateway_new();
	struct floods *floods;

	(void)state;
	gateway->settings.syn_flood_destination_start = 0;
	add_service(gateway, "web", 80)->settings.syn_flood_destination_start = 10;
	gateway_start(gateway);
	floods = limits_floods(gateway->limits);
	for (uint16_t i = 0; i < 20; i++) {
		gateway_send(gateway, '>', (uint16_t)(40000 + i), TCP_SYN, 1, 0, 0);
		send_to(gateway, (uint16_t)(40000 + i), 81, TCP_SYN, 1, 0);
	}
	assert_int_equal(floods->count, 1);
	gateway_wait(gateway, gateway->settings.syn_flood_hold + 5);
	assert_int_equal(floods->count, 1); /* the half-open flows are there still */
	gateway->services.service[0].settings.syn_flood_destination_start = 0;
	engine_set_settings(gateway->engine, &gateway->settings, &gateway->services);
	gateway_wait(gateway, gateway->settings.syn_flood_hold + 5);
	assert_int_equal(floods->count, 0);
	gateway_close(gateway);
}

/* what is reserved stays free for its service, and others do not push its flows out. */
static void reserve_is_kept(void **state)
{
	struct gateway *gateway = gateway_new();
	unsigned evicted = 0;

	(void)state;
	gateway->settings.tracking_max_flows = 1024;
	gateway->settings.syn_flood_half_open_total = 0;
	gateway->settings.syn_flood_mode_action = LIMIT_LOG;
	add_service(gateway, "vip", 80)->reserve = 10; /* 102 flows */
	gateway_start(gateway);
	for (uint16_t i = 0; i < 2000; i++)
		send_to(gateway, (uint16_t)(20000 + i), 81, TCP_SYN, 1, 0);
	assert_int_equal(engine_stats(gateway->engine)->flows, 1024 - 102);
	for (uint16_t i = 0; i < 102; i++)
		assert_int_equal(send_to(gateway, (uint16_t)(20000 + i), 80, TCP_SYN, 1, 0).verdict, VERDICT_ACCEPT);
	assert_int_equal(engine_stats(gateway->engine)->flows, 1024);
	gateway->count = 0;
	for (uint16_t i = 0; i < 1500; i++)
		send_to(gateway, (uint16_t)(30000 + i), 81, TCP_SYN, 1, 0);
	for (unsigned i = 0; i < gateway->count; i++) {
		const struct event *event = &gateway->events[i];

		if (event->kind != EVENT_FLOW_CLOSED)
			continue;
		evicted++;
		assert_int_equal(event->flow.close_reason, CLOSE_EVICTED);
		assert_int_equal(event->flow.at.server_port, 81);
	}
	assert_in_range(evicted, 1500 - 102 / 16 - 1, 1500); /* a look at 16 of a class may find reserved ones only */
	gateway_close(gateway);
}

/* E-6: a noisy service does not use up the lines of the others. */
static void lines_are_of_a_service(void **state)
{
	struct gateway *gateway = gateway_new();
	unsigned before;

	(void)state;
	add_service(gateway, "noisy", 80);
	gateway_start(gateway);
	for (uint16_t i = 0; i < 200; i++)
		send_to(gateway, (uint16_t)(20000 + i), 80, TCP_ACK, 1, 1);
	before = gateway->count;
	send_to(gateway, 30000, 80, TCP_ACK, 1, 1);
	assert_int_equal(gateway->count, before);
	send_to(gateway, 30000, 81, TCP_ACK, 1, 1);
	assert_int_equal(gateway->count, before + 1);
	assert_int_equal(gateway->events[before].kind, EVENT_PACKET_DROPPED);
	assert_int_equal(gateway->events[before].drop.suppressed, 0);
	gateway_close(gateway);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(monitor_is_of_a_service),
		cmocka_unit_test(limits_are_of_a_service),
		cmocka_unit_test(reload_finds_services_anew),
		cmocka_unit_test(flood_mode_is_of_a_service),
		cmocka_unit_test(reserve_is_kept),
		cmocka_unit_test(lines_are_of_a_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
