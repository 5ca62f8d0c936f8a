/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ICMP errors about TCP segments (rules I). */
#include "engine/state.h"

static void apply_action(struct engine *e, struct passage *p, enum reason reason)
{
	int action = ACTION_DROP;

	if (reason == REASON_ICMP_STALE)
		action = e->settings.icmp_stale;
	else if (reason == REASON_ICMP_BAD_MTU)
		action = e->settings.icmp_bad_mtu;
	else if (reason == REASON_ICMP_QUENCH)
		action = e->settings.icmp_source_quench;
	if (action == ACTION_DROP)
		decide_drop(e, p, reason);
	else
		decide_remark(e, p, reason);
}

/* I-1: the error may have met the wrong worker, or be older than we are: a lost "too big" is a black hole. */
static bool unknown_passes(const struct engine *e, uint64_t now_ns)
{
	return e->settings.queue_count > 1 || engine_is_warm(e, now_ns);
}

/* The error travels toward the sender of the quoted segment. */
static void find_quoted(struct engine *e, struct passage *p)
{
	const struct icmp_quote *quote = &p->packet->quote;

	p->src_is_high = !flow_key_init(&p->key, quote->src, quote->dst, quote->src_port, quote->dst_port,
					p->packet->family, p->packet->zone);
	p->hash = flow_key_hash(&p->key, &e->table.secret);
	passage_look_up(e, p);
}

void track_icmp(struct engine *e, struct passage *p)
{
	const struct icmp_quote *quote = &p->packet->quote;
	bool unreachable;
	struct tcp_conn *conn;
	enum reason reason;
	enum side sender;

	e->stats.counter[COUNTER_ICMP_ERRORS]++;
	if (!quote->usable || !quote->to_sender) {
		apply_action(e, p, REASON_ICMP_STALE);
		return;
	}
	find_quoted(e, p);
	if (p->index == FLOW_NONE) {
		if (unknown_passes(e, p->now_ns))
			decide_remark(e, p, REASON_ICMP_STALE);
		else
			apply_action(e, p, REASON_ICMP_STALE);
		return;
	}
	conn = conn_of(e, p->index);
	describe_phase(e, p);
	sender = side_other(p->decision.dir);
	reason = tcp_judge_icmp(conn, flow_extra(&e->table, p->index), quote, sender, p->packet->family,
				passage_settings(e, p), &unreachable);
	if (reason != REASON_NONE) {
		apply_action(e, p, reason);
	} else if (unreachable) {
		tcp_apply_unreachable(conn, extra_take(e, p->index, p->now_ns), passage_settings(e, p),
				      p->now_ns);
		flow_file(e, p->index, p->now_ns);
	}
}
