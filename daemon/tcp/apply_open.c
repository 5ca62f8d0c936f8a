/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The opening: what SYNs and SYN+ACKs write (H-6 to H-29). */
#include "tcp/applying.h"
#include "tcp/history.h"

/* O-12, L-29: a SYN or SYN+ACK that comes again brings the newest timestamp. */
static void note_timestamp(struct apply *a, const struct tcp_syn *syn)
{
	if (!(syn->end_flags & END_OFFERED_TS) || seq_before(syn->tsval, a->sender->ts_recent))
		return;
	a->sender->ts_recent = syn->tsval;
	a->sender->ts_recent_at = (uint32_t)(a->in->now_ns / NS_PER_S);
}

/* I-4: the other end is there, or a new attempt begins. */
static void take_back_unreachable(struct apply *a)
{
	a->conn->flags &= ~(uint32_t)(CONN_UNREACHABLE | CONN_HAS_CLOSE_BY);
}

/* H-6: the options of the last SYN win; it may have dropped its data (H-44). */
void apply_syn_again(struct apply *a)
{
	struct tcp_syn syn;
	uint32_t sent = a->sender->sent;

	tcp_syn_of(a->in->seg, &syn);
	note_timestamp(a, &syn);
	if (a->in->from == SIDE_SERVER) /* H-37 */
		a->conn->flags |= CONN_SIMULTANEOUS;
	if (a->conn->phase != PHASE_SYN_SENT) /* O-5: decided once */
		return;
	tcp_end_start(a->sender, &syn, a->in->now_ns);
	a->sender->sent = seq_max(sent, a->sender->sent);
	if (tcp_syn_had_data(a->sender)) /* I-4 */
		a->conn->flags &= ~(uint32_t)CONN_HAS_CLOSE_BY;
}

static struct tcp_syn syn_of_end(const struct tcp_end *end)
{
	return (struct tcp_syn){
		.seq = end->isn,
		.next = end->sent,
		.tsval = end->ts_recent,
		.window = (uint16_t)end->window,
		.mss = end->mss,
		.end_flags = end->flags & (END_OFFERED_SACK | END_OFFERED_TS | END_FAST_OPEN | END_ECN | END_MPTCP),
		.scale = end->scale,
	};
}

void apply_remember_syn(struct tcp_extra *extra, const struct tcp_syn *syn)
{
	extra->old_syn[1] = extra->old_syn[0];
	extra->old_syn[0] = *syn;
	if (extra->old_syns < OLD_SYNS)
		extra->old_syns++;
}

/* T-2: a new number restarts the timer at most once in tracking.new_isn_interval. */
static void restart_syn_timer(struct apply *a)
{
	uint64_t interval = (uint64_t)a->in->settings->tracking_new_isn_interval * NS_PER_S;
	struct tcp_extra *extra = a->extra;

	if (extra == NULL || a->in->now_ns < extra->new_isn_from_ns)
		return;
	extra->new_isn_from_ns = a->in->now_ns + interval;
	a->conn->armed_ns = a->in->now_ns;
	take_back_unreachable(a);
}

void apply_new_isn(struct apply *a)
{
	struct tcp_syn syn = syn_of_end(a->sender);

	if (a->extra != NULL && a->in->from == SIDE_CLIENT)
		apply_remember_syn(a->extra, &syn);
	tcp_syn_of(a->in->seg, &syn);
	tcp_end_start(a->sender, &syn, a->in->now_ns);
	restart_syn_timer(a);
	if (a->conn->phase != PHASE_SYN_SENT2)
		return;
	a->sender->limit = a->sender->sent + a->receiver->max_window;
	tcp_decide_scales(a->sender, a->receiver);
}

/* H-8 */
void apply_simultaneous(struct apply *a)
{
	struct tcp_syn syn;

	tcp_syn_of(a->in->seg, &syn);
	tcp_end_start(a->sender, &syn, a->in->now_ns);
	a->sender->limit = a->sender->sent + a->receiver->max_window;
	a->receiver->limit = a->receiver->sent + a->sender->max_window;
	tcp_decide_scales(a->sender, a->receiver);
	a->conn->flags |= CONN_SIMULTANEOUS;
	take_back_unreachable(a);
	apply_phase(a);
}

/* H-10: the SYN+ACK answers an earlier SYN. */
static void return_to_old_syn(struct apply *a)
{
	struct tcp_syn *old = &a->extra->old_syn[a->plan->which - 1], newest = syn_of_end(a->receiver);

	tcp_end_start(a->receiver, old, a->in->now_ns);
	*old = newest; /* it may come again without its data (H-44) */
}

/* H-9 */
void apply_synack(struct apply *a)
{
	struct tcp_syn syn;

	if (a->plan->which > 0)
		return_to_old_syn(a);
	if (a->in->from == SIDE_SERVER && (a->plan->remarks & reason_bit(REASON_SYNACK_CHANGED)))
		a->conn->flags &= ~(uint32_t)CONN_SIMULTANEOUS; /* H-21: the SYN that crossed was none of its own */
	tcp_syn_of(a->in->seg, &syn);
	tcp_end_start(a->sender, &syn, a->in->now_ns);
	tcp_open_pair(a->receiver, a->sender, a->in->seg->ack);
	if (a->receiver->acked == a->receiver->sent)
		a->receiver->flags &= (uint16_t)~END_UNACKED;
	take_back_unreachable(a);
	a->cold->rtt_us = apply_elapsed_us(a->conn->last_seen_ns, a->in->now_ns);
	apply_emit(a, EVENT_FLOW_SYNACK);
	apply_phase(a);
}

/* it is as if the RST had not come; where the server's own SYN pended both open. */
void apply_synack_after_refusal(struct apply *a)
{
	struct tcp_extra *extra = a->extra;

	a->conn->flags &= ~(uint32_t)(CONN_RESET | CONN_RST_CLIENT | CONN_RST_SERVER | CONN_REOPENING);
	a->conn->close_reason = CLOSE_NONE;
	a->conn->closed_by = SIDE_NONE;
	if (extra != NULL && extra->shadow_from == SIDE_SERVER && extra->shadow.seq == a->in->seg->seq)
		a->conn->flags |= CONN_SIMULTANEOUS;
	if (extra != NULL)
		extra->shadow_from = SIDE_NONE;
	apply_synack(a);
	a->events = event_bit(EVENT_FLOW_RESTORED);
}

/* H-44: it may bring data that the first one did not. */
static void take_data_of_synack(struct tcp_end *server, const struct tcp_syn *syn)
{
	if (!seq_after(syn->next, server->sent) || (server->flags & END_HAS_FIN))
		return;
	server->bytes += syn->next - server->contiguous;
	server->sent = server->contiguous = syn->next;
	server->flags |= END_UNACKED;
}

/* H-29, T-3 */
void apply_synack_again(struct apply *a)
{
	struct tcp_syn syn;
	uint32_t edge;

	tcp_syn_of(a->in->seg, &syn);
	note_timestamp(a, &syn);
	take_data_of_synack(a->sender, &syn);
	/* it may grant more than the first one did (Fast Open: its program has read by now), never less (W-11) */
	edge = a->in->seg->ack + (syn.window > 0 ? syn.window : 1u);
	if (syn.window > a->sender->max_window)
		a->sender->max_window = syn.window;
	if (seq_after(edge, a->receiver->limit))
		a->receiver->limit = edge;
	if (a->conn->renewals >= a->in->settings->tracking_syn_recv_renewals)
		return;
	a->conn->renewals++;
	a->conn->armed_ns = a->in->now_ns;
}

/* H-28; H-45: without room for candidates the newest SYN+ACK counts. */
void apply_synack_keep(struct apply *a)
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
void apply_synack_crossed(struct apply *a)
{
	const struct segment *seg = a->in->seg;

	a->receiver->acked = seg->ack;
	a->receiver->state = END_OPEN;
	a->receiver->limit = seg->ack + (seg->window > 0 ? seg->window : 1);
	if (a->sender->state >= END_OPEN)
		apply_established(a);
	apply_phase(a);
}

/* H-14 */
void apply_async_open(struct apply *a)
{
	tcp_anchor_pickup(a->conn, a->in);
	a->conn->flags |= CONN_ASYNC;
	history_partial(a->conn, a->cold);
	apply_emit(a, EVENT_FLOW_ESTABLISHED);
	apply_phase(a);
}
