/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The phase of each of the 25 pairs of ends, F-1 to F-5, and the outcome of a flow (E-1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tcp/conn.h"

static void all_pairs(void **state)
{
	/* by client and server end: NONE, SYN_SENT, OPEN, FIN_SENT, FIN_ACKED */
	static const char *const table[END_STATE_COUNT][END_STATE_COUNT] = {
		{ "-", "-", "-", "-", "-" },
		{ "SYN_SENT", "SYN_SENT2", "SYN_RECV", "SYN_RECV", "-" },
		{ "-", "SYN_RECV", "ESTABLISHED", "FIN_WAIT", "HALF_CLOSED" },
		{ "-", "SYN_RECV", "FIN_WAIT", "CLOSING", "LAST_ACK" },
		{ "-", "-", "HALF_CLOSED", "LAST_ACK", "TIME_WAIT" },
	};

	(void)state;
	for (unsigned client = 0; client < END_STATE_COUNT; client++)
		for (unsigned server = 0; server < END_STATE_COUNT; server++)
			assert_string_equal(phase_word(tcp_phase_of(client, server)), table[client][server]);
}

static struct tcp_conn conn_of(enum end_state client, enum end_state server)
{
	struct tcp_conn conn = { .close_reason = CLOSE_NONE };

	conn.end[SIDE_CLIENT].state = (uint8_t)client;
	conn.end[SIDE_SERVER].state = (uint8_t)server;
	conn.phase = (uint8_t)tcp_phase_of(client, server);
	return conn;
}

static void half_names_the_closed_end(void **state)
{
	struct tcp_conn conn = conn_of(END_FIN_ACKED, END_OPEN);

	(void)state;
	assert_int_equal(tcp_half(&conn), SIDE_CLIENT);
	conn = conn_of(END_OPEN, END_FIN_ACKED);
	assert_int_equal(tcp_half(&conn), SIDE_SERVER);
	for (unsigned client = END_SYN_SENT; client < END_STATE_COUNT; client++)
		for (unsigned server = 0; server < END_STATE_COUNT; server++) {
			conn = conn_of(client, server);
			if (conn.phase != PHASE_HALF_CLOSED && conn.phase != PHASE_COUNT)
				assert_int_equal(tcp_half(&conn), SIDE_NONE);
		}
}

static void half_open_phases(void **state)
{
	static const enum phase half_open[] = { PHASE_SYN_SENT, PHASE_SYN_SENT2, PHASE_SYN_RECV };
	enum side by;

	(void)state;
	for (unsigned phase = 0; phase < PHASE_COUNT; phase++) {
		struct tcp_conn conn = { .phase = (uint8_t)phase };
		bool expected = false;

		for (unsigned i = 0; i < 3; i++)
			expected |= half_open[i] == phase;
		assert_int_equal(tcp_is_half_open(&conn, NULL, &by), expected);
		assert_int_equal(by, SIDE_CLIENT);
	}
}

/* F-2: a shadow on TIME_WAIT prints SYN_SENT and counts as half-open, for its sender. */
static void reopening_prints_syn_sent(void **state)
{
	struct tcp_conn conn = conn_of(END_FIN_ACKED, END_FIN_ACKED);
	struct tcp_extra extra;
	enum side by;

	(void)state;
	tcp_extra_init(&extra);
	assert_int_equal(tcp_phase(&conn), PHASE_TIME_WAIT);
	assert_false(tcp_is_half_open(&conn, &extra, &by));
	conn.flags |= CONN_REOPENING;
	extra.shadow_from = SIDE_SERVER;
	assert_int_equal(tcp_phase(&conn), PHASE_SYN_SENT);
	assert_true(tcp_is_half_open(&conn, &extra, &by));
	assert_int_equal(by, SIDE_SERVER);
	assert_int_equal(tcp_half(&conn), SIDE_NONE);
}

static void outcome(void **state)
{
	static const struct {
		enum end_state client, server;
		uint16_t client_end_flags, server_end_flags;
		uint32_t flags;
		enum conn_state expected;
	} cases[] = {
		{ END_SYN_SENT, END_NONE, 0, 0, 0, CONN_STATE_S0 },
		{ END_OPEN, END_SYN_SENT, 0, 0, 0, CONN_STATE_S1 },
		{ END_OPEN, END_OPEN, 0, 0, 0, CONN_STATE_S1 },
		{ END_FIN_SENT, END_OPEN, END_HAS_FIN, 0, 0, CONN_STATE_S2 },
		{ END_OPEN, END_FIN_ACKED, 0, END_HAS_FIN, 0, CONN_STATE_S3 },
		{ END_FIN_ACKED, END_FIN_ACKED, END_HAS_FIN, END_HAS_FIN, 0, CONN_STATE_SF },
		{ END_FIN_ACKED, END_FIN_SENT, END_HAS_FIN, END_HAS_FIN, CONN_RST_CLIENT, CONN_STATE_SF },
		{ END_FIN_ACKED, END_FIN_ACKED, END_HAS_FIN, END_HAS_FIN, CONN_PICKED_UP, CONN_STATE_SF },
		{ END_SYN_SENT, END_NONE, 0, 0, CONN_RST_SERVER, CONN_STATE_REJ },
		{ END_OPEN, END_OPEN, 0, 0, CONN_RST_SERVER, CONN_STATE_RSTR },
		{ END_SYN_SENT, END_NONE, 0, 0, CONN_RST_CLIENT, CONN_STATE_RSTOS0 },
		{ END_OPEN, END_OPEN, 0, 0, CONN_RST_CLIENT, CONN_STATE_RSTO },
		{ END_FIN_SENT, END_OPEN, END_HAS_FIN, 0, CONN_RST_CLIENT, CONN_STATE_RSTO },
		{ END_OPEN, END_OPEN, 0, 0, CONN_PICKED_UP, CONN_STATE_OTH },
		{ END_OPEN, END_SYN_SENT, 0, 0, CONN_FROM_SYNACK | CONN_RST_SERVER, CONN_STATE_RSTRH },
		{ END_OPEN, END_FIN_SENT, 0, END_HAS_FIN, CONN_FROM_SYNACK, CONN_STATE_SHR },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct tcp_conn conn = conn_of(cases[i].client, cases[i].server);

		conn.end[SIDE_CLIENT].flags = cases[i].client_end_flags;
		conn.end[SIDE_SERVER].flags = cases[i].server_end_flags;
		conn.flags = cases[i].flags;
		assert_string_equal(conn_state_word(tcp_conn_state(&conn)), conn_state_word(cases[i].expected));
	}
}

static void reason_of_the_end(void **state)
{
	struct tcp_conn conn = conn_of(END_FIN_ACKED, END_FIN_ACKED);

	(void)state;
	assert_int_equal(tcp_close_reason(&conn, false), CLOSE_FIN);
	assert_int_equal(tcp_close_reason(&conn, true), CLOSE_FIN);
	conn = conn_of(END_OPEN, END_OPEN);
	assert_int_equal(tcp_close_reason(&conn, false), CLOSE_TIMEOUT);
	assert_int_equal(tcp_close_reason(&conn, true), CLOSE_FLUSHED);
	conn.phase = PHASE_CLOSED;
	conn.close_reason = CLOSE_REFUSED;
	assert_int_equal(tcp_close_reason(&conn, false), CLOSE_REFUSED);
	assert_int_equal(tcp_close_reason(&conn, true), CLOSE_REFUSED);
	conn = conn_of(END_SYN_SENT, END_NONE);
	conn.flags |= CONN_UNREACHABLE;
	assert_int_equal(tcp_close_reason(&conn, false), CLOSE_UNREACHABLE);
}

static void bytes_without_fin(void **state)
{
	struct tcp_end end = { .bytes = 101, .contiguous = 1102, .fin_next = 1102 };

	(void)state;
	assert_int_equal(tcp_end_bytes(&end), 101);
	end.flags |= END_HAS_FIN;
	assert_int_equal(tcp_end_bytes(&end), 100);
	end.contiguous = 1001; /* the FIN lies beyond a hole */
	assert_int_equal(tcp_end_bytes(&end), 101);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_pairs),	    cmocka_unit_test(half_names_the_closed_end),
		cmocka_unit_test(half_open_phases), cmocka_unit_test(reopening_prints_syn_sent),
		cmocka_unit_test(outcome),	    cmocka_unit_test(reason_of_the_end),
		cmocka_unit_test(bytes_without_fin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
