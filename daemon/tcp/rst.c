/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RSTs (rules R, and those of the opening table). An inexact RST never changes state or timers. */
#include "tcp/judging.h"

static bool judge_bad_rst(struct judge *j)
{
	j->plan.bad_close = true;
	return judge_drop(j, REASON_BAD_RST);
}

static bool judge_reset(struct judge *j, enum close_reason close)
{
	j->plan.close = close;
	j->plan.wants_extra = true;
	return judge_accept(j, TCP_RESET);
}

/* H-16, RFC 9293 3.10.7.3: what acknowledges the SYN refuses it, whatever its sequence number. */
static bool refuses(const struct judge *j)
{
	const struct segment *seg = j->in->seg;

	return (seg->flags & TCP_ACK) && acknowledges(seg->ack, j->receiver->isn, j->receiver->sent);
}

/* H-19, H-26: its sender takes its own SYN back. */
static bool takes_back(const struct judge *j)
{
	uint32_t seq = j->seg.seq;

	return (j->sender->flags & END_HAS_ISN) &&
	       (seq == j->sender->isn || seq == j->sender->isn + 1 || seq == j->sender->sent);
}

static bool answers_challenge(const struct judge *j)
{
	return j->extra != NULL && j->extra->challenge_from == side_other(j->in->from) &&
	       j->seg.seq == j->extra->challenge_ack;
}

/* accepted, changes nothing; R-9: within a budget. */
static bool judge_inexact(struct judge *j)
{
	const struct settings *s = j->in->settings;

	if (s->policy_rst_inexact == ACTION_DROP)
		return judge_drop(j, REASON_RST_INEXACT);
	if (judge_over_budget(j, BUCKET_RST + j->in->from))
		return judge_drop(j, REASON_RST_RATE);
	return judge_remark(j, REASON_RST_INEXACT, TCP_COUNT);
}

/* H-16 to H-20. */
static bool judge_rst_unanswered(struct judge *j)
{
	bool by_client = j->in->from == SIDE_CLIENT;

	if (by_client && answers_challenge(j)) /* H-18 */
		return judge_accept(j, TCP_COUNT);
	if (by_client ? takes_back(j) : refuses(j))
		return judge_reset(j, by_client ? CLOSE_ABORTED : CLOSE_REFUSED);
	if (j->resync) { /* B-3: the answer may have gone past us */
		j->plan.remarks |= reason_bit(REASON_RESYNC);
		return judge_inexact(j);
	}
	if (by_client && j->in->settings->tracking_async) /* what opens it may be lost, or still on its way */
		return judge_inexact(j);
	if (by_client)
		judge_allowed(j, ALLOWED_SEQ, j->sender->isn, j->sender->isn + 1);
	else
		judge_allowed(j, ALLOWED_ACK, j->receiver->isn + 1, j->receiver->sent);
	return judge_drop(j, REASON_BAD_RST);
}

/* an acknowledgement, if there is one, must fit. 0 comes from broken stacks and is not looked at. */
static bool ack_fits(const struct judge *j)
{
	const struct segment *seg = j->in->seg;
	uint32_t reach = window_ack_reach(j->sender, (uint32_t)j->in->settings->tracking_ack_window_min);

	if (!(seg->flags & TCP_ACK) || seg->ack == 0 || (j->receiver->flags & END_EDGES_GUESSED))
		return true;
	if (seq_before(seg->ack, j->receiver->acked - reach))
		return false;
	return !seq_after(seg->ack, j->receiver->sent) || j->resync_ack; /* B-3 */
}

/*
 * before what the target expects. A socket closed under a stream answers every segment on its way with one of
 * these, hundreds at once; the target discards them without a challenge ACK (RFC 5961 3.2), so R-9 does not count them.
 */
static bool judge_rst_old(struct judge *j)
{
	if (j->in->settings->policy_rst_inexact == ACTION_DROP)
		return judge_drop(j, REASON_RST_INEXACT);
	j->plan.wants_extra = true; /* E-2: its number */
	return judge_remark(j, REASON_RST_INEXACT, TCP_COUNT);
}

/*
 * H-43, G-4: a server that forgot its SYN+ACK, which the client never got, refuses the SYN that comes again, as RFC
 * 9293 3.10.7.1 has it. It may be older than the SYN+ACK as well: the client's next word decides.
 */
static bool refuses_after_all(const struct judge *j)
{
	return j->in->from == SIDE_SERVER && j->sender->state == END_SYN_SENT && j->seg.seq == 0 && refuses(j);
}

/* after a refusal H-16 to H-20 again. True: judged. */
static bool judge_rst_unopened(struct judge *j)
{
	bool unopened = j->conn->close_reason == CLOSE_REFUSED || j->conn->close_reason == CLOSE_ABORTED;

	/* an attempt that a RST ended before either SYN was acknowledged: the same RST again passes again */
	if (j->conn->phase == PHASE_CLOSED && j->sender->state < END_OPEN && j->receiver->state < END_OPEN &&
	    (refuses(j) || takes_back(j) || (unopened && answers_challenge(j))))
		return judge_accept(j, TCP_COUNT);
	if (j->conn->phase == PHASE_CLOSED && refuses_after_all(j))
		return judge_accept(j, TCP_COUNT);
	return j->conn->phase == PHASE_CLOSED && unopened && judge_bad_rst(j);
}

/*
 * around what was sent, twice as far as the window reaches, and what closed it once. One that would have
 * closed is its sender's end.
 */
static bool judge_rst_closed(struct judge *j, uint32_t base, uint32_t reach, bool exact)
{
	uint32_t low = base - 2 * reach, high = j->sender->contiguous + 2 * reach;

	if (!exact && (j->sender->flags & END_EDGES_GUESSED)) /* */
		return judge_inexact(j);
	judge_allowed(j, ALLOWED_SEQ, low, high);
	if (!exact && !seq_in(j->seg.seq, low, high))
		return judge_bad_rst(j);
	j->plan.update = exact ? UPDATE_NOT_ALIVE : 0;
	return judge_accept(j, TCP_COUNT);
}

/*
 * a host that closes with unread data answers from an older number. Of those that pass only one that is no farther
 * back than a window without scale ends the flow: a scaled one is up to an eighth of all numbers.
 */
static bool ends_closing(const struct judge *j, uint32_t base, uint32_t reach)
{
	if (j->conn->phase != PHASE_CLOSING && j->conn->phase != PHASE_LAST_ACK)
		return false;
	return seq_in(j->seg.seq, base - (uint32_t)min_u64(reach, UINT16_MAX), j->sender->contiguous + 1);
}

/* payload and timestamp do not matter. */
static bool judge_rst_open(struct judge *j)
{
	const struct tcp_end *sender = j->sender;
	enum phase phase = j->conn->phase;
	uint32_t seq = j->seg.seq;
	/* what the target expects next from the sender */
	uint32_t base = sender->state == END_SYN_SENT ? sender->isn + 1 : sender->acked;
	uint32_t reach = j->receiver->max_window > 0 ? j->receiver->max_window : 1;
	bool has_fin = sender->flags & END_HAS_FIN;
	bool exact = seq == base || seq == sender->contiguous || (has_fin && seq == sender->fin_next);
	bool near_close, closing;

	if (reach > WINDOW_MOST / 2)
		reach = WINDOW_MOST / 2;
	near_close = seq_in(seq, base - reach, sender->contiguous + 1);
	closing = has_fin || (j->receiver->flags & END_HAS_FIN);
	if (judge_rst_unopened(j))
		return true;
	if (!ack_fits(j)) {
		judge_allowed(j, ALLOWED_ACK, j->receiver->acked, j->receiver->sent);
		return judge_drop(j, REASON_BAD_RST);
	}
	if (phase == PHASE_CLOSED)
		return judge_rst_closed(j, base, reach, exact);
	judge_allowed(j, ALLOWED_SEQ, base, base + reach - 1);
	if (phase == PHASE_TIME_WAIT) { /* R-10, RFC 1337 */
		j->plan.wants_extra = true; /* E-2: its number */
		return exact || near_close ? judge_accept(j, TCP_COUNT) : judge_bad_rst(j);
	}
	if (exact)
		return judge_reset(j, CLOSE_RESET);
	if (phase == PHASE_SYN_RECV && refuses_after_all(j)) {
		j->plan.update = UPDATE_TARGET_DECIDES;
		return judge_reset(j, CLOSE_RESET);
	}
	if (sender->flags & END_EDGES_GUESSED)
		return judge_inexact(j);
	if (closing && near_close && ends_closing(j, base, reach)) /* */
		return judge_reset(j, CLOSE_RESET);
	if (closing && near_close)
		return seq_before(seq, base) ? judge_rst_old(j) : judge_inexact(j);
	if (seq_after(seq, base) && seq_before(seq, base + reach))
		return judge_inexact(j);
	if (j->unsettled && seq_after(seq, base) && seq - base <= WINDOW_MOST) { /* B-3: behind what went past us */
		j->plan.remarks |= reason_bit(REASON_RESYNC);
		return judge_inexact(j);
	}
	return judge_bad_rst(j);
}

bool judge_rst(struct judge *j)
{
	if (j->conn->phase == PHASE_SYN_SENT)
		return judge_rst_unanswered(j);
	if (j->conn->phase == PHASE_SYN_SENT2) /* H-26, H-27 */
		return refuses(j) || takes_back(j) ? judge_reset(j, CLOSE_RESET) : judge_drop(j, REASON_BAD_RST);
	return judge_rst_open(j); /* SYN_RECV: H-41 to H-43 */
}
