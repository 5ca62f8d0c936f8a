/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A SYN on a live flow (rules S): remembered until the answer shows which incarnation is real. One mechanism for port
 * reuse, a peer that lost its state, reopening out of TIME-WAIT, and challenge ACKs.
 */
#include "tcp/judging.h"

uint64_t tcp_shadow_valid_ns(const struct settings *settings)
{
	return 2 * (uint64_t)settings->tracking_timeouts_syn_sent * NS_PER_S;
}

bool tcp_shadow_pending(const struct tcp_extra *extra, const struct settings *settings,
			uint64_t now_ns)
{
	return extra != NULL && extra->shadow_from != SIDE_NONE &&
	       now_ns - extra->shadow_at_ns <= tcp_shadow_valid_ns(settings);
}

/*
 * S-8: its sender reset the old connection by its answer to a challenge ACK: that SYN was not heard and will come again
 * as a new one. It pends until then: a copy of it may still be on its way and be answered (G-4).
 */
bool tcp_shadow_starts_over(const struct tcp_conn *conn, const struct tcp_extra *extra)
{
	return conn->phase == PHASE_CLOSED && !(conn->flags & CONN_REOPENING) &&
	       extra->challenge_from == side_other(extra->shadow_from);
}

/* S-6, S-12: the old incarnation is over. */
static bool is_over(const struct judge *j)
{
	return j->conn->phase == PHASE_TIME_WAIT || j->conn->phase == PHASE_CLOSED;
}

bool tcp_is_opening_syn(const struct tcp_conn *conn, enum side from, uint32_t seq)
{
	const struct tcp_end *end = &conn->end[from];

	return (end->flags & END_HAS_ISN) && seq == end->isn && end->state >= END_OPEN && (conn->flags & CONN_ASSURED);
}

/*
 * C-9: the SYN+ACK that opened the present incarnation, once more. Where that was picked up, its numbers are not known,
 * but as it is late, they are no more than a window without scale back.
 */
static bool is_original_synack(const struct judge *j)
{
	if (!(j->sender->flags & j->receiver->flags & END_HAS_ISN) && (j->conn->flags & CONN_PICKED_UP))
		return j->sender->sent - j->seg.next <= UINT16_MAX && j->receiver->sent - j->seg.ack <= UINT16_MAX;
	return (j->sender->flags & END_HAS_ISN) && (j->receiver->flags & END_HAS_ISN) &&
	       j->receiver->state >= END_OPEN && /* a connection reset before it opened had none */
	       j->seg.seq == j->sender->isn && acknowledges(j->in->seg->ack, j->receiver->isn, j->receiver->sent);
}

/* S-7: fits the old flow and acknowledges nothing new. */
static bool is_challenge_ack(const struct judge *j)
{
	return j->sender->state >= END_SYN_SENT && j->receiver->state >= END_OPEN && j->seg.len == 0 &&
	       !seq_after(j->seg.ack, j->receiver->acked) && judge_window(j) == 0;
}

/* S-12: its sender takes the shadow back. */
static bool judge_own_rst(struct judge *j)
{
	const struct tcp_syn *shadow = &j->extra->shadow;
	uint32_t seq = j->seg.seq;

	if (!is_over(j) || j->in->seg->kind != SEGMENT_RST)
		return false;
	if (seq != shadow->seq && seq != shadow->seq + 1 && seq != shadow->next)
		return false;
	return judge_accept(j, TCP_SHADOW_GIVEN_UP);
}

/* Of a SYN that came with data and again without it, either may be refused (H-44). */
static bool refuses_shadow(const struct judge *j)
{
	const struct tcp_syn *shadow = &j->extra->shadow;

	return j->in->seg->ack == shadow->next || (is_over(j) && j->in->seg->ack == shadow->seq + 1);
}

/*
 * H-15: what the server of a Fast Open SYN that pends says ahead of its SYN+ACK, as in SYN_SENT. What it acknowledges
 * is none of the old connection's.
 */
static bool is_ahead_of_synack(const struct judge *j)
{
	const struct tcp_syn *shadow = &j->extra->shadow;

	if (!is_over(j) || j->resync || (j->seg.len == 0 && j->in->seg->kind != SEGMENT_FIN) ||
	    !j->seg.has_ack || !acknowledges(j->seg.ack, shadow->seq, shadow->next))
		return false;
	return judge_window(j) & (WINDOW_ACK_HIGH | WINDOW_ACK_OLD);
}

bool judge_shadow_answer(struct judge *j)
{
	const struct segment *seg = j->in->seg;
	const struct tcp_syn *shadow;

	if (!tcp_shadow_pending(j->extra, j->in->settings, j->in->now_ns))
		return false;
	if (j->in->from == j->extra->shadow_from)
		return judge_own_rst(j);
	shadow = &j->extra->shadow;
	switch ((enum segment_kind)seg->kind) {
	case SEGMENT_SYNACK: /* S-5 */
		if (!acknowledges(seg->ack, shadow->seq, shadow->next) || is_original_synack(j))
			return false;
		return judge_accept(j, TCP_SHADOW_OPEN);
	case SEGMENT_RST: /* S-6 */
		if (!(seg->flags & TCP_ACK) || !refuses_shadow(j))
			return false;
		/* a late copy of the SYN that opened this connection: its sender knows it as answered long ago */
		if (!is_over(j) && tcp_is_opening_syn(j->conn, j->extra->shadow_from, shadow->seq))
			return false;
		j->plan.close = is_over(j) ? CLOSE_REFUSED : CLOSE_RESET;
		return judge_accept(j, is_over(j) ? TCP_SHADOW_REFUSED : TCP_SHADOW_RESET);
	case SEGMENT_ACK: /* S-7; it may open the window wider too */
		if (is_ahead_of_synack(j))
			return judge_drop(j, REASON_NO_SYNACK);
		if (!is_challenge_ack(j))
			return false;
		j->plan.remarks |= reason_bit(REASON_CHALLENGE_ACK);
		j->plan.update |= UPDATE_CHALLENGE;
		return false;
	case SEGMENT_FIN:
		return is_ahead_of_synack(j) && judge_drop(j, REASON_NO_SYNACK);
	case SEGMENT_SYN:
	case SEGMENT_NONE:
		break;
	}
	return false;
}

/* S-10, RFC 6191, RFC 1122 4.2.2.13: picks the remark only. */
static bool is_fresh(const struct judge *j)
{
	const struct segment *seg = j->in->seg;
	bool timestamps = (seg->options & OPTION_SEEN_TIMESTAMP) && (j->sender->flags & END_OFFERED_TS);

	if (timestamps && seg->tsval != j->sender->ts_recent)
		return seq_after(seg->tsval, j->sender->ts_recent);
	return seq_after(seg->seq, j->sender->sent);
}

/* S-11 */
static bool is_between_established_and_last_ack(enum phase phase)
{
	return phase >= PHASE_ESTABLISHED && phase <= PHASE_LAST_ACK;
}

bool judge_shadow_syn(struct judge *j)
{
	const struct settings *s = j->in->settings;
	bool again = tcp_shadow_pending(j->extra, s, j->in->now_ns) &&
		     j->extra->shadow_from == j->in->from && j->extra->shadow.seq == j->seg.seq &&
		     !tcp_shadow_starts_over(j->conn, j->extra);

	if (s->policy_syn_on_established == ACTION_DROP && is_between_established_and_last_ack(j->conn->phase))
		return judge_drop(j, REASON_SHADOW_SYN);
	if (judge_over_budget(j, BUCKET_SHADOW + j->in->from))
		return judge_drop(j, REASON_SHADOW_RATE);
	if (j->conn->phase == PHASE_TIME_WAIT && !is_fresh(j))
		j->plan.remarks |= reason_bit(REASON_TW_REUSE_OLD);
	j->plan.admission = !again; /* a retransmission costs the flow's own budget only */
	j->plan.wants_extra = true;
	return judge_remark(j, REASON_SHADOW_SYN, TCP_SHADOW);
}
