/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Deadlines (rules T): computed from the fields of a flow when somebody looks, never stored by a packet. */
#include "tcp/conn.h"

static uint64_t scaled_ns(int64_t seconds, const struct tcp_timing *timing)
{
	uint64_t ns = (uint64_t)seconds * NS_PER_S;

	return timing->factor == FACTOR_ONE ? ns : ns / FACTOR_ONE * timing->factor;
}

/* T-13: established keeps the 2 h 4 min of RFC 5382, the least that its setting may say (T-4). */
static uint64_t established_ns(const struct tcp_timing *timing)
{
	return max_u64(scaled_ns(timing->settings->tracking_timeouts_established, timing), 7440 * NS_PER_S);
}

static uint64_t syn_sent_ns(const struct tcp_timing *timing)
{
	const struct settings *s = timing->settings;
	int64_t seconds = s->tracking_timeouts_syn_sent;

	if (timing->flood && s->syn_flood_syn_sent_timeout < seconds)
		seconds = s->syn_flood_syn_sent_timeout;
	return scaled_ns(seconds, timing);
}

/* T-9: the window of a SYN counts too. */
static bool has_closed_window(const struct tcp_end *end)
{
	return (end->flags & END_ZERO_WINDOW) || ((end->flags & END_HAS_ISN) && end->window == 0);
}

/*
 * T-9 to T-12: what shortens the timer of a phase in which data flows, nanoseconds; UINT64_MAX: nothing. They are no
 * bases, so T-13 leaves them alone.
 */
static uint64_t shortened_ns(const struct tcp_conn *conn, const struct tcp_timing *timing)
{
	const struct settings *s = timing->settings;
	const struct tcp_end *client = &conn->end[SIDE_CLIENT], *server = &conn->end[SIDE_SERVER];
	unsigned flags = client->flags | server->flags;
	bool repeated = (client->same_count != SAME_COUNT_BROKEN &&
			 client->same_count >= s->tracking_max_retransmits) ||
			(server->same_count != SAME_COUNT_BROKEN &&
			 server->same_count >= s->tracking_max_retransmits);

	if (has_closed_window(client) || has_closed_window(server))
		return (uint64_t)s->tracking_timeouts_zero_window * NS_PER_S;
	if (conn->flags & CONN_ASYNC) /* H-14: nobody answers that we could see */
		return UINT64_MAX;
	if (repeated)
		return (uint64_t)s->tracking_timeouts_retransmit * NS_PER_S;
	if (flags & END_UNACKED)
		return (uint64_t)s->tracking_timeouts_unacked * NS_PER_S;
	return UINT64_MAX;
}

/* T-6: an idle half-closed flow, and one whose open end sent data since. */
static uint64_t half_closed_ns(const struct tcp_conn *conn, const struct tcp_timing *timing)
{
	uint64_t idle = scaled_ns(timing->settings->tracking_timeouts_half_closed, timing);
	uint64_t active;

	if (!(conn->flags & CONN_OPEN_DATA))
		return idle;
	active = conn->open_data_s * NS_PER_S +
		 scaled_ns(timing->settings->tracking_timeouts_half_closed_active, timing);
	return active > conn->armed_ns ? max_u64(idle, active - conn->armed_ns) : idle;
}

/* The timer of the phase, nanoseconds from armed_ns on. */
static uint64_t base_ns(const struct tcp_conn *conn, const struct tcp_timing *timing)
{
	const struct settings *s = timing->settings;

	switch (tcp_timer_phase(conn)) { /* T-5 */
	case PHASE_SYN_SENT:
	case PHASE_SYN_SENT2:
		return syn_sent_ns(timing);
	case PHASE_SYN_RECV:
		return scaled_ns(s->tracking_timeouts_syn_recv, timing);
	case PHASE_ESTABLISHED:
		return min_u64(established_ns(timing), shortened_ns(conn, timing));
	case PHASE_FIN_WAIT:
		return min_u64(scaled_ns(s->tracking_timeouts_fin_wait, timing), shortened_ns(conn, timing));
	case PHASE_HALF_CLOSED:
		return min_u64(half_closed_ns(conn, timing), shortened_ns(conn, timing));
	case PHASE_CLOSING:
		return min_u64(scaled_ns(s->tracking_timeouts_closing, timing), shortened_ns(conn, timing));
	case PHASE_LAST_ACK:
		return min_u64(scaled_ns(s->tracking_timeouts_last_ack, timing), shortened_ns(conn, timing));
	case PHASE_TIME_WAIT:
		return scaled_ns(settings_time_wait_s(s), timing);
	case PHASE_CLOSED: /* C-12, R-13 */
		return scaled_ns(s->tracking_timeouts_closed, timing);
	case PHASE_PICKUP:
		return min_u64(scaled_ns(s->tracking_timeouts_pickup, timing), shortened_ns(conn, timing));
	case PHASE_COUNT:
		break;
	}
	return 0;
}

uint64_t tcp_shadow_deadline(const struct tcp_extra *extra, const struct tcp_timing *timing)
{
	return extra->shadow_at_ns + syn_sent_ns(timing);
}

uint64_t tcp_deadline(const struct tcp_conn *conn, const struct tcp_cold *cold, const struct tcp_extra *extra,
		      const struct tcp_timing *timing)
{
	uint64_t base = base_ns(conn, timing);
	uint64_t deadline = conn->armed_ns + base;

	if (conn->phase == PHASE_TIME_WAIT) /* C-11, T-7 */
		deadline = min_u64(deadline, cold->phase_since_ns +
						     base * (uint64_t)timing->settings->tracking_time_wait_cap);
	if (extra == NULL)
		return deadline;
	if ((conn->flags & CONN_HAS_CLOSE_BY) && conn->phase != PHASE_CLOSED) /* T-8: started by the RST */
		deadline = min_u64(deadline, extra->close_by_ns);
	if (conn->flags & CONN_REOPENING) /* S-9 */
		deadline = max_u64(deadline, tcp_shadow_deadline(extra, timing));
	return deadline;
}

uint64_t tcp_shortest_timeout(const struct tcp_conn *conn, const struct tcp_timing *timing)
{
	const struct settings *s = timing->settings;
	const int64_t base[PHASE_COUNT] = {
		[PHASE_ESTABLISHED] = s->tracking_timeouts_established,
		[PHASE_FIN_WAIT] = s->tracking_timeouts_fin_wait,
		[PHASE_HALF_CLOSED] = s->tracking_timeouts_half_closed,
		[PHASE_CLOSING] = s->tracking_timeouts_closing,
		[PHASE_LAST_ACK] = s->tracking_timeouts_last_ack,
		[PHASE_PICKUP] = s->tracking_timeouts_pickup,
	};
	int64_t shortest = s->tracking_timeouts_unacked;

	if (base[conn->phase] == 0) /* nothing shortens it */
		return base_ns(conn, timing);
	if (s->tracking_timeouts_retransmit < shortest)
		shortest = s->tracking_timeouts_retransmit;
	if (s->tracking_timeouts_zero_window < shortest)
		shortest = s->tracking_timeouts_zero_window;
	return min_u64((uint64_t)shortest * NS_PER_S, scaled_ns(base[conn->phase], timing));
}
