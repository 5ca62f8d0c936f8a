/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A TCP segment and its flow: find it or make it, judge, apply, tell. */
#include "engine/state.h"

#define SERVICE_PORTS 1024 /* K-7 */

void passage_look_up(struct engine *e, struct passage *p)
{
	p->index = flow_table_find(&e->table, &p->key, p->hash);
	if (p->index != FLOW_NONE && conn_of(e, p->index)->service_age != e->service_age)
		flow_serve_again(e, p->index);
}

void passage_find(struct engine *e, struct passage *p)
{
	const struct packet *packet = p->packet;

	p->src_is_high = flow_key_init(&p->key, packet->src, packet->dst, packet->src_port, packet->dst_port,
				       packet->family, packet->zone);
	p->hash = flow_key_hash(&p->key, &e->table.secret);
	passage_look_up(e, p);
	describe_phase(e, p);
}

bool engine_is_warm(const struct engine *e, uint64_t now_ns)
{
	return now_ns - e->warm_from_ns < (uint64_t)e->settings.tracking_pickup_warmup * NS_PER_S;
}

/* K-1, M-9. */
static bool pickup_allowed(const struct engine *e, const struct settings *settings, uint64_t now_ns)
{
	if (settings->tracking_window == WINDOW_STRICT)
		return false;
	switch (settings->tracking_pickup) {
	case PICKUP_ON:
	case PICKUP_OBSERVE:
		return true;
	case PICKUP_WARMUP:
		return engine_is_warm(e, now_ns);
	}
	return false;
}

static struct tcp_input input_of(const struct engine *e, struct passage *p, enum side from)
{
	return (struct tcp_input){
		.seg = &p->packet->segment,
		.settings = passage_settings(e, p),
		.from = from,
		.now_ns = p->now_ns,
		.epoch = e->epoch,
	};
}

/* H-1; index: its place, or FLOW_NONE. */
static void begin_by_syn(struct engine *e, struct passage *p, uint32_t index)
{
	struct tcp_input in = input_of(e, p, SIDE_CLIENT);
	event_set events;

	if (index == FLOW_NONE)
		return;
	p->index = index;
	events = tcp_start_syn(conn_of(e, index), cold_of(e, index), &in);
	flow_began(e, index, p->now_ns);
	tell_flow_set(e, index, events, PHASE_COUNT, p->now_ns, p->now_ns);
}

/* K-7: if exactly one port is a service port, that end is the server; else the sender is the client. */
static enum side pickup_sender(const struct packet *packet)
{
	bool from_service = packet->src_port < SERVICE_PORTS, to_service = packet->dst_port < SERVICE_PORTS;

	return from_service && !to_service ? SIDE_SERVER : SIDE_CLIENT;
}

/* H-3, H-4 */
static void begin_by_pickup(struct engine *e, struct passage *p)
{
	enum side from = pickup_sender(p->packet);
	struct tcp_input in = input_of(e, p, from);
	uint32_t index;

	if (!pickup_allowed(e, in.settings, p->now_ns)) {
		decide_drop(e, p, REASON_NO_FLOW);
		return;
	}
	index = admit_pickup(e, p, p->src_is_high == (from == SIDE_CLIENT));
	if (index == FLOW_NONE)
		return;
	p->index = index;
	tcp_start_pickup(conn_of(e, index), cold_of(e, index), &in);
	if (in.seg->window == 0) /* W-13 */
		decide_remark(e, p, REASON_ZERO_WINDOW);
	flow_began(e, index, p->now_ns);
}

/* H-2, K-2 */
static void begin_by_synack(struct engine *e, struct passage *p)
{
	struct tcp_input in = input_of(e, p, SIDE_SERVER);
	uint32_t index;

	e->stats.counter[COUNTER_BACKSCATTER]++;
	if (in.settings->tracking_pickup != PICKUP_OBSERVE || !pickup_allowed(e, in.settings, p->now_ns)) {
		decide_drop(e, p, REASON_NO_FLOW);
		return;
	}
	index = admit_pickup(e, p, !p->src_is_high);
	if (index == FLOW_NONE)
		return;
	p->index = index;
	tcp_start_synack(conn_of(e, index), cold_of(e, index), &in);
	flow_began(e, index, p->now_ns);
}

/* H-5, H-5w: the end of a connection never makes one. */
static void no_flow_for_end(struct engine *e, struct passage *p)
{
	bool rst = p->packet->segment.kind == SEGMENT_RST;
	const struct settings *settings = passage_settings(e, p);
	bool warm = settings->tracking_pickup == PICKUP_WARMUP && pickup_allowed(e, settings, p->now_ns);

	if (warm || (rst && settings->policy_unknown_rst == ACTION_ACCEPT))
		decide_remark(e, p, REASON_NO_FLOW);
	else
		decide_drop(e, p, REASON_NO_FLOW);
}

static void track_unknown(struct engine *e, struct passage *p)
{
	if (p->packet->findings & reason_bit(REASON_FRAGMENT))
		return;
	switch ((enum segment_kind)p->packet->segment.kind) {
	case SEGMENT_SYN:
		begin_by_syn(e, p, admit_syn(e, p));
		return;
	case SEGMENT_SYNACK:
		begin_by_synack(e, p);
		return;
	case SEGMENT_ACK:
		begin_by_pickup(e, p);
		return;
	case SEGMENT_RST:
	case SEGMENT_FIN:
		no_flow_for_end(e, p);
		return;
	case SEGMENT_NONE:
		decide_drop(e, p, REASON_NO_FLOW);
		return;
	}
}

/* P-9: an accepted first fragment: what follows is not seen, the numbers are guesses from now on. */
static void track_fragment(struct engine *e, struct passage *p)
{
	struct tcp_conn *conn = conn_of(e, p->index);

	conn->end[SIDE_CLIENT].flags |= END_EDGES_GUESSED;
	conn->end[SIDE_SERVER].flags |= END_EDGES_GUESSED;
	conn->last_seen_ns = p->now_ns;
	history_partial(conn, cold_of(e, p->index));
}

static void refuse(struct engine *e, struct passage *p, const struct tcp_plan *plan, const struct tcp_input *in)
{
	struct tcp_conn *conn = conn_of(e, p->index);
	struct tcp_extra *extra;

	p->decision.allowed = plan->allowed;
	p->decision.allowed_low = plan->allowed_low;
	p->decision.allowed_high = plan->allowed_high;
	decide_drop(e, p, plan->reason);
	if (!plan->bad_close)
		return;
	extra = (conn->flags & CONN_ASSURED) ? extra_take(e, p->index, p->now_ns) : NULL;
	if (tcp_note_bad_close(conn, extra, in)) /* T-14 */
		flow_file(e, p->index, p->now_ns);
}

/* S-5, S-6: the old incarnation ends here, the shadow becomes the flow; its sender is the client. */
static void begin_by_shadow(struct engine *e, uint32_t index, struct tcp_input *in)
{
	const struct tcp_conn *conn = conn_of(e, index);
	bool ended = conn->phase == PHASE_TIME_WAIT || conn->phase == PHASE_CLOSED;

	in->from = SIDE_SERVER;
	flow_begin_by_shadow(e, index, ended ? tcp_close_reason(conn, false) : CLOSE_REPLACED, in->now_ns);
	in->settings = flow_settings(e, index);
}

/* True: applying it changed what the clock, the gauges or the classes depend on. */
static bool must_settle(const struct tcp_conn *conn, enum phase before, uint32_t flags_before,
			const struct tcp_plan *plan)
{
	const uint32_t watched = CONN_REOPENING | CONN_HAS_CLOSE_BY | CONN_ASSURED;

	return tcp_phase(conn) != before || ((conn->flags ^ flags_before) & watched) || plan->action == TCP_SHADOW ||
	       plan->action == TCP_SHADOW_OPEN || plan->action == TCP_SHADOW_REFUSED;
}

/* */
static void note_handshake(struct engine *e, uint32_t index, const struct settings *settings, uint64_t now_ns)
{
	struct admission admission = { .service = conn_of(e, index)->service };
	struct subject source;
	struct endpoints at;

	flow_endpoints(e, index, &at);
	admission.src = at.client;
	if (limits_handshake(e->limits, settings, &admission, now_ns, &source))
		tell_banned(e, source.address, source.bits, settings->syn_flood_ban_time, now_ns);
}

/*
 * S-3 says to forget a SYN for which there is no room; the answer to it would then be none of the old connection's.
 * Where that is over it makes way at once instead.
 */
static bool makes_way(const struct engine *e, const struct passage *p, const struct tcp_plan *plan,
		      const struct tcp_extra *extra)
{
	enum phase phase = conn_of(e, p->index)->phase;

	return plan->action == TCP_SHADOW && extra == NULL && (phase == PHASE_TIME_WAIT || phase == PHASE_CLOSED);
}

static void begin_anew(struct engine *e, struct passage *p)
{
	flow_end(e, p->index, CLOSE_TIMEOUT, p->now_ns);
	p->index = FLOW_NONE;
	begin_by_syn(e, p, admit_admitted(e, p));
}

static void accept(struct engine *e, struct passage *p, const struct tcp_plan *plan, struct tcp_input *in)
{
	struct tcp_conn *conn = conn_of(e, p->index);
	struct tcp_cold *cold = cold_of(e, p->index);
	struct tcp_extra *extra;
	enum phase before = tcp_phase(conn);
	uint32_t flags_before = conn->flags;
	uint64_t since_ns = cold->phase_since_ns;
	enum phase prev = conn->phase;
	event_set events;

	extra = plan->wants_extra ? extra_take(e, p->index, p->now_ns) : flow_extra(&e->table, p->index);
	if (makes_way(e, p, plan, extra)) {
		p->decision.remarks |= plan->remarks;
		begin_anew(e, p);
		return;
	}
	if (plan->action == TCP_SHADOW_OPEN || plan->action == TCP_SHADOW_REFUSED) {
		begin_by_shadow(e, p->index, in);
		prev = PHASE_SYN_SENT;
		since_ns = cold->phase_since_ns;
	}
	events = tcp_apply(conn, cold, extra, in, plan);
	p->decision.remarks |= plan->remarks;
	if (must_settle(conn, before, flags_before, plan))
		flow_settle(e, p->index, before, p->now_ns);
	if (events == 0)
		return;
	tell_flow_set(e, p->index, events, prev, since_ns, p->now_ns);
	if ((events & event_bit(EVENT_FLOW_ESTABLISHED)) && (conn->flags & CONN_ASSURED))
		note_handshake(e, p->index, in->settings, p->now_ns);
}

/* a verdict is always given; the flow is left to its timer. */
static void internal_error(struct engine *e, struct passage *p)
{
	if (e->settings.policy_on_internal_error == ACTION_DROP)
		decide_drop(e, p, REASON_INTERNAL_ERROR);
	else
		decide_remark(e, p, REASON_INTERNAL_ERROR);
}

static void track_known(struct engine *e, struct passage *p)
{
	struct tcp_conn *conn = conn_of(e, p->index);
	struct tcp_input in = input_of(e, p, side_of(conn, p->src_is_high));
	struct tcp_plan plan;

	if (!tcp_is_sound(conn)) {
		internal_error(e, p);
		return;
	}
	if (p->packet->findings & reason_bit(REASON_FRAGMENT)) {
		track_fragment(e, p);
		return;
	}
	plan = tcp_judge(conn, flow_extra(&e->table, p->index), &in);
	if (plan.verdict == VERDICT_DROP) {
		refuse(e, p, &plan, &in);
		return;
	}
	if (plan.admission && !admit_shadow(e, p))
		return;
	accept(e, p, &plan, &in);
}

void track_segment(struct engine *e, struct passage *p)
{
	passage_find(e, p);
	if (admit_challenge_answer(e, p))
		return;
	if (p->index == FLOW_NONE)
		track_unknown(e, p);
	else
		track_known(e, p);
	describe_phase(e, p);
}
