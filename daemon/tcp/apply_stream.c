/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A segment of an open connection: numbers, ends, accounting (W-10, C-1 to C-5, X, R-12). */
#include "tcp/applying.h"

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

/* X-2 counts as neither. Before the numbers are updated. */
static void account(struct apply *a)
{
	struct tcp_end *sender = a->sender;
	const struct segment *seg = a->in->seg;
	/* G-4: acknowledging again, where neither end waits for anything, is no lack of progress */
	bool waits = seg->next != seg->seq || ((sender->flags | a->receiver->flags) & END_UNACKED);
	bool same = waits && sender->same_count != SAME_COUNT_BROKEN && seg->seq == sender->last_seq &&
		    seg->ack == sender->last_ack && seg->next == sender->last_next &&
		    seg->window == sender->last_window;

	a->receiver->same_count = SAME_COUNT_BROKEN;
	if (is_keepalive(a) || is_probe(a)) {
		sender->same_count = 0;
	} else {
		if (seg->len > 0 && !seq_after(seg->next, sender->contiguous))
			count_retransmission(a);
		else if (seg->next != seg->seq && seq_after(seg->seq, sender->contiguous))
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
	if (a->plan->remarks & reason_bit(REASON_PAWS))
		return;
	/* what is older without that remark is older than 24 days: the clock begins anew */
	if (!seq_before(seg->tsval, sender->ts_recent) && seq_after(seg->seq, sender->acked))
		return;
	sender->ts_recent = seg->tsval;
	sender->ts_recent_at = (uint32_t)(a->in->now_ns / NS_PER_S);
}

/* What went past us counts as sent all the same. */
static void move_contiguous(struct tcp_end *end, uint32_t contiguous)
{
	end->bytes += contiguous - end->contiguous;
	end->contiguous = contiguous;
}

/* K-3, B-3: the receiver's numbers follow what is acknowledged, once: later segments fit again (B-6). */
static void reanchor_receiver(struct apply *a, const struct window_segment *seg)
{
	struct tcp_end *receiver = a->receiver;

	if (!seq_after(seg->sack, receiver->sent))
		return;
	if (seq_before(seg->sack, receiver->acked)) { /* F-9: 2^31 and more beyond it: all numbers begin anew */
		receiver->acked = receiver->contiguous = seg->ack;
		receiver->flags |= END_LIMIT_UNKNOWN;
	}
	receiver->sent = seg->sack;
	if (a->plan->update & UPDATE_REANCHOR)
		move_contiguous(receiver, seg->sack);
}

/*
 * B-3: what is new tells where its sender stands, but for retransmissions of what went past us and for keepalives: the
 * answer may acknowledge more. Settled is what a pure ACK repeats once all of it is acknowledged (B-6).
 */
static void settle_sender(struct apply *a, const struct window_segment *seg, uint32_t sent)
{
	struct tcp_end *sender = a->sender;
	bool pure = seg->next == seg->seq && !seq_before(seg->seq, sent);

	if ((a->plan->update & UPDATE_SETTLE) && seq_after(sender->sent, sent)) {
		move_contiguous(sender, seg->next);
		if (seq_after(seg->next, sender->limit)) /* granted unseen, and perhaps taken back since (W-11) */
			sender->limit = seg->next;
	}
	if (pure || seq_after(seg->next, sent))
		sender->flags &= (uint16_t)~END_RESYNC_DUE;
	if (pure && seg->seq == sent && sender->acked == sent)
		sender->flags &= (uint16_t)~END_UNSETTLED;
}

/* B-3: once the end has said something new and no more than that is acknowledged, none of it went past us. */
static void settle_receiver(struct apply *a, const struct window_segment *seg, bool waited, uint32_t sent)
{
	if (waited && seg->has_ack && seg->ack == sent && !(a->receiver->flags & END_RESYNC_DUE))
		a->receiver->flags &= (uint16_t)~END_UNSETTLED;
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

/* The end whose FIN is known, of two the one that was first. */
static enum side first_to_close(const struct tcp_conn *conn)
{
	for (enum side side = SIDE_CLIENT; side <= SIDE_SERVER; side++)
		if ((conn->end[side].flags & END_HAS_FIN) && ((conn->end[side].flags & END_CLOSE_FIRST) ||
							      !(conn->end[side_other(side)].flags & END_HAS_FIN)))
			return side;
	return SIDE_NONE;
}

/* C-2, C-3, C-5; F-4, H-40: before its SYN is acknowledged the end keeps its state. */
static void update_fin(struct apply *a)
{
	struct tcp_end *sender = a->sender;

	if (a->plan->update & UPDATE_FORGET_FIN) {
		sender->flags &= (uint16_t)~(END_HAS_FIN | END_CLOSE_FIRST);
		if (sender->state == END_FIN_SENT)
			sender->state = END_OPEN;
		a->conn->closed_by = (uint8_t)first_to_close(a->conn);
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

/* K-6 */
static void confirm_pickup(struct apply *a)
{
	a->sender->flags &= (uint16_t)~END_EDGES_GUESSED;
	a->receiver->flags &= (uint16_t)~END_EDGES_GUESSED;
	a->conn->flags &= ~(uint32_t)CONN_UNCONFIRMED;
	a->conn->flags |= CONN_ASSURED;
	apply_emit(a, EVENT_FLOW_PICKED_UP);
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
	if (tcp_timer_phase(a->conn) != PHASE_HALF_CLOSED) {
		a->conn->flags &= ~(uint32_t)CONN_OPEN_DATA;
		return;
	}
	if (a->in->seg->len == 0 || a->sender->state == END_FIN_ACKED)
		return;
	a->conn->open_data_s = (uint32_t)(a->in->now_ns / NS_PER_S);
	a->conn->flags |= CONN_OPEN_DATA;
}

/* what counts as new from `from` is what goes beyond this. */
void apply_begin_anew_after_rst(struct apply *a, enum side from)
{
	enum side other = side_other(from);

	a->extra->rst_sent[from] = a->conn->end[from].sent;
	a->extra->rst_acked[other] = a->conn->end[other].acked;
	a->extra->alive_after_rst &= (uint8_t)~(1u << from);
}

/* both ends said something new since the RST: its target ignored it. */
static void restore(struct apply *a)
{
	struct tcp_extra *extra = a->extra;
	enum side from = a->in->from;
	uint64_t closed_ns = (uint64_t)a->in->settings->tracking_timeouts_closed * NS_PER_S;

	if (a->conn->phase != PHASE_CLOSED || extra == NULL || a->conn->close_reason != CLOSE_RESET ||
	    a->in->now_ns - a->cold->phase_since_ns > closed_ns)
		return;
	if (seq_after(a->sender->sent, extra->rst_sent[from]) ||
	    seq_after(a->receiver->acked, extra->rst_acked[side_other(from)]))
		extra->alive_after_rst |= (uint8_t)(1u << from);
	if (extra->alive_after_rst != 3)
		return;
	extra->alive_after_rst = 0;
	/* a SYN that pends on it pends on a live flow now (F-2) */
	a->conn->flags &= ~(uint32_t)(CONN_RESET | CONN_RST_CLIENT | CONN_RST_SERVER | CONN_REOPENING);
	a->conn->close_reason = CLOSE_NONE;
	a->conn->closed_by = (uint8_t)first_to_close(a->conn);
	apply_phase(a);
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

	if (!seq_after(a->receiver->acked, contiguous))
		return;
	if (*count < UINT8_MAX)
		++*count;
	history_count(&a->cold->history, side_other(a->in->from), 'g', *count);
}

void apply_update(struct apply *a)
{
	struct window_segment seg;
	uint32_t contiguous, sent = a->sender->sent, receiver_sent;
	bool open_before, open_after;
	bool waited = (a->receiver->flags & (END_UNACKED | END_EDGES_GUESSED)) == END_UNACKED;

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
	contiguous = a->receiver->contiguous;
	receiver_sent = a->receiver->sent;
	if (a->plan->update & (UPDATE_REANCHOR | UPDATE_RESYNC))
		reanchor_receiver(a, &seg);
	a->conn->flags &= ~(uint32_t)(a->receiver->packets > 0 ? CONN_KEEPALIVE_DUE : 0);
	window_update(a->sender, a->receiver, &seg);
	count_gap(a, contiguous);
	count_zero_window(a);
	settle_sender(a, &seg, sent);
	settle_receiver(a, &seg, waited, receiver_sent);
	advance_receiver(a);
	update_fin(a);
	if (a->plan->update & UPDATE_CONFIRM)
		confirm_pickup(a);
	if (a->plan->update & UPDATE_CHALLENGE)
		apply_challenge(a);
	open_after = a->sender->state >= END_OPEN && a->receiver->state >= END_OPEN;
	if (!open_before && open_after && a->conn->phase != PHASE_CLOSED)
		apply_established(a);
	else if (!open_before && open_after) /* F-6; told when it is restored */
		a->conn->flags |= CONN_ASSURED;
	a->sender->flags &= (uint16_t)~END_BAD_CLOSE; /* T-14 */
	a->receiver->flags &= (uint16_t)~END_BAD_CLOSE;
	a->conn->flags &= ~(uint32_t)(CONN_HAS_CLOSE_BY | CONN_UNREACHABLE);
	arm(a);
	apply_phase(a);
	restore(a);
	note_open_data(a);
}

void apply_count(struct apply *a)
{
	if ((a->plan->update & UPDATE_NOT_ALIVE) && a->extra != NULL)
		apply_begin_anew_after_rst(a, a->in->from);
	if (a->plan->update & UPDATE_RETRANSMISSION)
		count_retransmission(a);
	if (!(a->plan->update & UPDATE_OVERSHOOT))
		return;
	/* W-8: sent stays, else every later segment would be too old */
	if (!(a->sender->flags & END_HAS_OVERSHOOT) || seq_after(a->in->seg->next, a->sender->overshoot_to))
		a->sender->overshoot_to = a->in->seg->next;
	a->sender->flags |= END_HAS_OVERSHOOT;
}

/* B-5 */
void apply_repick(struct apply *a)
{
	tcp_anchor_pickup(a->conn, a->in);
	a->conn->flags |= CONN_PICKED_UP | CONN_UNCONFIRMED | CONN_KEEPALIVE_DUE;
	a->conn->flags &= ~(uint32_t)(CONN_PICKUP_BY_SERVER | CONN_UNREACHABLE | CONN_HAS_CLOSE_BY);
	if (a->in->from == SIDE_SERVER)
		a->conn->flags |= CONN_PICKUP_BY_SERVER;
	apply_phase(a);
}
