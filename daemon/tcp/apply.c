/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing what the judge planned. Nothing here decides about the segment any more. */
#include "tcp/applying.h"
#include "tcp/history.h"

uint32_t apply_elapsed_us(uint64_t from_ns, uint64_t to_ns)
{
	uint64_t us = (to_ns - from_ns) / NS_PER_US;

	return us < UINT32_MAX ? (uint32_t)us : UINT32_MAX - 1;
}

/* C-7: the event of the phase a segment ends in; those of the opening are told where they happen. */
static void emit_phase(struct apply *a, enum phase phase)
{
	static const uint8_t event_of[PHASE_COUNT] = {
		[PHASE_SYN_SENT] = EVENT_COUNT,	   [PHASE_SYN_SENT2] = EVENT_COUNT,
		[PHASE_SYN_RECV] = EVENT_COUNT,	   [PHASE_ESTABLISHED] = EVENT_COUNT,
		[PHASE_FIN_WAIT] = EVENT_FLOW_FIN, [PHASE_HALF_CLOSED] = EVENT_FLOW_HALF_CLOSED,
		[PHASE_CLOSING] = EVENT_FLOW_CLOSING, [PHASE_LAST_ACK] = EVENT_FLOW_LAST_ACK,
		[PHASE_TIME_WAIT] = EVENT_FLOW_TIME_WAIT, [PHASE_CLOSED] = EVENT_COUNT,
		[PHASE_PICKUP] = EVENT_COUNT,
	};

	if (event_of[phase] != EVENT_COUNT)
		apply_emit(a, event_of[phase]);
}

static enum phase phase_by_ends(const struct tcp_conn *conn)
{
	if (conn->flags & CONN_RESET)
		return PHASE_CLOSED;
	if (conn->flags & CONN_UNCONFIRMED)
		return PHASE_PICKUP;
	return tcp_phase_of(conn->end[SIDE_CLIENT].state, conn->end[SIDE_SERVER].state);
}

/* The one place where a phase changes. */
void apply_phase(struct apply *a)
{
	enum phase phase = phase_by_ends(a->conn);

	if (phase == a->conn->phase || phase == PHASE_COUNT)
		return;
	a->conn->phase = (uint8_t)phase;
	a->conn->armed_ns = a->in->now_ns;
	a->cold->phase_since_ns = a->in->now_ns;
	emit_phase(a, phase);
}

void apply_established(struct apply *a)
{
	struct tcp_cold *cold = a->cold;

	a->conn->flags |= CONN_ASSURED;
	cold->handshake_us = apply_elapsed_us(cold->started_ns, a->in->now_ns);
	if (cold->rtt_us != UINT32_MAX)
		cold->rtt_us += apply_elapsed_us(a->conn->last_seen_ns, a->in->now_ns);
	apply_emit(a, EVENT_FLOW_ESTABLISHED);
}

static void count_segment(struct apply *a)
{
	uint8_t ttl = a->in->seg->ttl;

	a->conn->last_seen_ns = a->in->now_ns;
	a->sender->packets++;
	if (ttl < a->sender->ttl_min || a->sender->packets == 1)
		a->sender->ttl_min = ttl;
	if (ttl > a->sender->ttl_max)
		a->sender->ttl_max = ttl;
}

/* H-13: each accepted SYN of the client refills the budget for challenge ACKs. */
static void refill_challenges(struct apply *a)
{
	if (a->extra != NULL)
		a->extra->bucket[BUCKET_CHALLENGE] = 0;
}

void apply_challenge(struct apply *a)
{
	if (a->extra == NULL)
		return;
	a->extra->challenge_ack = a->in->seg->ack;
	a->extra->challenge_from = (uint8_t)a->in->from;
}

static void snapshot_ends(struct apply *a)
{
	if (a->extra == NULL)
		return;
	apply_begin_anew_after_rst(a, SIDE_CLIENT);
	apply_begin_anew_after_rst(a, SIDE_SERVER);
}

static void apply_reset(struct apply *a)
{
	snapshot_ends(a);
	if ((a->plan->update & UPDATE_TARGET_DECIDES) && a->extra != NULL)
		a->extra->alive_after_rst |= (uint8_t)(1u << a->in->from);
	a->conn->flags |= CONN_RESET | (a->in->from == SIDE_CLIENT ? CONN_RST_CLIENT : CONN_RST_SERVER);
	a->conn->close_reason = (uint8_t)a->plan->close; /* E-7 */
	if (a->conn->closed_by == SIDE_NONE)
		a->conn->closed_by = (uint8_t)a->in->from;
	apply_emit(a, EVENT_FLOW_RESET);
	apply_phase(a);
}

/*
 * S-3: a SYN that pends is newer than the one that opened this connection; that of the other end is so only where the
 * connection was open, else both may be opening.
 */
static bool is_older_than_shadow(const struct apply *a)
{
	uint32_t seq = a->in->seg->seq;

	if (!tcp_shadow_pending(a->extra, a->in->settings, a->in->now_ns))
		return false;
	if (tcp_is_opening_syn(a->conn, a->in->from, seq))
		return true;
	return a->extra->shadow_from == a->in->from && a->extra->shadow.seq != seq &&
	       (a->sender->flags & END_HAS_ISN) && a->sender->isn == seq;
}

/* H-44: a SYN that comes again may leave its data out; after a RST (S-8) or an answered older one (H-10) too. */
static void keep_data(struct tcp_extra *extra, const struct tcp_syn *before)
{
	if (before->seq == extra->shadow.seq)
		extra->shadow.next = seq_max(extra->shadow.next, before->next);
}

/* S-1, S-9 */
static void apply_shadow(struct apply *a)
{
	struct tcp_extra *extra = a->extra;
	struct tcp_syn before;
	bool pending;

	if (extra == NULL || is_older_than_shadow(a))
		return;
	before = extra->shadow;
	pending = tcp_shadow_pending(extra, a->in->settings, a->in->now_ns) && extra->shadow_from == a->in->from &&
		  !tcp_shadow_starts_over(a->conn, extra);
	tcp_syn_of(a->in->seg, &extra->shadow);
	extra->shadow_from = (uint8_t)a->in->from;
	keep_data(extra, &before);
	for (unsigned i = 0; i < extra->old_syns; i++)
		keep_data(extra, &extra->old_syn[i]);
	if (!pending || before.seq != extra->shadow.seq)
		extra->shadow_at_ns = a->in->now_ns;
	if (pending && before.packets < UINT16_MAX)
		extra->shadow.packets = (uint16_t)(before.packets + 1);
	if (pending && before.seq != extra->shadow.seq) /* a late copy of an older one takes its place for a while */
		apply_remember_syn(extra, &before);
	if (a->conn->phase == PHASE_TIME_WAIT || a->conn->phase == PHASE_CLOSED)
		a->conn->flags |= CONN_REOPENING;
}

static void drop_shadow(struct apply *a)
{
	a->extra->shadow_from = SIDE_NONE;
	a->conn->flags &= ~(uint32_t)CONN_REOPENING;
}

static void apply_shadow_reset(struct apply *a)
{
	drop_shadow(a);
	apply_reset(a);
}

/* S-5, S-6: the connection was started anew by tcp_start_shadow(), the answer is judged as that of a first SYN. */
event_set tcp_apply(struct tcp_conn *conn, struct tcp_cold *cold, struct tcp_extra *extra, const struct tcp_input *in,
		    const struct tcp_plan *plan)
{
	struct apply a = {
		.conn = conn,
		.cold = cold,
		.extra = extra,
		.in = in,
		.plan = plan,
		.sender = &conn->end[in->from],
		.receiver = &conn->end[side_other(in->from)],
	};
	static void (*const actions[])(struct apply *) = {
		[TCP_COUNT] = apply_count,
		[TCP_UPDATE] = apply_update,
		[TCP_SYN_AGAIN] = apply_syn_again,
		[TCP_SYN_NEW_ISN] = apply_new_isn,
		[TCP_SIMULTANEOUS] = apply_simultaneous,
		[TCP_SYNACK] = apply_synack,
		[TCP_SYNACK_AGAIN] = apply_synack_again,
		[TCP_SYNACK_KEEP] = apply_synack_keep,
		[TCP_SYNACK_CROSSED] = apply_synack_crossed,
		[TCP_SYNACK_AFTER_REFUSAL] = apply_synack_after_refusal,
		[TCP_ASYNC_OPEN] = apply_async_open,
		[TCP_CHALLENGE] = apply_challenge,
		[TCP_RESET] = apply_reset,
		[TCP_REPICK] = apply_repick,
		[TCP_SHADOW] = apply_shadow,
		[TCP_SHADOW_OPEN] = apply_synack,
		[TCP_SHADOW_RESET] = apply_shadow_reset,
		[TCP_SHADOW_REFUSED] = apply_reset,
		[TCP_SHADOW_GIVEN_UP] = drop_shadow,
	};

	/* S-9: a SYN on what is over belongs in the record of the connection that it begins, answered or not */
	bool begins_next = plan->action == TCP_SHADOW && extra != NULL && !is_older_than_shadow(&a) &&
			   (conn->phase == PHASE_TIME_WAIT || conn->phase == PHASE_CLOSED);

	if (conn->epoch != in->epoch) { /* B-2 */
		conn->epoch = in->epoch;
		conn->end[SIDE_CLIENT].flags |= END_RESYNC_DUE | END_UNSETTLED;
		conn->end[SIDE_SERVER].flags |= END_RESYNC_DUE | END_UNSETTLED;
	}
	if (plan->charge != BUCKET_NONE && extra != NULL)
		extra->bucket[plan->charge] = gcra_charged(extra->bucket[plan->charge], in->now_ns,
							   tcp_bucket_rate(plan->charge, in->settings).rate);
	if (!begins_next)
		history_segment(conn, cold, extra, in);
	if (plan->remarks & reason_bit(REASON_RESYNC))
		history_partial(conn, cold);
	if (in->from == SIDE_CLIENT && in->seg->kind == SEGMENT_SYN && plan->action != TCP_SHADOW)
		refill_challenges(&a);
	actions[plan->action](&a);
	if (!begins_next)
		count_segment(&a);
	return a.events;
}

bool tcp_note_bad_close(struct tcp_conn *conn, struct tcp_extra *extra, const struct tcp_input *in)
{
	struct tcp_end *sender = &conn->end[in->from], *receiver = &conn->end[side_other(in->from)];

	if (!(conn->flags & CONN_ASSURED))
		return false;
	sender->flags |= END_BAD_CLOSE;
	if (!(receiver->flags & END_BAD_CLOSE) || extra == NULL)
		return false;
	tcp_close_by(conn, extra, in->now_ns + (uint64_t)in->settings->tracking_timeouts_unacked * NS_PER_S);
	return true;
}
