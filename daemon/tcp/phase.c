/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tcp/conn.h"

#include <string.h>

#include "tcp/judge.h"

#define IMPOSSIBLE PHASE_COUNT

/* So late nobody answers a challenge ACK any more (H-18). */
#define CHALLENGE_ANSWER_NS (10 * NS_PER_S)

enum phase tcp_phase_of(enum end_state client, enum end_state server)
{
	static const uint8_t table[END_STATE_COUNT][END_STATE_COUNT] = {
		[END_NONE] = { IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE },
		[END_SYN_SENT] = { PHASE_SYN_SENT, PHASE_SYN_SENT2, PHASE_SYN_RECV, PHASE_SYN_RECV, IMPOSSIBLE },
		[END_OPEN] = { IMPOSSIBLE, PHASE_SYN_RECV, PHASE_ESTABLISHED, PHASE_FIN_WAIT, PHASE_HALF_CLOSED },
		[END_FIN_SENT] = { IMPOSSIBLE, PHASE_SYN_RECV, PHASE_FIN_WAIT, PHASE_CLOSING, PHASE_LAST_ACK },
		[END_FIN_ACKED] = { IMPOSSIBLE, IMPOSSIBLE, PHASE_HALF_CLOSED, PHASE_LAST_ACK, PHASE_TIME_WAIT },
	};

	return table[client][server];
}

const char *end_state_word(enum end_state state)
{
	static const char *const words[] = { "NONE", "SYN_SENT", "OPEN", "FIN_SENT", "FIN_ACKED" };

	return words[state];
}

enum phase tcp_phase(const struct tcp_conn *conn)
{
	return (conn->flags & CONN_REOPENING) ? PHASE_SYN_SENT : conn->phase;
}

bool tcp_is_sound(const struct tcp_conn *conn)
{
	uint8_t client = conn->end[SIDE_CLIENT].state, server = conn->end[SIDE_SERVER].state;

	return client < END_STATE_COUNT && server < END_STATE_COUNT && tcp_phase_of(client, server) != IMPOSSIBLE;
}

enum phase tcp_timer_phase(const struct tcp_conn *conn)
{
	enum end_state state[2];

	if (conn->phase < PHASE_FIN_WAIT || conn->phase > PHASE_LAST_ACK)
		return conn->phase;
	for (int i = 0; i < 2; i++)
		state[i] = tcp_fin_is_provisional(&conn->end[i]) ? END_OPEN : conn->end[i].state;
	return tcp_phase_of(state[SIDE_CLIENT], state[SIDE_SERVER]);
}

enum side tcp_half(const struct tcp_conn *conn)
{
	if (tcp_phase(conn) != PHASE_HALF_CLOSED)
		return SIDE_NONE;
	return conn->end[SIDE_CLIENT].state == END_FIN_ACKED ? SIDE_CLIENT : SIDE_SERVER;
}

bool tcp_is_half_open(const struct tcp_conn *conn, const struct tcp_extra *extra, enum side *by)
{
	enum phase phase = tcp_phase(conn);

	*by = SIDE_CLIENT;
	if ((conn->flags & CONN_REOPENING) && extra != NULL)
		*by = extra->shadow_from;
	return phase == PHASE_SYN_SENT || phase == PHASE_SYN_SENT2 || phase == PHASE_SYN_RECV;
}

void tcp_extra_init(struct tcp_extra *extra)
{
	memset(extra, 0, sizeof *extra);
	extra->shadow_from = SIDE_NONE;
	extra->challenge_from = SIDE_NONE;
}

bool tcp_extra_is_idle(const struct tcp_conn *conn, const struct tcp_extra *extra, const struct settings *settings,
		       uint64_t now_ns)
{
	bool opening = conn->phase < PHASE_ESTABLISHED;
	bool challenged = extra->challenge_from != SIDE_NONE &&
			now_ns - extra->bucket[BUCKET_CHALLENGE] < CHALLENGE_ANSWER_NS;
	bool old_syns = extra->old_syns > 0 && now_ns < extra->new_isn_from_ns;

	if (conn->phase == PHASE_CLOSED && conn->close_reason == CLOSE_RESET) /* */
		return false;
	if (opening && (old_syns || extra->candidates > 0 || challenged))
		return false;
	if ((conn->flags & (CONN_REOPENING | CONN_HAS_CLOSE_BY)) || tcp_shadow_pending(extra, settings, now_ns))
		return false;
	for (unsigned i = 0; i < BUCKET_COUNT; i++)
		if (extra->bucket[i] > now_ns)
			return false;
	return true;
}

void tcp_close_by(struct tcp_conn *conn, struct tcp_extra *extra, uint64_t close_by_ns)
{
	if (!(conn->flags & CONN_HAS_CLOSE_BY) || close_by_ns < extra->close_by_ns)
		extra->close_by_ns = close_by_ns;
	conn->flags |= CONN_HAS_CLOSE_BY;
}

uint64_t tcp_end_bytes(const struct tcp_end *end)
{
	bool fin_counted = (end->flags & END_HAS_FIN) && end->contiguous == end->fin_next;

	return end->bytes - (fin_counted && end->bytes > 0);
}

enum close_reason tcp_close_reason(const struct tcp_conn *conn, bool at_end)
{
	if (conn->phase == PHASE_CLOSED)
		return conn->close_reason;
	if (conn->phase == PHASE_TIME_WAIT)
		return CLOSE_FIN;
	if (at_end)
		return CLOSE_FLUSHED;
	return (conn->flags & CONN_UNREACHABLE) ? CLOSE_UNREACHABLE : CLOSE_TIMEOUT;
}

static bool sent_fin(const struct tcp_conn *conn, enum side side)
{
	return conn->end[side].flags & END_HAS_FIN;
}

/* E-1, first match. */
enum conn_state tcp_conn_state(const struct tcp_conn *conn)
{
	bool client_fin = sent_fin(conn, SIDE_CLIENT), server_fin = sent_fin(conn, SIDE_SERVER);
	bool client_rst = conn->flags & CONN_RST_CLIENT, server_rst = conn->flags & CONN_RST_SERVER;
	bool from_synack = conn->flags & CONN_FROM_SYNACK;
	bool no_server = conn->end[SIDE_SERVER].state == END_NONE;

	if (client_fin && server_fin)
		return CONN_STATE_SF;
	if (from_synack && server_rst)
		return CONN_STATE_RSTRH;
	if (from_synack && server_fin)
		return CONN_STATE_SHR;
	if (server_rst)
		return conn->end[SIDE_CLIENT].state == END_SYN_SENT ? CONN_STATE_REJ : CONN_STATE_RSTR;
	if (client_rst)
		return no_server ? CONN_STATE_RSTOS0 : CONN_STATE_RSTO;
	if (client_fin)
		return CONN_STATE_S2;
	if (server_fin)
		return CONN_STATE_S3;
	if (conn->flags & CONN_PICKED_UP)
		return CONN_STATE_OTH;
	return no_server ? CONN_STATE_S0 : CONN_STATE_S1;
}
