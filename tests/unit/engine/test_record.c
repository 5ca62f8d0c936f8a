/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a connection leaves behind: outcome, history (E-1 to E-4), its events and their counters (E-5 to E-7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway.h"

#define PORT   40000
#define SYN    TCP_SYN
#define SYNACK (TCP_SYN | TCP_ACK)
#define ACK    TCP_ACK
#define FIN    (TCP_FIN | TCP_ACK)
#define RST    TCP_RST
#define RSTACK (TCP_RST | TCP_ACK)

struct step {
	char dir; /* '>' or '<'; 0: the end */
	uint16_t flags;
	uint32_t seq, ack, len;
};

#define OPEN { '>', SYN, 1000, 0, 0 }, { '<', SYNACK, 5000, 1001, 0 }, { '>', ACK, 1001, 5001, 0 }

/* A connection, how it ended (E-1) and its letters (E-2). */
struct story {
	struct step steps[12];
	enum conn_state outcome;
	const char *history;
};

static const struct story stories[] = {
	{ { { '>', SYN, 1000, 0, 0 }, { '>', SYN, 1000, 0, 0 } }, CONN_STATE_S0, "S" },
	{ { { '>', SYN, 1000, 0, 0 }, { '>', SYN, 2000, 0, 0 } }, CONN_STATE_S0, "SS" },
	{ { { '>', SYN, 1000, 0, 0 }, { '>', RST, 1000, 0, 0 } }, CONN_STATE_RSTOS0, "SR" },
	{ { { '>', SYN, 1000, 0, 0 }, { '<', RSTACK, 0, 1001, 0 } }, CONN_STATE_REJ, "Sr" },
	{ { { '>', SYN, 1000, 0, 0 }, { '<', SYNACK, 5000, 1001, 0 } }, CONN_STATE_S1, "Sh" },
	{ { OPEN }, CONN_STATE_S1, "ShA" },
	{ { OPEN, { '<', RST, 5001, 0, 0 }, { '<', RST, 5001, 0, 0 } }, CONN_STATE_RSTR, "ShAr" },
	{ { OPEN, { '>', RST, 1001, 0, 0 } }, CONN_STATE_RSTO, "ShAR" },
	{ { OPEN, { '>', FIN, 1001, 5001, 0 }, { '<', ACK, 5001, 1002, 0 } }, CONN_STATE_S2, "ShAFa" },
	{ { OPEN, { '<', FIN, 5001, 1001, 0 }, { '>', ACK, 1001, 5002, 0 } }, CONN_STATE_S3, "ShAf" },
	{ { OPEN, { '>', FIN, 1001, 5001, 0 }, { '<', FIN, 5001, 1002, 0 } }, CONN_STATE_SF, "ShAFf" },
	/* a RST behind both FINs changes nothing about the outcome */
	{ { OPEN, { '>', FIN, 1001, 5001, 0 }, { '<', FIN, 5001, 1002, 0 }, { '>', RST, 1002, 0, 0 } },
	  CONN_STATE_SF, "ShAFfR" },
	/* data, what came again, what was acknowledged unseen */
	{ { OPEN, { '>', ACK, 1001, 5001, 10 }, { '<', ACK, 5001, 1011, 10 }, { '>', ACK, 1001, 5001, 10 } },
	  CONN_STATE_S1, "ShADdT" },
	{ { OPEN, { '>', ACK, 1101, 5001, 10 }, { '<', ACK, 5001, 1111, 0 } }, CONN_STATE_S1, "ShADaG" },
	/* again with another number only: a RST behind both FINs, a SYN that pends, a SYN+ACK that is kept */
	{ { OPEN, { '>', FIN, 1001, 5001, 0 }, { '<', FIN, 5001, 1002, 0 }, { '>', ACK, 1002, 5002, 0 },
	    { '>', RST, 1002, 0, 0 }, { '>', RST, 1002, 0, 0 }, { '>', RST, 1001, 0, 0 }, { '>', RST, 1001, 0, 0 } },
	  CONN_STATE_SF, "ShAFfRR" },
	{ { OPEN, { '>', SYN, 9000, 0, 0 }, { '>', SYN, 9000, 0, 0 } }, CONN_STATE_S1, "ShAS" },
	{ { { '>', SYN, 1000, 0, 0 }, { '<', SYNACK, 5000, 1001, 0 }, { '<', SYNACK, 6000, 1001, 0 },
	    { '<', SYNACK, 6000, 1001, 0 } }, CONN_STATE_S1, "Shh" },
	/* a SYN on what is over has a record of its own, a late copy of the one that opened it has not */
	{ { OPEN, { '>', FIN, 1001, 5001, 0 }, { '<', FIN, 5001, 1002, 0 }, { '>', ACK, 1002, 5002, 0 },
	    { '>', SYN, 90000, 0, 0 }, { '>', SYN, 1000, 0, 0 }, { '<', SYNACK, 70000, 90001, 0 } },
	  CONN_STATE_S1, "Sh" },
	{ { OPEN, { '>', FIN, 1001, 5001, 0 }, { '<', FIN, 5001, 1002, 0 }, { '>', ACK, 1002, 5002, 0 },
	    { '>', SYN, 90000, 0, 0 } }, CONN_STATE_SF, "ShAFf" },
	/* both SYN+ACKs of a simultaneous open */
	{ { { '>', SYN, 1000, 0, 0 }, { '<', SYN, 5000, 0, 0 }, { '>', SYNACK, 1000, 5001, 0 },
	    { '>', SYNACK, 1000, 5001, 0 }, { '<', SYNACK, 5000, 1001, 0 } }, CONN_STATE_S1, "SsHh" },
	/* met in the middle: who began is a guess */
	{ { { '>', ACK, 1001, 5001, 10 }, { '<', ACK, 5001, 1011, 0 } }, CONN_STATE_OTH, "^Da" },
	{ { { '>', ACK, 1001, 5001, 10 }, { '>', FIN, 1011, 5001, 0 }, { '<', FIN, 5001, 1012, 0 } },
	  CONN_STATE_SF, "^DFf" },
	{ { { '<', SYNACK, 5000, 1001, 0 }, { '<', RST, 5001, 0, 0 } }, CONN_STATE_RSTRH, "^hr" },
	{ { { '<', SYNACK, 5000, 1001, 0 }, { '<', FIN, 5001, 1001, 0 } }, CONN_STATE_SHR, "^hf" },
};

static void every_outcome_and_history(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) {
		const struct story *story = &stories[i];
		struct gateway *gateway = gateway_new();
		struct flow_record record;
		uint64_t left_ns;

		gateway->settings.tracking_pickup = PICKUP_OBSERVE;
		gateway_start(gateway);
		for (const struct step *step = story->steps; step->dir != 0; step++)
			gateway_send(gateway, step->dir, PORT, step->flags, step->seq, step->ack, step->len);
		assert_true(gateway_find(gateway, PORT, &record, &left_ns));
		if (record.conn_state != story->outcome || strcmp(record.history, story->history) != 0)
			fail_msg("story %zu: %s %s, not %s %s", i, conn_state_word(record.conn_state), record.history,
				 conn_state_word(story->outcome), story->history);
		gateway_close(gateway);
	}
}

/* Sends a segment with a finding of the decoder. */
static void send_found(struct gateway *gateway, char dir, uint16_t flags, enum reason finding)
{
	struct packet packet = gateway_packet(dir, PORT, flags, 1001, 5001, 0);

	packet.findings = reason_bit(finding);
	assert_int_equal(engine_input_packet(gateway->engine, &packet, gateway->now_ns).verdict, VERDICT_DROP);
}

static const char *history_of(const struct gateway *gateway)
{
	static struct flow_record record;
	uint64_t left_ns;

	assert_true(gateway_find(gateway, PORT, &record, &left_ns));
	return record.history;
}

/* E-3: letters of what was dropped; c at 1, 10 and 100. */
static void dropped_segments_leave_letters(void **state)
{
	struct gateway *gateway = gateway_open();

	(void)state;
	gateway_handshake(gateway, PORT);
	send_found(gateway, '>', TCP_FIN | TCP_RST, REASON_BAD_FLAGS);
	send_found(gateway, '<', TCP_SYN | TCP_FIN, REASON_BAD_FLAGS);
	send_found(gateway, '<', TCP_SYN | TCP_RST, REASON_BAD_FLAGS);
	assert_string_equal(history_of(gateway), "ShAIq");
	for (int i = 1; i <= 100; i++) {
		send_found(gateway, '>', ACK, REASON_BAD_CHECKSUM);
		if (i == 9)
			assert_string_equal(history_of(gateway), "ShAIqC");
		if (i == 10)
			assert_string_equal(history_of(gateway), "ShAIqCC");
	}
	assert_string_equal(history_of(gateway), "ShAIqCCC");
	gateway_close(gateway);
}

/* E-2: a window that closes again and again. */
static void closed_windows_are_counted(void **state)
{
	struct gateway *gateway = gateway_open();

	(void)state;
	gateway_handshake(gateway, PORT);
	for (int i = 0; i < 20; i++) {
		struct packet packet = gateway_packet('<', PORT, ACK, 5001, 1001, 0);

		packet.segment.window = i % 2 == 0 ? 0 : 1000;
		gateway->now_ns += NS_PER_S;
		engine_input_packet(gateway->engine, &packet, gateway->now_ns);
	}
	assert_string_equal(history_of(gateway), "ShAaww");
	gateway_close(gateway);
}

/* E-2: x, once, where something of the connection went past us. */
static void what_went_past_is_partial(void **state)
{
	struct gateway *gateway = gateway_open();

	(void)state;
	gateway_handshake(gateway, PORT);
	engine_blind(gateway->engine, gateway->now_ns);
	gateway_send(gateway, '>', PORT, ACK, 1001, 9001, 0);
	assert_string_equal(history_of(gateway), "ShAxg");
	gateway_send(gateway, '<', PORT, ACK, 9001, 3001, 0);
	assert_string_equal(history_of(gateway), "ShAxgaG");
	gateway_close(gateway);
}

/* E-4 */
static void history_ends_after_sixteen(void **state)
{
	struct gateway *gateway = gateway_open();

	(void)state;
	for (uint32_t i = 0; i < 20; i++) {
		gateway->now_ns += NS_PER_S;
		gateway_send(gateway, '>', PORT, SYN, 1000 + i * 1000, 0, 0);
	}
	assert_string_equal(history_of(gateway), "SSSSSSSSSSSSSSSS");
	gateway_close(gateway);
}

/* E-5: whoever writes them or not. */
static void every_event_is_counted(void **state)
{
	struct gateway *gateway = gateway_new();

	(void)state;
	gateway->settings.log_level = SEVERITY_ERR;
	gateway_start(gateway);
	gateway_handshake(gateway, PORT);
	gateway_send(gateway, '>', PORT, FIN, 1001, 5001, 0);
	gateway_send(gateway, '<', PORT, RST, 5001, 0, 0);
	gateway_send(gateway, '<', PORT, SYNACK, 77, 77, 0);
	gateway_wait(gateway, 20);
	for (int kind = 0; kind < EVENT_COUNT; kind++) {
		assert_non_null(event_table[kind].word);
		assert_true(event_table[kind].severity <= SEVERITY_DEBUG);
		assert_int_equal(engine_stats(gateway->engine)->event[kind],
				 gateway_events(gateway, (enum event_kind)kind));
	}
	assert_int_equal(gateway_events(gateway, EVENT_FLOW_CLOSED), 1);
	gateway_close(gateway);
}

/* E-6: ten lines of a reason, then silence; the next line says how many were not written. */
static void lines_about_drops_are_limited(void **state)
{
	struct gateway *gateway = gateway_open();

	(void)state;
	gateway_handshake(gateway, PORT);
	for (int i = 0; i < 25; i++) {
		struct packet packet = gateway_packet('<', PORT, ACK, 5001, 9999, 0);

		engine_input_packet(gateway->engine, &packet, gateway->now_ns);
	}
	assert_int_equal(gateway_events(gateway, EVENT_PACKET_DROPPED), 10);
	/* another reason has its own ten */
	gateway_send(gateway, '<', PORT, RST, 42, 0, 0);
	assert_int_equal(gateway_events(gateway, EVENT_PACKET_DROPPED), 11);
	assert_int_equal(gateway->events[gateway->count - 1].drop.suppressed, 0);
	gateway->now_ns += NS_PER_S;
	gateway_send(gateway, '<', PORT, ACK, 5001, 9999, 0);
	assert_int_equal(gateway->events[gateway->count - 1].drop.reason, REASON_ACK_HIGH);
	assert_int_equal(gateway->events[gateway->count - 1].drop.suppressed, 15);
	assert_int_equal(engine_stats(gateway->engine)->reason_dropped[REASON_ACK_HIGH], 26);
	gateway_close(gateway);
}

/* E-6: at the end nothing is left unsaid: a line for each reason, once. */
static void the_end_tells_what_was_left_out(void **state)
{
	struct gateway *gateway = gateway_open();
	const struct event *last;

	(void)state;
	gateway_handshake(gateway, PORT);
	for (int i = 0; i < 25; i++) {
		struct packet packet = gateway_packet('<', PORT, ACK, 5001, 9999, 0);

		engine_input_packet(gateway->engine, &packet, gateway->now_ns);
	}
	gateway_send(gateway, '<', PORT, RST, 42, 0, 0);
	engine_flush(gateway->engine, gateway->now_ns);
	assert_int_equal(gateway_events(gateway, EVENT_PACKET_DROPPED), 12);
	last = &gateway->events[gateway->count - 1];
	assert_int_equal(last->kind, EVENT_PACKET_DROPPED);
	assert_int_equal(last->drop.reason, REASON_ACK_HIGH);
	assert_int_equal(last->drop.suppressed, 15);
	assert_int_equal(last->drop.at.family, 0);
	assert_false(last->drop.has_segment);
	engine_flush(gateway->engine, gateway->now_ns);
	assert_int_equal(gateway_events(gateway, EVENT_PACKET_DROPPED), 12);
	gateway_close(gateway);
}

/* E-7: what flow-reset says is what flow-closed will say. */
static void a_reset_names_its_reason(void **state)
{
	static const struct {
		struct step steps[5];
		enum close_reason reason;
	} cases[] = {
		{ { OPEN, { '<', RST, 5001, 0, 0 } }, CLOSE_RESET },
		{ { { '>', SYN, 1000, 0, 0 }, { '<', RSTACK, 0, 1001, 0 } }, CLOSE_REFUSED },
		{ { { '>', SYN, 1000, 0, 0 }, { '>', RST, 1001, 0, 0 } }, CLOSE_ABORTED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct gateway *gateway = gateway_open();

		for (const struct step *step = cases[i].steps; step->dir != 0; step++)
			gateway_send(gateway, step->dir, PORT, step->flags, step->seq, step->ack, step->len);
		assert_int_equal(gateway->events[gateway->count - 1].kind, EVENT_FLOW_RESET);
		assert_int_equal(gateway->events[gateway->count - 1].flow.close_reason, cases[i].reason);
		gateway_wait(gateway, 12);
		assert_int_equal(gateway->events[gateway->count - 1].kind, EVENT_FLOW_CLOSED);
		assert_int_equal(gateway->events[gateway->count - 1].flow.close_reason, cases[i].reason);
		gateway_close(gateway);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_outcome_and_history),  cmocka_unit_test(dropped_segments_leave_letters),
		cmocka_unit_test(closed_windows_are_counted), cmocka_unit_test(what_went_past_is_partial),
		cmocka_unit_test(history_ends_after_sixteen), cmocka_unit_test(every_event_is_counted),
		cmocka_unit_test(lines_about_drops_are_limited), cmocka_unit_test(a_reset_names_its_reason),
		cmocka_unit_test(the_end_tells_what_was_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
