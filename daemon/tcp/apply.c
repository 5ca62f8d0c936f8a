/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing what the judge planned. Nothing here decides about the segment any more. */
#include "tcp/judging.h"

#include <string.h>

struct apply {
	struct tcp_conn *conn;
	struct tcp_cold *cold;
	struct tcp_extra *extra; /* or NULL */
	const struct tcp_input *in;
	const struct tcp_plan *plan;
	struct tcp_end *sender, *receiver;
	event_set events;
};

static uint32_t elapsed_us(uint64_t from_ns, uint64_t to_ns)
{
	uint64_t us = (to_ns - from_ns) / NS_PER_US;

	return us < UINT32_MAX ? (uint32_t)us : UINT32_MAX - 1;
}

static void emit(struct apply *a, enum event_kind kind)
{
	a->events |= event_bit(kind);
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
		emit(a, event_of[phase]);
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
static void enter_phase(struct apply *a)
{
	enum phase phase = phase_by_ends(a->conn);

	if (phase == a->conn->phase || phase == PHASE_COUNT)
		return;
	a->conn->phase = (uint8_t)phase;
	a->conn->armed_ns = a->in->now_ns;
	a->conn->flags &= ~(uint32_t)CONN_OPEN_DATA;
	a->cold->phase_since_ns = a->in->now_ns;
	emit_phase(a, phase);
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
	a->conn->flags |= a->in->from == SIDE_SERVER ? CONN_SEEN_REPLY : 0;
}

static void count_retransmission(struct apply *a)
{
	a->sender->retransmits++;
	history_count(&a->cold->history, a->in->from, 't', a->sender->retransmits);
}

/* W-14. */
static bool is_keepalive(const struct apply *a)
{
	const struct segment *seg = a->in->seg;

	return seg->len <= 1 && seg->kind == SEGMENT_ACK && seg->seq == a->sender->contiguous - 1;
}

/* a probe of a closed window, or its answer. */
static bool is_probe(const struct apply *a)
{
	const struct segment *seg = a->in->seg;

	return (seg->len <= 1 && (a->receiver->flags & END_ZERO_WINDOW)) || (seg->len == 0 && seg->window == 0);
}

/* Before the numbers are updated. */
static void account(struct apply *a)
{
	struct tcp_end *sender = a->sender;
	const struct segment *seg = a->in->seg;
	bool same = sender->same_count != SAME_COUNT_BROKEN && seg->seq == sender->last_seq &&
		    seg->ack == sender->last_ack && seg->next == sender->last_next &&
		    seg->window == sender->last_window;

	a->receiver->same_count = SAME_COUNT_BROKEN;
	if (is_keepalive(a) || is_probe(a)) {
		sender->same_count = 0;
	} else {
		if (seg->len > 0 && !seq_after(seg->next, sender->contiguous))
			count_retransmission(a);
		else if (seg->len > 0 && seq_after(seg->seq, sender->contiguous))
			sender->out_of_order++;
		sender->same_count = same ? (uint8_t)(sender->same_count + (sender->same_count < 254)) : 0;
	}
	sender->last_seq = seg->seq;
	sender->last_ack = seg->ack;
	sender->last_next = seg->next;
	sender->last_window = seg->window;
}

/* O-12. Before the numbers are updated: acked is what the peer had acknowledged when it sent its last segment. */
static void update_timestamp(struct apply *a)
{
	const struct segment *seg = a->in->seg;
	struct tcp_end *sender = a->sender;

	if (!(seg->options & OPTION_SEEN_TIMESTAMP) || !(sender->flags & a->receiver->flags & END_OFFERED_TS))
		return;
	if (seq_before(seg->tsval, sender->ts_recent) && !(a->plan->remarks & reason_bit(REASON_PAWS))) {
		sender->ts_recent = seg->tsval; /* older than 24 days: begins anew */
	} else if (seq_before(seg->tsval, sender->ts_recent) || seq_after(seg->seq, sender->acked)) {
		return;
	}
	sender->ts_recent = seg->tsval;
	sender->ts_recent_at = (uint32_t)(a->in->now_ns / NS_PER_S);
}

/* K-3, B-3: the receiver's numbers follow what is acknowledged. */
static void reanchor_receiver(struct apply *a, const struct window_segment *seg)
{
	struct tcp_end *receiver = a->receiver;

	if (!seq_after(seg->sack, receiver->sent))
		return;
	receiver->sent = seg->sack;
	if (a->plan->update & UPDATE_REANCHOR && (receiver->flags & END_EDGES_GUESSED))
		receiver->contiguous = seg->sack;
}

/* C-1: what the acknowledgement completes. */
static void advance_receiver(struct apply *a)
{
	struct tcp_end *receiver = a->receiver;

	if (receiver->state == END_SYN_SENT && !seq_before(receiver->acked, receiver->isn + 1))
		receiver->state = (receiver->flags & END_HAS_FIN) ? END_FIN_SENT : END_OPEN; /* F-4 */
	if (receiver->state == END_FIN_SENT && !seq_before(receiver->acked, receiver->fin_next))
		receiver->state = END_FIN_ACKED;
}

/* C-2, C-3, C-5. */
static void update_fin(struct apply *a)
{
	struct tcp_end *sender = a->sender;

	if (a->plan->update & UPDATE_FORGET_FIN) {
		sender->flags &= (uint16_t)~(END_HAS_FIN | END_CLOSE_FIRST);
		if (sender->state == END_FIN_SENT)
			sender->state = END_OPEN;
	}
	if (!(a->plan->update & UPDATE_TAKE_FIN))
		return;
	sender->fin_next = a->in->seg->next;
	sender->flags |= END_HAS_FIN;
	if (sender->state == END_OPEN)
		sender->state = END_FIN_SENT;
	if (a->receiver->flags & END_HAS_FIN)
		return;
	sender->flags |= END_CLOSE_FIRST;
	a->conn->closed_by = (uint8_t)a->in->from;
}

static void establish(struct apply *a)
{
	struct tcp_cold *cold = a->cold;

	a->conn->flags |= CONN_ASSURED;
	cold->handshake_us = elapsed_us(cold->started_ns, a->in->now_ns);
	if (cold->rtt_us != UINT32_MAX)
		cold->rtt_us += elapsed_us(a->conn->last_seen_ns, a->in->now_ns);
	emit(a, EVENT_FLOW_ESTABLISHED);
}

/* K-6 */
static void confirm_pickup(struct apply *a)
{
	a->sender->flags &= (uint16_t)~END_EDGES_GUESSED;
	a->receiver->flags &= (uint16_t)~END_EDGES_GUESSED;
	a->conn->flags &= ~(uint32_t)CONN_UNCONFIRMED;
	a->conn->flags |= CONN_ASSURED;
	emit(a, EVENT_FLOW_PICKED_UP);
}

static void choose_candidate(struct apply *a)
{
	struct tcp_end *client = &a->conn->end[SIDE_CLIENT], *server = &a->conn->end[SIDE_SERVER];

	tcp_end_start(server, &a->extra->candidate[a->plan->which - 1], a->in->now_ns);
	tcp_open_pair(client, server, client->acked);
}

/* T-1: which timers an updating accept arms again. */
static void arm(struct apply *a)
{
	const struct tcp_end *sender = a->sender;
	bool fin_again = a->in->seg->kind == SEGMENT_FIN && (sender->flags & END_HAS_FIN) &&
			 a->in->seg->next == sender->fin_next;

	switch ((enum phase)a->conn->phase) {
	case PHASE_SYN_SENT:
	case PHASE_SYN_SENT2:
	case PHASE_SYN_RECV: /* T-3 */
	case PHASE_CLOSED:   /* T-8 */
	case PHASE_COUNT:
		return;
	case PHASE_TIME_WAIT: /* C-10, C-11 */
		if (!fin_again)
			return;
		break;
	case PHASE_ESTABLISHED:
	case PHASE_FIN_WAIT:
	case PHASE_HALF_CLOSED:
	case PHASE_CLOSING:
	case PHASE_LAST_ACK:
	case PHASE_PICKUP:
		break;
	}
	a->conn->armed_ns = a->in->now_ns;
}

/* T-6 */
static void note_open_data(struct apply *a)
{
	if (a->conn->phase != PHASE_HALF_CLOSED || a->in->seg->len == 0 || tcp_half(a->conn) == a->in->from)
		return;
	a->conn->open_data_s = (uint32_t)(a->in->now_ns / NS_PER_S);
	a->conn->flags |= CONN_OPEN_DATA;
}

/* both ends said something new since the RST: its target ignored it. */
static void restore(struct apply *a)
{
	struct tcp_extra *extra = a->extra;
	enum side from = a->in->from;

	if (a->conn->phase != PHASE_CLOSED || extra == NULL || a->conn->close_reason != CLOSE_RESET)
		return;
	if (seq_after(a->sender->sent, extra->rst_sent[from]) ||
	    seq_after(a->receiver->acked, extra->rst_acked[side_other(from)]))
		extra->alive_after_rst |= (uint8_t)(1u << from);
	if (extra->alive_after_rst != 3)
		return;
	extra->alive_after_rst = 0;
	a->conn->flags &= ~(uint32_t)(CONN_RESET | CONN_RST_CLIENT | CONN_RST_SERVER);
	a->conn->close_reason = CLOSE_NONE;
	a->conn->closed_by = SIDE_NONE;
	enter_phase(a);
	a->events = event_bit(EVENT_FLOW_RESTORED);
}

static void count_zero_window(struct apply *a)
{
	uint8_t *count = &a->cold->history.zero_window[a->in->from];

	if (!(a->plan->remarks & reason_bit(REASON_ZERO_WINDOW)))
		return;
	if (*count < UINT8_MAX)
		++*count;
	history_count(&a->cold->history, a->in->from, 'w', *count);
}

/* E-2 g: acknowledged without having been seen. */
static void count_gap(struct apply *a, uint32_t contiguous)
{
	uint8_t *count = &a->cold->history.gap[side_other(a->in->from)];

	if (!a->in->seg->flags || !seq_after(a->receiver->acked, contiguous))
		return;
	if (*count < UINT8_MAX)
		++*count;
	history_count(&a->cold->history, side_other(a->in->from), 'g', *count);
}

static void apply_update(struct apply *a)
{
	struct window_segment seg;
	uint32_t contiguous;
	bool open_before, open_after;

	if (a->plan->which > 0)
		choose_candidate(a);
	open_before = a->sender->state >= END_OPEN && a->receiver->state >= END_OPEN;
	tcp_window_segment(a->conn, a->in->seg, a->in->from, &seg);
	update_timestamp(a);
	account(a);
	if (a->plan->update & UPDATE_KEEPALIVE) {
		a->receiver->sent += 1;
		a->receiver->contiguous = a->receiver->sent;
	}
	if (a->plan->update & (UPDATE_REANCHOR | UPDATE_RESYNC))
		reanchor_receiver(a, &seg);
	a->conn->flags &= ~(uint32_t)(a->receiver->packets > 0 ? CONN_KEEPALIVE_DUE : 0);
	contiguous = a->receiver->contiguous;
	window_update(a->sender, a->receiver, &seg);
	count_gap(a, contiguous);
	count_zero_window(a);
	if ((a->plan->remarks & reason_bit(REASON_RESYNC)) && seq_before(a->sender->contiguous, seg.next))
		a->sender->contiguous = seg.next;
	a->sender->flags &= (uint16_t)~END_RESYNC_DUE;
	advance_receiver(a);
	update_fin(a);
	if (a->plan->update & UPDATE_CONFIRM)
		confirm_pickup(a);
	open_after = a->sender->state >= END_OPEN && a->receiver->state >= END_OPEN;
	if (!open_before && open_after && a->conn->phase != PHASE_CLOSED)
		establish(a);
	a->sender->flags &= (uint16_t)~END_BAD_CLOSE; /* T-14 */
	a->receiver->flags &= (uint16_t)~END_BAD_CLOSE;
	a->conn->flags &= ~(uint32_t)CONN_HAS_CLOSE_BY;
	arm(a);
	enter_phase(a);
	note_open_data(a);
	restore(a);
}

static void apply_count(struct apply *a)
{
	if (a->plan->update & UPDATE_RETRANSMISSION)
		count_retransmission(a);
	if (!(a->plan->update & UPDATE_OVERSHOOT))
		return;
	/* W-8: sent stays, else every later segment would be too old */
	if (!(a->sender->flags & END_HAS_OVERSHOOT) || seq_after(a->in->seg->next, a->sender->overshoot_to))
		a->sender->overshoot_to = a->in->seg->next;
	a->sender->flags |= END_HAS_OVERSHOOT;
}

/* H-6: the options of the last SYN win; it may have dropped its data (H-44). */
static void apply_syn_again(struct apply *a)
{
	struct tcp_syn syn;
	uint32_t sent = a->sender->sent;

	if (a->sender->state != END_SYN_SENT || a->receiver->state >= END_OPEN)
		return;
	tcp_syn_of(a->in->seg, &syn);
	tcp_end_start(a->sender, &syn, a->in->now_ns);
	a->sender->sent = seq_max(sent, a->sender->sent);
	if (a->conn->phase == PHASE_SYN_SENT2) {
		a->sender->limit = a->sender->sent + a->receiver->max_window;
		tcp_decide_scales(a->sender, a->receiver);
	}
}

/* H-13: each accepted SYN of the client refills the budget for challenge ACKs. */
static void refill_challenges(struct apply *a)
{
	if (a->extra != NULL)
		a->extra->bucket[BUCKET_CHALLENGE] = 0;
}

static void remember_old_syn(struct apply *a)
{
	struct tcp_extra *extra = a->extra;
	const struct tcp_end *client = a->sender;

	if (extra == NULL || a->in->from != SIDE_CLIENT)
		return;
	extra->old_syn[1] = extra->old_syn[0];
	extra->old_syn[0] = (struct tcp_syn){
		.seq = client->isn,
		.next = client->sent,
		.tsval = client->ts_recent,
		.window = (uint16_t)client->window,
		.mss = client->mss,
		.end_flags = client->flags & (END_OFFERED_SACK | END_OFFERED_TS | END_FAST_OPEN | END_ECN | END_MPTCP),
		.scale = client->scale,
	};
	if (extra->old_syns < OLD_SYNS)
		extra->old_syns++;
}

/* T-2: a new number restarts the timer at most once in tracking.new_isn_interval. */
static void restart_syn_timer(struct apply *a)
{
	uint64_t interval = (uint64_t)a->in->settings->tracking_new_isn_interval * NS_PER_S;
	struct tcp_extra *extra = a->extra;

	if (extra == NULL || (extra->new_isn_at_ns != 0 && a->in->now_ns - extra->new_isn_at_ns < interval))
		return;
	extra->new_isn_at_ns = a->in->now_ns;
	a->conn->armed_ns = a->in->now_ns;
}

static void apply_new_isn(struct apply *a)
{
	struct tcp_syn syn;

	remember_old_syn(a);
	tcp_syn_of(a->in->seg, &syn);
	tcp_end_start(a->sender, &syn, a->in->now_ns);
	restart_syn_timer(a);
	if (a->conn->phase != PHASE_SYN_SENT2)
		return;
	a->sender->limit = a->sender->sent + a->receiver->max_window;
	tcp_decide_scales(a->sender, a->receiver);
}

/* H-8 */
static void apply_simultaneous(struct apply *a)
{
	struct tcp_syn syn;

	tcp_syn_of(a->in->seg, &syn);
	tcp_end_start(a->sender, &syn, a->in->now_ns);
	a->sender->limit = a->sender->sent + a->receiver->max_window;
	a->receiver->limit = a->receiver->sent + a->sender->max_window;
	tcp_decide_scales(a->sender, a->receiver);
	a->conn->flags |= CONN_SIMULTANEOUS;
	enter_phase(a);
}

/* H-10: the SYN+ACK answers an earlier SYN. */
static void return_to_old_syn(struct apply *a)
{
	tcp_end_start(a->receiver, &a->extra->old_syn[a->plan->which - 1], a->in->now_ns);
}

/* H-9 */
static void apply_synack(struct apply *a)
{
	struct tcp_syn syn;

	if (a->plan->which > 0)
		return_to_old_syn(a);
	tcp_syn_of(a->in->seg, &syn);
	tcp_end_start(a->sender, &syn, a->in->now_ns);
	tcp_open_pair(a->receiver, a->sender, a->in->seg->ack);
	if (a->receiver->acked == a->receiver->sent)
		a->receiver->flags &= (uint16_t)~END_UNACKED;
	a->conn->flags &= ~(uint32_t)(CONN_UNREACHABLE | CONN_HAS_CLOSE_BY); /* I-4: taken back */
	a->cold->rtt_us = elapsed_us(a->conn->last_seen_ns, a->in->now_ns);
	emit(a, EVENT_FLOW_SYNACK);
	enter_phase(a);
}

/* H-29, T-3 */
static void apply_synack_again(struct apply *a)
{
	struct tcp_syn syn;

	tcp_syn_of(a->in->seg, &syn);
	if (syn.end_flags & END_OFFERED_TS) /* O-12, L-29 */
		a->sender->ts_recent = syn.tsval;
	if (a->conn->renewals >= a->in->settings->tracking_syn_recv_renewals)
		return;
	a->conn->renewals++;
	a->conn->armed_ns = a->in->now_ns;
}

/* H-28; H-45: without room for candidates the newest SYN+ACK counts. */
static void apply_synack_keep(struct apply *a)
{
	struct tcp_syn syn;
	struct tcp_extra *extra = a->extra;

	tcp_syn_of(a->in->seg, &syn);
	if (extra != NULL) {
		extra->candidate[extra->candidates++] = syn;
		return;
	}
	tcp_end_start(a->sender, &syn, a->in->now_ns);
	tcp_open_pair(a->receiver, a->sender, a->receiver->acked);
}

/* H-21 */
static void apply_synack_crossed(struct apply *a)
{
	const struct segment *seg = a->in->seg;

	a->receiver->acked = seg->ack;
	a->receiver->state = END_OPEN;
	a->receiver->limit = seg->ack + (seg->window > 0 ? seg->window : 1);
	if (a->sender->state >= END_OPEN)
		establish(a);
	enter_phase(a);
}

/* H-14 */
static void apply_async_open(struct apply *a)
{
	uint32_t isn = a->sender->isn;

	tcp_anchor_pickup(a->conn, a->in);
	a->sender->isn = isn;
	a->sender->flags |= END_HAS_ISN;
	a->conn->flags |= CONN_ASYNC;
	emit(a, EVENT_FLOW_ESTABLISHED);
	enter_phase(a);
}

static void apply_challenge(struct apply *a)
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
	for (int i = 0; i < 2; i++) {
		a->extra->rst_sent[i] = a->conn->end[i].sent;
		a->extra->rst_acked[i] = a->conn->end[i].acked;
	}
	a->extra->alive_after_rst = 0;
	a->extra->shadow_from = SIDE_NONE; /* S-8 */
}

static void apply_reset(struct apply *a)
{
	snapshot_ends(a);
	a->conn->flags |= CONN_RESET | (a->in->from == SIDE_CLIENT ? CONN_RST_CLIENT : CONN_RST_SERVER);
	a->conn->close_reason = (uint8_t)a->plan->close;
	if (a->conn->closed_by == SIDE_NONE)
		a->conn->closed_by = (uint8_t)a->in->from;
	emit(a, EVENT_FLOW_RESET);
	enter_phase(a);
}

/* B-5 */
static void apply_repick(struct apply *a)
{
	tcp_anchor_pickup(a->conn, a->in);
	a->conn->flags |= CONN_PICKED_UP | CONN_UNCONFIRMED | CONN_KEEPALIVE_DUE;
	a->conn->flags &= ~(uint32_t)CONN_PICKUP_BY_SERVER;
	if (a->in->from == SIDE_SERVER)
		a->conn->flags |= CONN_PICKUP_BY_SERVER;
	enter_phase(a);
}

/* S-1, S-9 */
static void apply_shadow(struct apply *a)
{
	struct tcp_extra *extra = a->extra;
	bool again;

	if (extra == NULL)
		return;
	again = extra->shadow_from == a->in->from && extra->shadow.seq == a->in->seg->seq &&
		tcp_shadow_pending(extra, a->in->settings, a->in->now_ns);
	tcp_syn_of(a->in->seg, &extra->shadow);
	extra->shadow_from = (uint8_t)a->in->from;
	if (!again)
		extra->shadow_at_ns = a->in->now_ns;
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

	if (conn->epoch != in->epoch) { /* B-2 */
		conn->epoch = in->epoch;
		conn->end[SIDE_CLIENT].flags |= END_RESYNC_DUE;
		conn->end[SIDE_SERVER].flags |= END_RESYNC_DUE;
	}
	if (plan->charge != BUCKET_NONE && extra != NULL)
		extra->bucket[plan->charge] = gcra_charged(extra->bucket[plan->charge], in->now_ns,
							   tcp_bucket_rate(plan->charge, in->settings).rate);
	history_segment(conn, cold, extra, in);
	if (in->from == SIDE_CLIENT && in->seg->kind == SEGMENT_SYN && plan->action != TCP_SHADOW)
		refill_challenges(&a);
	actions[plan->action](&a);
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
	extra->close_by_ns = in->now_ns + (uint64_t)in->settings->tracking_timeouts_unacked * NS_PER_S;
	conn->flags |= CONN_HAS_CLOSE_BY;
	return true;
}
