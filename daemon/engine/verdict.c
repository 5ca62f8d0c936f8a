/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of a packet: reasons into a decision, and its counters. */
#include "engine/state.h"

void decide_drop(struct engine *e, struct passage *p, enum reason reason)
{
	p->decision.reason = reason;
	if (passage_settings(e, p)->policy_mode == MODE_MONITOR) /* M-14 */
		p->decision.would_drop = true;
	else
		p->decision.verdict = VERDICT_DROP;
}

void decide_remark(struct engine *e, struct passage *p, enum reason reason)
{
	(void)e;
	p->decision.remarks |= reason_bit(reason);
}

/* FINs and RSTs of flows that are gone: a class of their own, quiet. */
static bool is_tail(const struct passage *p)
{
	const struct packet *packet = p->packet;

	return p->decision.reason == REASON_NO_FLOW && packet->kind == PACKET_TCP &&
	       (packet->segment.kind == SEGMENT_RST || packet->segment.kind == SEGMENT_FIN);
}

static void count_remarks(struct engine *e, struct passage *p)
{
	for (reason_set left = p->decision.remarks; left != 0; left &= left - 1) {
		enum reason reason = (enum reason)__builtin_ctzll(left);

		e->stats.reason_accepted[reason]++;
		e->stats.event[EVENT_PACKET_REMARKED]++; /* E-5, here and below: whether or not a line tells of it */
		remarks_note(e, p, reason);
		if (passage_settings(e, p)->log_remarks)
			tell_remark(e, p, reason);
	}
}

static void count_of_flow(struct tcp_conn *conn)
{
	if (conn->dropped < UINT16_MAX)
		conn->dropped++;
}

static void count_drop(struct engine *e, struct passage *p)
{
	const struct decision *d = &p->decision;

	if (d->reason == REASON_NONE)
		return;
	if (d->would_drop)
		e->stats.reason_would_drop[d->reason]++;
	else
		e->stats.reason_dropped[d->reason]++;
	if (d->has_flow && p->index != FLOW_NONE)
		count_of_flow(conn_of(e, p->index));
	e->stats.event[EVENT_PACKET_DROPPED]++;
	tell_every_drop(e, p);
	if (is_tail(p))
		e->stats.counter[COUNTER_TAILS]++;
	else
		tell_drop(e, p);
}

void decide_finish(struct engine *e, struct passage *p)
{
	struct decision *d = &p->decision;

	d->remarks &= d->reason == REASON_NONE ? ~UINT64_C(0) : ~reason_bit(d->reason);
	e->stats.counter[d->verdict == VERDICT_DROP ? COUNTER_DROPPED : COUNTER_ACCEPTED]++;
	e->stats.counter[COUNTER_WOULD_DROP] += d->would_drop;
	count_drop(e, p);
	count_remarks(e, p);
}
