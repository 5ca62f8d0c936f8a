/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The opening (rules H) up to SYN_RECV: SYNs, SYN+ACKs and what else arrives before both ends are open. */
#include "tcp/judging.h"

/* H-6, H-22, H-35: the same SYN again. A-3: it costs the flow's own budget. */
static bool judge_syn_again(struct judge *j)
{
	if (judge_over_budget(j, BUCKET_SYN_RETRANSMIT))
		return judge_drop(j, REASON_SYN_RETRANSMIT);
	return judge_remark(j, REASON_SYN_RETRANSMIT, TCP_SYN_AGAIN);
}

/* H-7, H-23: another number before any answer. */
static bool judge_new_isn(struct judge *j)
{
	if (judge_over_budget(j, BUCKET_SYN_RETRANSMIT))
		return judge_drop(j, REASON_SYN_RETRANSMIT);
	j->plan.wants_extra = true;
	return judge_remark(j, REASON_SYN_NEW_ISN, TCP_SYN_NEW_ISN);
}

static bool same_syn(const struct judge *j)
{
	return (j->sender->flags & END_HAS_ISN) && j->seg.seq == j->sender->isn;
}

bool judge_syn(struct judge *j)
{
	bool by_client = j->in->from == SIDE_CLIENT;

	switch ((enum phase)j->conn->phase) {
	case PHASE_SYN_SENT:
		if (!by_client) /* H-8 */
			return judge_remark(j, REASON_SIMULTANEOUS_OPEN, TCP_SIMULTANEOUS);
		return same_syn(j) ? judge_syn_again(j) : judge_new_isn(j);
	case PHASE_SYN_SENT2:
		return same_syn(j) ? judge_syn_again(j) : judge_new_isn(j);
	case PHASE_SYN_RECV:
		/* H-35; H-37: the number of its SYN+ACK shows that both open, whether or not that came by before */
		if (same_syn(j))
			return judge_syn_again(j);
		if (!by_client)
			return judge_drop(j, REASON_WRONG_DIRECTION);
		return judge_shadow_syn(j); /* H-36 */
	case PHASE_ESTABLISHED:
	case PHASE_FIN_WAIT:
	case PHASE_HALF_CLOSED:
	case PHASE_CLOSING:
	case PHASE_LAST_ACK:
	case PHASE_TIME_WAIT:
	case PHASE_CLOSED:
	case PHASE_PICKUP:
	case PHASE_COUNT:
		break;
	}
	return judge_shadow_syn(j); /* C-8 */
}

static bool judge_bad_synack(struct judge *j, uint32_t low, uint32_t high)
{
	judge_allowed(j, ALLOWED_ACK, low, high);
	if (j->in->settings->policy_bad_synack == ACTION_ACCEPT)
		return judge_remark(j, REASON_BAD_SYNACK, TCP_COUNT);
	return judge_drop(j, REASON_BAD_SYNACK);
}

/* H-9 to H-11: the first SYN+ACK. */
static bool judge_first_synack(struct judge *j)
{
	const struct tcp_end *client = j->receiver;
	uint32_t ack = j->in->seg->ack;

	if (acknowledges(ack, client->isn, client->sent))
		return judge_accept(j, TCP_SYNACK);
	for (unsigned i = 0; j->extra != NULL && i < j->extra->old_syns; i++) {
		if (!acknowledges(ack, j->extra->old_syn[i].seq, j->extra->old_syn[i].next))
			continue;
		j->plan.which = (uint8_t)(i + 1);
		return judge_accept(j, TCP_SYNACK);
	}
	return judge_bad_synack(j, client->isn + 1, client->sent);
}

/* H-21: the SYN+ACK of a simultaneous open, from either end. */
static bool judge_crossed_synack(struct judge *j)
{
	uint32_t ack = j->in->seg->ack, isn = j->receiver->isn;
	bool changed = !same_syn(j) && j->conn->phase == PHASE_SYN_SENT2;

	/*
	 * G-4: it knows the other end's number, and what came with it (H-44); the SYN that crossed did not: that one
	 * was stale, or forged
	 */
	if (changed && acknowledges(ack, isn, j->receiver->sent))
		return judge_remark(j, REASON_SYNACK_CHANGED, TCP_SYNACK);
	if (ack != isn + 1 || !same_syn(j))
		return judge_bad_synack(j, isn + 1, isn + 1);
	if (j->receiver->state != END_SYN_SENT)
		return judge_accept(j, TCP_COUNT);
	return judge_accept(j, TCP_SYNACK_CROSSED);
}

static bool is_candidate(const struct tcp_extra *extra, uint32_t seq)
{
	for (unsigned i = 0; extra != NULL && i < extra->candidates; i++)
		if (extra->candidate[i].seq == seq)
			return true;
	return false;
}

/* H-28, H-29, H-39: further SYN+ACKs. */
static bool judge_further_synack(struct judge *j)
{
	const struct tcp_end *client = j->receiver;
	unsigned kept = j->extra != NULL ? j->extra->candidates : 0;

	if (!acknowledges(j->in->seg->ack, client->isn, client->sent))
		return judge_bad_synack(j, client->isn + 1, client->sent);
	if (same_syn(j))
		return judge_accept(j, TCP_SYNACK_AGAIN);
	if (is_candidate(j->extra, j->seg.seq))
		return judge_remark(j, REASON_SYNACK_CHANGED, TCP_COUNT);
	if (kept >= (unsigned)j->in->settings->tracking_synack_candidates)
		return judge_drop(j, REASON_SYNACK_FLOOD);
	j->plan.wants_extra = true;
	return judge_remark(j, REASON_SYNACK_CHANGED, TCP_SYNACK_KEEP);
}

/*
 * R-12, G-4: a SYN was refused, and now it is answered: the RST was lost behind us, or is older than what the server
 * listens for. Not where the client has sent another SYN since.
 */
static bool takes_refusal_back(const struct judge *j)
{
	bool newer_pends = tcp_shadow_pending(j->extra, j->in->settings, j->in->now_ns) &&
			   j->extra->shadow_from == SIDE_CLIENT;

	return j->conn->phase == PHASE_CLOSED && j->conn->close_reason == CLOSE_REFUSED &&
	       j->in->from == SIDE_SERVER && j->sender->state == END_NONE && !newer_pends &&
	       acknowledges(j->in->seg->ack, j->receiver->isn, j->receiver->sent);
}

/* C-9: on a flow that is past its opening. */
static bool judge_late_synack(struct judge *j)
{
	bool by_client = j->in->from == SIDE_CLIENT;
	uint32_t ack = j->in->seg->ack;
	bool answers = (j->receiver->flags & END_HAS_ISN) && seq_in(ack, j->receiver->isn + 1, j->receiver->sent);
	/* picked up behind the handshake: what fits may well be it, and shows who the server is (G-4) */
	bool may_answer = !(j->sender->flags & END_HAS_ISN) && (j->conn->flags & CONN_PICKED_UP) &&
			  !seq_after(j->seg.next, j->sender->contiguous) && judge_window(j) == 0;

	if (may_answer)
		return judge_accept(j, TCP_COUNT);
	if (by_client && !(j->conn->flags & CONN_SIMULTANEOUS && same_syn(j)))
		return judge_drop(j, REASON_WRONG_DIRECTION);
	if (takes_refusal_back(j))
		return judge_accept(j, TCP_SYNACK_AFTER_REFUSAL);
	/* an attempt that the client took back: the answer may still come, its RST cleans the server up */
	if (answers && (same_syn(j) || j->sender->state == END_NONE))
		return judge_accept(j, TCP_COUNT);
	return judge_bad_synack(j, j->receiver->isn + 1, j->receiver->isn + 1);
}

bool judge_synack(struct judge *j)
{
	switch ((enum phase)j->conn->phase) {
	case PHASE_SYN_SENT:
		if (j->in->from == SIDE_CLIENT) /* H-12 */
			return judge_drop(j, REASON_WRONG_DIRECTION);
		return judge_first_synack(j);
	case PHASE_SYN_SENT2:
		return judge_crossed_synack(j);
	case PHASE_SYN_RECV:
		if (j->conn->flags & CONN_SIMULTANEOUS)
			return judge_crossed_synack(j);
		if (j->in->from == SIDE_CLIENT) /* H-38 */
			return judge_drop(j, REASON_WRONG_DIRECTION);
		return judge_further_synack(j);
	case PHASE_ESTABLISHED:
	case PHASE_FIN_WAIT:
	case PHASE_HALF_CLOSED:
	case PHASE_CLOSING:
	case PHASE_LAST_ACK:
	case PHASE_TIME_WAIT:
	case PHASE_CLOSED:
	case PHASE_PICKUP:
	case PHASE_COUNT:
		break;
	}
	return judge_late_synack(j);
}

/* H-13: an ACK of an older incarnation at the server. */
static bool judge_challenge_ack(struct judge *j)
{
	if (judge_over_budget(j, BUCKET_CHALLENGE))
		return judge_drop(j, REASON_CHALLENGE_RATE);
	j->plan.wants_extra = true;
	return judge_remark(j, REASON_CHALLENGE_ACK, TCP_CHALLENGE);
}

/*
 * H-14: the answer takes another way. It may have acknowledged the data of the SYN (H-44); the client may close at
 * once, and its third segment be lost before us (G-4). If it has nothing to say its keepalive is the next (W-14).
 */
static bool opens_one_sided(const struct judge *j)
{
	const struct segment *seg = j->in->seg;
	bool keepalive = seg->kind == SEGMENT_ACK && seg->len <= 1 && seg->seq == j->sender->isn;

	return j->in->settings->tracking_async && (seg->flags & TCP_ACK) &&
	       (keepalive || seq_in(seg->seq, j->sender->isn + 1, j->sender->sent));
}

/* H-13 to H-15, SYN_SENT2: H-24, H-25, H-27. False: H-24, the tests of the stream go on. */
bool judge_unanswered(struct judge *j)
{
	const struct segment *seg = j->in->seg;
	bool by_client = j->in->from == SIDE_CLIENT;

	if (j->conn->phase == PHASE_SYN_SENT2) {
		if ((seg->flags & TCP_ACK) && seg->ack == j->receiver->isn + 1)
			return false;
		if (j->resync && (seg->flags & TCP_ACK)) /* B-5 */
			return judge_remark(j, REASON_RESYNC, TCP_REPICK);
		return judge_drop(j, seg->kind == SEGMENT_FIN ? REASON_NO_SYNACK : REASON_BAD_HANDSHAKE_ACK);
	}
	if (j->resync && (seg->flags & TCP_ACK)) /* B-5 */
		return judge_remark(j, REASON_RESYNC, TCP_REPICK);
	if (!by_client && seg->kind == SEGMENT_ACK && seg->len == 0)
		return judge_challenge_ack(j);
	if (by_client && opens_one_sided(j))
		return judge_accept(j, TCP_ASYNC_OPEN);
	return judge_drop(j, REASON_NO_SYNACK);
}
