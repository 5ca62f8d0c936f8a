/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Private to tcp/: the judge at work on one segment, and the parts it is made of, one file each.
 */
#pragma once

#include "base/gcra.h"
#include "tcp/judge.h"
#include "tcp/window.h"

struct judge {
	const struct tcp_conn *conn;
	const struct tcp_extra *extra; /* or NULL */
	const struct tcp_input *in;
	const struct tcp_end *sender, *receiver;
	bool resync;           /* B-3: what the receiver said may have gone past us */
	bool resync_ack;       /* ... and so may have what this segment acknowledges */
	bool unsettled;        /* ... what its sender said may have */
	struct window_segment seg; /* windows scaled, SACK only where agreed on */
	struct tcp_plan plan;
};

/* Each gives the plan its verdict; all return true: judged. */
static inline bool judge_drop(struct judge *j, enum reason reason)
{
	j->plan.verdict = VERDICT_DROP;
	j->plan.reason = reason;
	return true;
}

static inline bool judge_accept(struct judge *j, enum tcp_action action)
{
	j->plan.action = action;
	return true;
}

static inline bool judge_remark(struct judge *j, enum reason reason, enum tcp_action action)
{
	j->plan.remarks |= reason_bit(reason);
	j->plan.action = action;
	return true;
}

static inline void judge_allowed(struct judge *j, enum allowed what, uint32_t low, uint32_t high)
{
	j->plan.allowed = what;
	j->plan.allowed_low = low;
	j->plan.allowed_high = high;
}

/* W-1 to W-5 on the segment at hand, with the ends as the judge has them: what it fails, enum window_finding bits. */
static inline unsigned judge_window(const struct judge *j)
{
	const struct settings *s = j->in->settings;

	return window_test(j->sender, j->receiver, &j->seg, (uint32_t)s->tracking_window_slack,
			   (uint32_t)s->tracking_ack_window_min);
}

/* A numbered SYN or SYN+ACK is acknowledged by (seq, next]. */
static inline bool acknowledges(uint32_t ack, uint32_t seq, uint32_t next)
{
	return seq_in(ack, seq + 1, next);
}

/* True: the budget is used up. Without an extra nothing is counted yet. Else it will be charged on accept. */
bool judge_over_budget(struct judge *j, enum conn_bucket bucket);

struct bucket_rate {
	uint64_t rate, burst; /* per second; segments */
};
struct bucket_rate tcp_bucket_rate(enum conn_bucket bucket, const struct settings *settings);

void tcp_window_segment(const struct tcp_conn *conn, const struct segment *seg, enum side from,
			struct window_segment *out);

/* The parts of the order of work, each true when it judged the segment. */
bool judge_shadow_answer(struct judge *j); /* S-5 to S-7, S-12: shadow.c */
bool judge_rst(struct judge *j);           /* R, and the RSTs of the opening: rst.c */
bool judge_syn(struct judge *j);           /* opening.c, shadow.c */
bool judge_shadow_syn(struct judge *j);    /* S-1: shadow.c */
bool judge_synack(struct judge *j);        /* opening.c */
bool judge_unanswered(struct judge *j);    /* SYN_SENT, SYN_SENT2: opening.c */
bool judge_stream(struct judge *j);        /* W, C, O: stream.c */

/* What a SYN or SYN+ACK says, for later. */
void tcp_syn_of(const struct segment *seg, struct tcp_syn *syn);
/* end_start() of the specification, and what the options say. */
void tcp_end_start(struct tcp_end *end, const struct tcp_syn *syn, uint64_t now_ns);
/* H-9: both ends after the server's SYN+ACK `ack`nowledged the client's SYN; scales are decided (O-5). */
void tcp_open_pair(struct tcp_end *client, struct tcp_end *server, uint32_t ack);
void tcp_decide_scales(struct tcp_end *one, struct tcp_end *other);
/* K-3: numbers of a flow met mid-stream. */
void tcp_anchor_pickup(struct tcp_conn *conn, const struct tcp_input *in);

/* E-2. */
void history_segment(struct tcp_conn *conn, struct tcp_cold *cold, struct tcp_extra *extra,
		     const struct tcp_input *in);
void history_count(struct tcp_history *history, enum side side, char letter, uint32_t count);
void history_letter(struct tcp_history *history, char letter);
