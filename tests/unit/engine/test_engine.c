/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine as its hosts see it: a whole connection, events, statistics, and that a drop leaves no trace (G-1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "gateway.h"

struct step {
	char dir;
	uint16_t flags;
	uint32_t seq, ack, len;
	enum phase phase;
	enum event_kind event; /* EVENT_COUNT: none */
};

/* The worked example: three segments open, four close, the server streams while half-closed. */
static const struct step connection[] = {
	{ '>', TCP_SYN, 1000, 0, 0, PHASE_SYN_SENT, EVENT_FLOW_NEW },
	{ '<', TCP_SYN | TCP_ACK, 5000, 1001, 0, PHASE_SYN_RECV, EVENT_FLOW_SYNACK },
	{ '>', TCP_ACK, 1001, 5001, 0, PHASE_ESTABLISHED, EVENT_FLOW_ESTABLISHED },
	{ '>', TCP_PSH | TCP_ACK, 1001, 5001, 200, PHASE_ESTABLISHED, EVENT_COUNT },
	{ '<', TCP_PSH | TCP_ACK, 5001, 1201, 300, PHASE_ESTABLISHED, EVENT_COUNT },
	{ '>', TCP_FIN | TCP_ACK, 1201, 5301, 0, PHASE_FIN_WAIT, EVENT_FLOW_FIN },
	{ '<', TCP_ACK, 5301, 1202, 0, PHASE_HALF_CLOSED, EVENT_FLOW_HALF_CLOSED },
	{ '<', TCP_PSH | TCP_ACK, 5301, 1202, 500, PHASE_HALF_CLOSED, EVENT_COUNT },
	{ '>', TCP_ACK, 1202, 5801, 0, PHASE_HALF_CLOSED, EVENT_COUNT },
	{ '<', TCP_FIN | TCP_ACK, 5801, 1202, 0, PHASE_LAST_ACK, EVENT_FLOW_LAST_ACK },
	{ '>', TCP_ACK, 1202, 5802, 0, PHASE_TIME_WAIT, EVENT_FLOW_TIME_WAIT },
};

#define STEPS (sizeof connection / sizeof connection[0])

static struct decision send_step(struct gateway *gateway, const struct step *step, uint16_t port)
{
	return gateway_send(gateway, step->dir, port, step->flags, step->seq, step->ack, step->len);
}

static void whole_connection(void **state)
{
	struct gateway *gateway = gateway_open();
	const struct flow_record *end;
	uint64_t id = 0;

	(void)state;
	for (unsigned i = 0; i < STEPS; i++) {
		unsigned before = gateway->count;
		struct decision decision = send_step(gateway, &connection[i], 40000);

		assert_int_equal(decision.verdict, VERDICT_ACCEPT);
		assert_true(decision.judged && decision.has_flow);
		assert_string_equal(phase_word(decision.phase), phase_word(connection[i].phase));
		assert_int_equal(decision.dir, connection[i].dir == '>' ? SIDE_CLIENT : SIDE_SERVER);
		assert_int_equal(decision.at.client_port, 40000);
		assert_int_equal(gateway->count - before, connection[i].event != EVENT_COUNT);
		if (gateway->count > before)
			assert_string_equal(event_word(gateway->events[before].kind), event_word(connection[i].event));
		id = i == 0 ? decision.flow_id : id;
		assert_true(decision.flow_id == id);
	}
	gateway_wait(gateway, 119);
	assert_int_equal(engine_stats(gateway->engine)->flows, 1);
	gateway_wait(gateway, 2);
	assert_int_equal(engine_stats(gateway->engine)->flows, 0);
	assert_int_equal(gateway->events[gateway->count - 1].kind, EVENT_FLOW_CLOSED);
	end = &gateway->events[gateway->count - 1].flow;
	assert_true(end->id == id);
	assert_int_equal(end->close_reason, CLOSE_FIN);
	assert_int_equal(end->closed_by, SIDE_CLIENT);
	assert_int_equal(end->conn_state, CONN_STATE_SF);
	assert_int_equal(end->end[SIDE_CLIENT].bytes, 200);
	assert_int_equal(end->end[SIDE_SERVER].bytes, 800);
	assert_int_equal(end->end[SIDE_CLIENT].packets, 6);
	assert_int_equal(end->end[SIDE_SERVER].packets, 5);
	assert_int_equal(end->handshake_us, 20000);
	assert_int_equal(histogram_count(&engine_stats(gateway->engine)->handshake), 1);
	assert_true(engine_stats(gateway->engine)->handshake.sum_ns == 20 * NS_PER_MS);
	assert_string_equal(end->history, "ShADdFaf");
	gateway_close(gateway);
}

static void statistics_add_up(void **state)
{
	struct gateway *gateway = gateway_open();
	const struct engine_stats *stats;
	uint64_t judged = 0;

	(void)state;
	for (uint16_t port = 1; port <= 20; port++)
		for (unsigned i = 0; i < STEPS && i < port; i++, judged++)
			send_step(gateway, &connection[i], (uint16_t)(40000 + port));
	gateway_send(gateway, '<', 40005, TCP_ACK, 5001, 99999, 0);
	gateway_send(gateway, '<', 50000, TCP_ACK, 1, 1, 0);
	stats = engine_stats(gateway->engine);
	assert_int_equal(stats->flows, 20);
	assert_int_equal(stats->half_open, 2);
	assert_int_equal(limits_half_open(gateway->limits), 2);
	assert_int_equal(stats->phase_flows[PHASE_SYN_SENT], 1);
	assert_int_equal(stats->phase_flows[PHASE_SYN_RECV], 1);
	assert_int_equal(stats->phase_flows[PHASE_ESTABLISHED], 3);
	assert_int_equal(stats->phase_flows[PHASE_FIN_WAIT], 1);
	assert_int_equal(stats->phase_flows[PHASE_HALF_CLOSED], 3);
	assert_int_equal(stats->phase_flows[PHASE_LAST_ACK], 1);
	assert_int_equal(stats->phase_flows[PHASE_TIME_WAIT], 10);
	assert_int_equal(stats->counter[COUNTER_PACKETS], judged + 2);
	assert_int_equal(stats->counter[COUNTER_ACCEPTED], judged);
	assert_int_equal(stats->counter[COUNTER_DROPPED], 2);
	assert_int_equal(stats->reason_dropped[REASON_ACK_HIGH], 1);
	assert_int_equal(stats->reason_dropped[REASON_NO_FLOW], 1);
	assert_int_equal(stats->counter[COUNTER_FLOWS_NEW], 20);
	assert_int_equal(stats->event[EVENT_FLOW_NEW], 20);
	engine_flush(gateway->engine, gateway->now_ns);
	stats = engine_stats(gateway->engine);
	assert_int_equal(stats->flows, 0);
	assert_int_equal(stats->half_open, 0);
	assert_int_equal(limits_half_open(gateway->limits), 0); /* */
	assert_int_equal(stats->counter[COUNTER_FLOWS_CLOSED], 20);
	for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
		assert_int_equal(stats->phase_flows[phase], 0);
	gateway_close(gateway);
}

/* G-1: at every step of a connection, what is dropped changes neither the record nor the timer. */
static void drop_leaves_no_trace(void **state)
{
	static const struct step hostile[] = {
		{ '>', TCP_ACK, 1001, 900000, 0, 0, 0 },
		{ '<', TCP_ACK, 5001, 900000, 10, 0, 0 },
		{ '>', TCP_ACK, 900000, 5001, 0, 0, 0 },
		{ '<', TCP_PSH | TCP_ACK, 900000, 1001, 10, 0, 0 },
		{ '>', TCP_RST, 900000, 0, 0, 0, 0 },
		{ '<', TCP_RST, 900000, 0, 0, 0, 0 },
		{ '<', TCP_RST | TCP_ACK, 900000, 900000, 0, 0, 0 },
		{ '>', TCP_FIN | TCP_ACK, 900000, 5001, 0, 0, 0 },
		{ '<', TCP_FIN | TCP_ACK, 5001, 900000, 0, 0, 0 },
		{ '>', TCP_SYN | TCP_ACK, 1000, 5001, 0, 0, 0 },
		{ '<', TCP_SYN | TCP_ACK, 7000, 900000, 0, 0, 0 },
	};
	unsigned dropped = 0;

	(void)state;
	for (unsigned stop = 1; stop <= STEPS; stop++)
		for (unsigned h = 0; h < sizeof hostile / sizeof hostile[0]; h++) {
			struct gateway *gateway = gateway_open();
			struct flow_record before, after;
			uint64_t left_before = 0, left_after = 0;
			struct decision decision;

			for (unsigned i = 0; i < stop; i++)
				send_step(gateway, &connection[i], 40000);
			memset(&before, 0, sizeof before);
			memset(&after, 0, sizeof after);
			assert_true(gateway_find(gateway, 40000, &before, &left_before));
			decision = send_step(gateway, &hostile[h], 40000);
			assert_true(gateway_find(gateway, 40000, &after, &left_after));
			if (decision.verdict == VERDICT_DROP) {
				dropped++;
				assert_int_equal(after.dropped, before.dropped + 1);
				after.dropped = before.dropped;
				assert_memory_equal(&after, &before, sizeof before);
				assert_true(left_before == left_after + 10 * NS_PER_MS);
			}
			gateway_close(gateway);
		}
	assert_true(dropped >= 100); /* of 121 */
}

static void flush_is_in_order_of_start(void **state)
{
	static const enum close_reason expected[] = {
		CLOSE_FLUSHED, CLOSE_FIN, CLOSE_RESET, CLOSE_FLUSHED, CLOSE_REFUSED,
	};
	struct gateway *gateway = gateway_open();
	unsigned before;

	(void)state;
	for (uint16_t i = 0; i < 5; i++)
		gateway_send(gateway, '>', (uint16_t)(40000 + i), TCP_SYN, 1000, 0, 0);
	gateway_send(gateway, '<', 40004, TCP_RST | TCP_ACK, 0, 1001, 0);
	gateway_handshake(gateway, 40002);
	gateway_send(gateway, '>', 40002, TCP_RST, 1001, 0, 0);
	for (unsigned i = 0; i < STEPS; i++)
		send_step(gateway, &connection[i], 40001);
	before = gateway->count;
	engine_flush(gateway->engine, gateway->now_ns);
	assert_int_equal(gateway->count - before, 5);
	for (unsigned i = 0; i < 5; i++) {
		const struct event *event = &gateway->events[before + i];

		assert_int_equal(event->kind, EVENT_FLOW_CLOSED);
		assert_int_equal(event->flow.at.client_port, 40000 + i);
		assert_string_equal(close_word(event->flow.close_reason), close_word(expected[i]));
	}
	engine_flush(gateway->engine, gateway->now_ns);
	assert_int_equal(gateway->count - before, 5);
	gateway_close(gateway);
}

struct seen {
	unsigned times[200];
	unsigned slice;
};

static void visit(void *context, const struct flow_record *record)
{
	struct seen *seen = context;

	seen->times[record->at.client_port - 40000]++;
	seen->slice++;
}

static void walk_meets_each_flow_once(void **state)
{
	struct gateway *gateway = gateway_open();
	struct seen seen = { .slice = 0 };
	uint32_t cursor = 0;
	unsigned slices = 0;
	bool more;

	(void)state;
	for (uint16_t i = 0; i < 200; i++)
		gateway_send(gateway, '>', (uint16_t)(40000 + i), TCP_SYN, i, 0, 0);
	do {
		seen.slice = 0;
		more = engine_walk(gateway->engine, &cursor, 16, visit, &seen);
		assert_in_range(seen.slice, 0, 16);
		slices++;
	} while (more && slices < 10000);
	assert_false(more);
	for (unsigned i = 0; i < 200; i++)
		assert_int_equal(seen.times[i], 1);
	gateway_close(gateway);
}

static void deadline_is_never_late(void **state)
{
	struct gateway *gateway = gateway_open();
	uint64_t deadline;

	(void)state;
	assert_true(engine_deadline(gateway->engine) == UINT64_MAX);
	gateway_send(gateway, '>', 40000, TCP_SYN, 1000, 0, 0);
	for (unsigned looks = 0; engine_stats(gateway->engine)->flows > 0; looks++) {
		assert_true(looks < 1000);
		deadline = engine_deadline(gateway->engine);
		assert_true(deadline != UINT64_MAX);
		gateway->now_ns = max_u64(gateway->now_ns, deadline);
		engine_expire(gateway->engine, gateway->now_ns);
	}
	assert_in_range(gateway->now_ns, 120 * NS_PER_S, 122 * NS_PER_S);
	assert_int_equal(gateway->events[gateway->count - 1].flow.close_reason, CLOSE_TIMEOUT);
	assert_true(engine_deadline(gateway->engine) == UINT64_MAX);
	gateway_close(gateway);
}

/* M-14: a drop passes and changes nothing; over a limit the SYN makes its flow, and counts once. */
static void monitor_mode(void **state)
{
	struct gateway *gateway = gateway_new();
	const struct engine_stats *stats;
	struct decision decision;

	(void)state;
	gateway->settings.policy_mode = MODE_MONITOR;
	gateway->settings.syn_flood_source_rate = 1;
	gateway->settings.syn_flood_source_burst = 1;
	gateway_start(gateway);
	gateway_handshake(gateway, 40000);
	decision = gateway_send(gateway, '<', 40000, TCP_ACK, 5001, 9999, 0);
	assert_int_equal(decision.verdict, VERDICT_ACCEPT);
	assert_true(decision.would_drop);
	assert_int_equal(decision.reason, REASON_ACK_HIGH);
	gateway->settings.syn_flood_proven_time = 1;
	engine_set_settings(gateway->engine, &gateway->settings, NULL);
	gateway->now_ns += 10 * NS_PER_S; /* the source is not proven any more */
	assert_false(gateway_send(gateway, '>', 40001, TCP_SYN, 1000, 0, 0).would_drop);
	decision = gateway_send(gateway, '>', 40002, TCP_SYN, 1000, 0, 0);
	assert_int_equal(decision.verdict, VERDICT_ACCEPT);
	assert_true(decision.would_drop && decision.has_flow);
	assert_int_equal(decision.reason, REASON_SYN_RATE_SOURCE);
	assert_false(gateway_send(gateway, '<', 40002, TCP_SYN | TCP_ACK, 5000, 1001, 0).would_drop);
	stats = engine_stats(gateway->engine);
	assert_int_equal(stats->counter[COUNTER_DROPPED], 0);
	assert_int_equal(stats->counter[COUNTER_WOULD_DROP], 2);
	assert_int_equal(stats->flows, 3);
	gateway_close(gateway);
}

static void limit_drops_and_names_the_source(void **state)
{
	struct gateway *gateway = gateway_new();
	struct decision decision;
	unsigned limited = 0;

	(void)state;
	gateway->settings.syn_flood_source_rate = 1;
	gateway->settings.syn_flood_source_burst = 5;
	gateway_start(gateway);
	for (uint16_t i = 0; i < 5; i++)
		assert_int_equal(gateway_send(gateway, '>', (uint16_t)(40000 + i), TCP_SYN, 1, 0, 0).verdict,
				 VERDICT_ACCEPT);
	decision = gateway_send(gateway, '>', 40005, TCP_SYN, 1, 0, 0);
	assert_int_equal(decision.verdict, VERDICT_DROP);
	assert_int_equal(decision.reason, REASON_SYN_RATE_SOURCE);
	assert_false(decision.has_flow);
	assert_int_equal(engine_stats(gateway->engine)->flows, 5);
	for (unsigned i = 0; i < gateway->count; i++)
		if (gateway->events[i].kind == EVENT_SOURCE_LIMITED) {
			limited++;
			assert_int_equal(gateway->events[i].notice.prefix_bits, 128);
			assert_int_equal(gateway->events[i].notice.prefix[15], 1);
		}
	assert_int_equal(limited, 1);
	gateway_close(gateway);
}

/* K-9: flood mode does not cut the connections that already run when the gateway starts. */
static void flood_mode_spares_pickups(void **state)
{
	struct gateway *gateway = gateway_new();
	struct decision decision;

	(void)state;
	gateway->settings.tracking_pickup = PICKUP_WARMUP;
	gateway->settings.syn_flood_start_percent = 1;
	gateway_start(gateway);
	for (uint16_t i = 0; i < 11; i++)
		gateway_send(gateway, '>', (uint16_t)(2000 + i), TCP_SYN, 1, 0, 0);
	assert_true(limits_flood(gateway->limits));
	decision = gateway_send(gateway, '>', 9000, TCP_SYN, 1, 0, 0);
	assert_int_equal(decision.reason, REASON_FIRST_SYN);
	decision = gateway_send(gateway, '>', 9001, TCP_ACK, 7000, 8000, 100);
	assert_int_equal(decision.verdict, VERDICT_ACCEPT);
	assert_int_equal(decision.phase, PHASE_PICKUP);
	gateway_close(gateway);
}

static void others_pass_untouched(void **state)
{
	struct gateway *gateway = gateway_open();
	struct packet packet = { .kind = PACKET_OTHER };
	struct decision decision = engine_input_packet(gateway->engine, &packet, 0);

	(void)state;
	assert_int_equal(decision.verdict, VERDICT_ACCEPT);
	assert_false(decision.judged);
	assert_int_equal(engine_stats(gateway->engine)->counter[COUNTER_OTHER], 1);
	assert_int_equal(gateway->count, 0);
	gateway_close(gateway);
}

/* a full table evicts what is least of use, and never an assured connection that is in use. */
static void full_table_evicts_the_unanswered(void **state)
{
	struct gateway *gateway = gateway_new();
	const struct event *closed;

	(void)state;
	gateway->settings.syn_flood_half_open_total = 0;
	gateway->settings.syn_flood_mode_action = LIMIT_LOG;
	gateway_start(gateway);
	gateway_handshake(gateway, 1000);
	for (uint16_t i = 0; i < 1023; i++)
		assert_int_equal(gateway_send(gateway, '>', (uint16_t)(2000 + i), TCP_SYN, 1, 0, 0).verdict,
				 VERDICT_ACCEPT);
	assert_int_equal(engine_stats(gateway->engine)->flows, 1024);
	assert_int_equal(gateway_send(gateway, '>', 9000, TCP_SYN, 1, 0, 0).verdict, VERDICT_ACCEPT);
	assert_int_equal(engine_stats(gateway->engine)->flows, 1024);
	closed = NULL;
	for (unsigned i = 0; i < gateway->count; i++)
		if (gateway->events[i].kind == EVENT_FLOW_CLOSED)
			closed = &gateway->events[i];
	assert_non_null(closed);
	assert_int_equal(closed->flow.close_reason, CLOSE_EVICTED);
	assert_int_equal(closed->flow.at.client_port, 2000); /* the oldest */
	assert_int_equal(limits_half_open(gateway->limits), 1023);
	gateway_close(gateway);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_connection),	     cmocka_unit_test(statistics_add_up),
		cmocka_unit_test(drop_leaves_no_trace),	     cmocka_unit_test(flush_is_in_order_of_start),
		cmocka_unit_test(walk_meets_each_flow_once), cmocka_unit_test(deadline_is_never_late),
		cmocka_unit_test(monitor_mode),		     cmocka_unit_test(limit_drops_and_names_the_source),
		cmocka_unit_test(flood_mode_spares_pickups),
		cmocka_unit_test(others_pass_untouched),     cmocka_unit_test(full_table_evicts_the_unanswered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
