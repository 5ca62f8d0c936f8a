/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Segments of an open connection: windows and acknowledgements (W), FINs and data after them (C-3 to C-6),
 * timestamps (O-8, O-13). The steps and their order are those of the specification's table "Outcome".
 */
#include "tcp/judging.h"

#define PAWS_VALID_S 2073600u /* O-13: after 24 days a timestamp says nothing */

/* What becomes of a segment that fails a test: by the setting, or where that is auto by the mode. */
enum outcome { OUTCOME_PASS, OUTCOME_COUNT, OUTCOME_DROP };

struct stream {
	struct judge *j;
	unsigned found;      /* enum window_finding */
	bool guessed;        /* the numbers of an end are guesses: nothing is held against them */
	bool liberal, strict;
	struct tcp_end ends[2]; /* with a candidate as the server end (H-30) */
};

/* M-15. Guessed edges pass whatever the setting; liberal mode passes what is not set. */
static enum outcome outcome_of(const struct stream *st, int setting, enum outcome otherwise)
{
	if (st->guessed)
		return OUTCOME_PASS;
	if (setting == AUTO_AUTO)
		return st->liberal ? OUTCOME_PASS : otherwise;
	return setting == AUTO_DROP ? OUTCOME_DROP : OUTCOME_PASS;
}

static bool drop_beyond(struct judge *j, enum reason reason)
{
	j->plan.bad_close = j->in->seg->kind == SEGMENT_FIN;
	judge_allowed(j, ALLOWED_SEQ, j->sender->sent - j->receiver->max_window, j->sender->limit);
	return judge_drop(j, reason);
}

/* Step 2: data that starts beyond the window, by at most one window, between open ends. */
static bool is_small_overshoot(const struct stream *st)
{
	const struct judge *j = st->j;
	const unsigned others = WINDOW_TOO_OLD | WINDOW_ACK_HIGH | WINDOW_ACK_OLD;

	return j->seg.len > 0 && j->sender->state >= END_OPEN && j->receiver->state >= END_OPEN &&
	       !(st->found & others) && j->seg.next - j->sender->limit <= j->receiver->max_window;
}

/* Steps 1 to 3. Step 1 is part of window_test(). True: judged. */
static bool judge_starts_high(struct stream *st)
{
	struct judge *j = st->j;
	const struct settings *s = j->in->settings;
	enum outcome outcome;

	if (!(st->found & WINDOW_STARTS_HIGH))
		return false;
	if ((j->resync || j->unsettled) && !st->guessed && j->seg.seq - j->sender->limit <= WINDOW_MOST) { /* B-3 */
		j->plan.remarks |= reason_bit(REASON_RESYNC);
		return false;
	}
	if (is_small_overshoot(st)) {
		outcome = outcome_of(st, s->policy_overshoot, st->strict ? OUTCOME_DROP : OUTCOME_COUNT);
		if (outcome == OUTCOME_DROP)
			return drop_beyond(j, REASON_OVERSHOOT);
		j->plan.remarks |= reason_bit(REASON_OVERSHOOT);
		if (st->guessed || st->liberal)
			return false;
		j->plan.update |= UPDATE_OVERSHOOT; /* W-8 */
		return judge_accept(j, TCP_COUNT);
	}
	if (outcome_of(st, s->policy_seq_high, OUTCOME_DROP) == OUTCOME_DROP)
		return drop_beyond(j, REASON_SEQ_HIGH);
	j->plan.remarks |= reason_bit(REASON_SEQ_HIGH);
	return false;
}

/* H-30: the acknowledgement fits a SYN+ACK that was kept: that one becomes the server end, all is tested afresh. */
static bool choose_candidate(struct stream *st)
{
	struct judge *j = st->j;

	if (j->in->from != SIDE_CLIENT || (j->conn->flags & CONN_SIMULTANEOUS))
		return false;
	for (unsigned i = 0; j->extra != NULL && i < j->extra->candidates; i++) {
		const struct tcp_syn *candidate = &j->extra->candidate[i];

		if (!acknowledges(j->seg.ack, candidate->seq, candidate->next))
			continue;
		st->ends[SIDE_CLIENT] = *j->sender;
		st->ends[SIDE_SERVER] = *j->receiver;
		tcp_end_start(&st->ends[SIDE_SERVER], candidate, j->in->now_ns);
		tcp_open_pair(&st->ends[SIDE_CLIENT], &st->ends[SIDE_SERVER], st->ends[SIDE_CLIENT].acked);
		j->plan.which = (uint8_t)(i + 1);
		j->sender = &st->ends[SIDE_CLIENT];
		j->receiver = &st->ends[SIDE_SERVER];
		j->seg.window = (uint32_t)j->in->seg->window << j->sender->shift;
		return true;
	}
	return false;
}

/* Step 4: H-30, H-31. True: judged. */
static bool judge_handshake(struct stream *st)
{
	struct judge *j = st->j;

	if (j->receiver->state != END_SYN_SENT)
		return false;
	if (j->seg.has_ack && acknowledges(j->seg.ack, j->receiver->isn, j->receiver->sent)) {
		st->found &= ~(unsigned)WINDOW_ACK_HIGH;
		return false;
	}
	if (j->resync_ack && j->seg.has_ack) /* B-5 */
		return judge_remark(j, REASON_RESYNC, TCP_REPICK);
	judge_allowed(j, ALLOWED_ACK, j->receiver->isn + 1, j->receiver->sent);
	if (st->liberal || st->guessed) /* M-13 */
		return judge_remark(j, REASON_BAD_HANDSHAKE_ACK, TCP_COUNT);
	return judge_drop(j, REASON_BAD_HANDSHAKE_ACK);
}

/* Steps 5 and 6, W-9. Step 5 is part of window_test(). True: judged. */
static bool judge_ack_high(struct stream *st)
{
	struct judge *j = st->j;
	uint32_t reach = window_ack_reach(j->sender, (uint32_t)j->in->settings->tracking_ack_window_min);

	if (!(st->found & WINDOW_ACK_HIGH))
		return false;
	if ((j->conn->flags & CONN_KEEPALIVE_DUE) && j->seg.sack == j->receiver->sent + 1) { /* K-5 */
		j->plan.update |= UPDATE_KEEPALIVE;
		return false;
	}
	if (j->resync_ack && !st->guessed) { /* B-3 */
		j->plan.remarks |= reason_bit(REASON_RESYNC);
		return false;
	}
	if (outcome_of(st, j->in->settings->policy_ack_high, OUTCOME_DROP) == OUTCOME_DROP) {
		j->plan.bad_close = j->in->seg->kind == SEGMENT_FIN;
		judge_allowed(j, ALLOWED_ACK, j->receiver->acked - reach, j->receiver->sent);
		return judge_drop(j, REASON_ACK_HIGH);
	}
	j->plan.update |= UPDATE_REANCHOR; /* K-3 */
	j->plan.remarks |= reason_bit(REASON_ACK_HIGH);
	return false;
}

/* W-7. True: the budget is used up, dropped. */
static bool old_budget_used(struct judge *j, enum reason reason)
{
	if (!judge_over_budget(j, BUCKET_OLD_SEGMENT))
		return false;
	return judge_drop(j, reason);
}

/* Accept-only within the budget; X-1. */
static bool judge_old_seq(struct judge *j)
{
	bool known = j->seg.len > 0 && !seq_after(j->seg.next, j->sender->contiguous);

	j->plan.update = known ? UPDATE_RETRANSMISSION : 0;
	return old_budget_used(j, REASON_OLD_SEQ) || judge_remark(j, REASON_OLD_SEQ, TCP_COUNT);
}

/* C-2: no FIN known yet, or only one that was forged. */
static void take_fin(struct judge *j, unsigned found)
{
	if (j->in->seg->kind == SEGMENT_FIN && !(found & WINDOW_ENDS_HIGH) &&
	    !seq_before(j->seg.next, j->sender->contiguous))
		j->plan.update |= UPDATE_TAKE_FIN;
}

/* It follows what is known without a hole and has not been seen before. */
static bool is_contiguous_fin(const struct judge *j)
{
	return j->in->seg->kind == SEGMENT_FIN && !seq_after(j->seg.seq, j->sender->contiguous) &&
	       seq_after(j->seg.next, j->sender->contiguous);
}

/* Step 7: C-3 to C-6. True: judged. */
static bool judge_fin(struct stream *st)
{
	struct judge *j = st->j;
	const struct tcp_end *sender = j->sender;
	bool fin = j->in->seg->kind == SEGMENT_FIN;

	if (!(sender->flags & END_HAS_FIN)) {
		take_fin(j, st->found);
		return false;
	}
	if (!seq_after(j->seg.next, sender->fin_next)) {
		if (!fin || j->seg.next == sender->fin_next)
			return false;
		if (!tcp_fin_is_provisional(sender) || !is_contiguous_fin(j))
			return judge_old_seq(j); /* C-4: an older FIN */
		/* else the known one, of a higher number, was forged */
	} else if (!tcp_fin_is_provisional(sender)) {
		judge_allowed(j, ALLOWED_NEXT, sender->fin_next, sender->fin_next);
		return judge_drop(j, fin ? REASON_BAD_FIN : REASON_DATA_AFTER_FIN);
	}
	if (j->seg.len == 0 && !fin)
		return false;
	/* C-3, C-5: what reaches past a FIN that nobody confirmed shows it was forged */
	j->plan.remarks |= reason_bit(REASON_BAD_FIN);
	j->plan.update |= UPDATE_FORGET_FIN;
	take_fin(j, st->found);
	return false;
}

static void allow_acks_back(struct judge *j)
{
	uint32_t reach = window_ack_reach(j->sender, (uint32_t)j->in->settings->tracking_ack_window_min);

	judge_allowed(j, ALLOWED_ACK, j->receiver->acked - reach, j->receiver->sent);
}

/* Steps 8 to 10. True: judged. */
static bool judge_old(struct stream *st)
{
	struct judge *j = st->j;
	bool lenient = st->guessed || st->liberal;
	enum outcome ack_outcome =
		outcome_of(st, j->in->settings->policy_old_ack, st->strict ? OUTCOME_DROP : OUTCOME_COUNT);

	if (ack_outcome == OUTCOME_PASS && !lenient) /* accepted by a setting: still says nothing new */
		ack_outcome = OUTCOME_COUNT;
	if ((st->found & WINDOW_ACK_OLD) && ack_outcome == OUTCOME_DROP) {
		allow_acks_back(j);
		return judge_drop(j, REASON_OLD_ACK);
	}
	if (st->found & WINDOW_TOO_OLD) {
		judge_allowed(j, ALLOWED_NEXT, j->sender->sent - j->receiver->max_window, j->sender->limit);
		if (!lenient)
			return judge_old_seq(j);
		j->plan.remarks |= reason_bit(REASON_OLD_SEQ);
	}
	if (st->found & WINDOW_ACK_OLD) {
		if (ack_outcome == OUTCOME_COUNT) {
			allow_acks_back(j);
			j->plan.update = 0;
			return old_budget_used(j, REASON_OLD_ACK) || judge_remark(j, REASON_OLD_ACK, TCP_COUNT);
		}
		j->plan.remarks |= reason_bit(REASON_OLD_ACK);
	}
	return false;
}

/* Step 11. True: judged. */
static bool judge_ends_high(struct stream *st)
{
	struct judge *j = st->j;
	enum outcome otherwise = st->strict ? OUTCOME_DROP : OUTCOME_PASS;

	if (!(st->found & WINDOW_ENDS_HIGH) || (st->found & WINDOW_STARTS_HIGH))
		return false;
	if (outcome_of(st, j->in->settings->policy_overshoot, otherwise) == OUTCOME_DROP) {
		j->plan.bad_close = j->in->seg->kind == SEGMENT_FIN;
		judge_allowed(j, ALLOWED_NEXT, j->sender->sent - j->receiver->max_window, j->sender->limit + 1);
		return judge_drop(j, REASON_OVERSHOOT);
	}
	j->plan.remarks |= reason_bit(REASON_OVERSHOOT);
	return false;
}

/* Step 12: O-8, O-13. True: judged. */
static bool judge_timestamp(struct stream *st)
{
	struct judge *j = st->j;
	const struct segment *seg = j->in->seg;
	const struct settings *s = j->in->settings;
	uint32_t now_s = (uint32_t)(j->in->now_ns / NS_PER_S);
	bool matters = seg->len > 0 || seg->kind == SEGMENT_FIN;
	bool drop;

	if (!(j->sender->flags & j->receiver->flags & END_OFFERED_TS))
		return false;
	if (!(seg->options & OPTION_SEEN_TIMESTAMP)) {
		j->plan.remarks |= reason_bit(REASON_TS_MISSING);
		return false;
	}
	if (!seq_before(seg->tsval, j->sender->ts_recent) || now_s - j->sender->ts_recent_at >= PAWS_VALID_S)
		return false;
	drop = outcome_of(st, s->policy_paws, st->strict ? OUTCOME_DROP : OUTCOME_PASS) == OUTCOME_DROP;
	if (drop && matters && j->sender->ts_recent - seg->tsval > (uint32_t)s->tracking_paws_slack) {
		judge_allowed(j, ALLOWED_TS, j->sender->ts_recent - (uint32_t)s->tracking_paws_slack,
			      j->sender->ts_recent);
		return judge_drop(j, REASON_PAWS);
	}
	j->plan.remarks |= reason_bit(REASON_PAWS);
	return false;
}

/* H-32, H-33: data of the server before the third segment; H-34: none, it passes. True: judged. */
static bool judge_early_data(struct stream *st)
{
	struct judge *j = st->j;
	bool early = j->in->from == SIDE_SERVER && j->sender->state == END_SYN_SENT && j->seg.len > 0 &&
		     !(j->conn->flags & CONN_SIMULTANEOUS);

	if (!early || (j->receiver->flags & END_FAST_OPEN))
		return false;
	if (outcome_of(st, j->in->settings->policy_data_before_handshake,
		       st->strict ? OUTCOME_DROP : OUTCOME_PASS) == OUTCOME_DROP)
		return judge_drop(j, REASON_DATA_BEFORE_HANDSHAKE);
	j->plan.remarks |= reason_bit(REASON_DATA_BEFORE_HANDSHAKE);
	return false;
}

/* K-6: the other end than the one met first acknowledges what fits. */
static bool confirms_pickup(const struct stream *st)
{
	const struct judge *j = st->j;
	enum side first = (j->conn->flags & CONN_PICKUP_BY_SERVER) ? SIDE_SERVER : SIDE_CLIENT;

	return (j->conn->flags & CONN_UNCONFIRMED) && j->in->from != first && j->seg.has_ack &&
	       !(j->plan.update & UPDATE_REANCHOR) && !(st->found & WINDOW_ACK_OLD);
}

/* C-12: it was on its way when the RST came. */
static bool is_late_ack(const struct judge *j)
{
	return j->conn->phase == PHASE_CLOSED && j->in->seg->kind == SEGMENT_ACK && j->seg.len == 0 &&
	       (j->sender->flags & END_HAS_ISN) && j->seg.seq == j->sender->contiguous;
}

bool judge_stream(struct judge *j)
{
	struct stream st = { .j = j };

	st.guessed = (j->sender->flags | j->receiver->flags) & END_EDGES_GUESSED;
	st.liberal = j->in->settings->tracking_window == WINDOW_LIBERAL;
	st.strict = j->in->settings->tracking_window == WINDOW_STRICT;
	if (j->sender->state == END_NONE || j->receiver->state == END_NONE) /* refused or aborted */
		return is_late_ack(j) || j->resync ? judge_accept(j, TCP_COUNT) : judge_drop(j, REASON_NO_SYNACK);
	if (j->receiver->state == END_SYN_SENT && !acknowledges(j->seg.ack, j->receiver->isn, j->receiver->sent))
		choose_candidate(&st);
	st.found = judge_window(j);
	if ((j->resync || j->unsettled) && !st.guessed) /* B-3: what went past us may have granted more */
		st.found &= ~(unsigned)WINDOW_ENDS_HIGH;
	if (st.found == 0 && !(j->sender->flags & END_HAS_FIN) && j->receiver->state != END_SYN_SENT) {
		take_fin(j, 0);
	} else if (judge_starts_high(&st) || judge_handshake(&st) || judge_ack_high(&st) || judge_fin(&st) ||
		   judge_old(&st) || judge_ends_high(&st)) {
		return true;
	}
	if (judge_timestamp(&st) || judge_early_data(&st))
		return true;
	if (j->resync_ack && !st.guessed) /* B-3, B-4 */
		j->plan.update |= UPDATE_RESYNC;
	if (j->unsettled && !st.guessed)
		j->plan.update |= UPDATE_SETTLE;
	if (confirms_pickup(&st))
		j->plan.update |= UPDATE_CONFIRM;
	/* W-13: the remark belongs to the segment that closes the window */
	if (j->seg.window == 0 && !(j->sender->flags & END_ZERO_WINDOW))
		j->plan.remarks |= reason_bit(REASON_ZERO_WINDOW);
	return judge_accept(j, TCP_UPDATE);
}
