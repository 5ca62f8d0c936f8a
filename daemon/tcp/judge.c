/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The judge: the order of work of the specification, one line a step. */
#include "tcp/judging.h"

struct bucket_rate tcp_bucket_rate(enum conn_bucket bucket, const struct settings *s)
{
	int64_t rate = 0, burst = 0;

	switch ((unsigned)bucket) {
	case BUCKET_OLD_SEGMENT:
		rate = burst = s->tracking_old_segment_rate;
		break;
	case BUCKET_SYN_RETRANSMIT:
		rate = burst = s->syn_flood_retransmit_rate;
		break;
	case BUCKET_CHALLENGE:
		rate = s->tracking_challenge_rate;
		burst = s->tracking_challenge_burst;
		break;
	case BUCKET_SHADOW + SIDE_CLIENT:
	case BUCKET_SHADOW + SIDE_SERVER:
		rate = s->tracking_shadow_rate;
		burst = s->tracking_shadow_burst;
		break;
	case BUCKET_RST + SIDE_CLIENT:
	case BUCKET_RST + SIDE_SERVER:
		rate = burst = s->tracking_rst_rate;
		break;
	}
	return (struct bucket_rate){ (uint64_t)rate, (uint64_t)burst };
}

bool judge_over_budget(struct judge *j, enum conn_bucket bucket)
{
	struct bucket_rate allowed = tcp_bucket_rate(bucket, j->in->settings);

	if (j->extra != NULL &&
	    gcra_exceeded(j->extra->bucket[bucket], j->in->now_ns, allowed.rate, allowed.burst)) {
		judge_allowed(j, ALLOWED_RATE, 0, (uint32_t)allowed.rate);
		return true;
	}
	j->plan.charge = bucket;
	j->plan.wants_extra = true;
	return false;
}

void tcp_window_segment(const struct tcp_conn *conn, const struct segment *seg, enum side from,
			struct window_segment *out)
{
	const struct tcp_end *sender = &conn->end[from], *receiver = &conn->end[side_other(from)];
	bool has_ack = seg->flags & TCP_ACK;
	bool sack_agreed = (sender->flags & receiver->flags & END_OFFERED_SACK) || (conn->flags & CONN_PICKED_UP);
	uint8_t shift = (seg->flags & TCP_SYN) ? 0 : sender->shift; /* O-4 */

	*out = (struct window_segment){
		.seq = seg->seq,
		.next = seg->next,
		.len = seg->len,
		.ack = has_ack ? seg->ack : receiver->sent,
		.window = (uint32_t)seg->window << shift,
		.has_ack = has_ack,
	};
	out->sack = has_ack && sack_agreed && (seg->options & OPTION_SEEN_SACK) ? seg->sack : out->ack; /* O-7 */
}

static bool judge_by_kind(struct judge *j)
{
	bool unanswered = j->conn->phase == PHASE_SYN_SENT || j->conn->phase == PHASE_SYN_SENT2;

	if (judge_shadow_answer(j)) /* S-4; before all else that is said of a RST */
		return true;
	switch ((enum segment_kind)j->in->seg->kind) {
	case SEGMENT_RST:
		return judge_rst(j);
	case SEGMENT_SYN:
		return judge_syn(j);
	case SEGMENT_SYNACK:
		return judge_synack(j);
	case SEGMENT_FIN:
	case SEGMENT_ACK:
	case SEGMENT_NONE:
		break;
	}
	if (unanswered && judge_unanswered(j))
		return true;
	return judge_stream(j);
}

struct tcp_plan tcp_judge(const struct tcp_conn *conn, const struct tcp_extra *extra, const struct tcp_input *in)
{
	const struct tcp_end *sender = &conn->end[in->from], *receiver = &conn->end[side_other(in->from)];
	bool lenient = in->settings->policy_on_visibility_lost == ACTION_ACCEPT; /* B-7 */
	bool anew = conn->epoch != in->epoch;
	uint32_t reach;
	struct judge j = {
		.conn = conn,
		.extra = extra,
		.in = in,
		.sender = sender,
		.receiver = receiver,
		.resync = lenient && (anew || (receiver->flags & END_RESYNC_DUE)),
		.unsettled = lenient && (anew || (sender->flags & END_RESYNC_DUE)),
		.plan = { .verdict = VERDICT_ACCEPT, .reason = REASON_NONE,
			  .charge = BUCKET_NONE, .close = CLOSE_NONE },
	};

	tcp_window_segment(conn, in->seg, in->from, &j.seg);
	/* each end at its word once; after that the receiver's window bounds how far it may have come (B-6) */
	reach = (receiver->flags & END_LIMIT_UNKNOWN) ? receiver->sent + sender->max_window : receiver->limit;
	j.resync_ack = j.resync || j.unsettled ||
		       (lenient && (receiver->flags & END_UNSETTLED) && !seq_after(j.seg.sack, reach));
	judge_by_kind(&j);
	return j.plan;
}
