/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events to the sink, with the rate limits of lines that an attacker could multiply (E-6). */
#include <string.h>

#include "engine/state.h"

_Static_assert(FLOOD_TOP == TOP_SHOWN, "a line names what the limits list");

/* Lines about sources: each of a handful has its own. */
static const struct line_pace source_pace = { .interval_ns = 10 * NS_PER_S, .burst = 6, .expected = true };
static const struct line_pace table_full_pace = { .interval_ns = 10 * NS_PER_S, .burst = 1, .expected = true };
/* A-11, to the letter. */
static const struct line_pace table_full_steady = { .interval_ns = 10 * NS_PER_S, .burst = 1, .steady = true };

/* E-5: counted whether or not anybody writes it. */
static void emit(struct engine *e, const struct event *event)
{
	e->stats.event[event->kind]++;
	e->sink.emit(e->sink.context, event);
}

/* E-6: lines of one kind, at most so many a second. */
static struct line_pace pace_of(const struct engine *e, bool expected)
{
	uint64_t rate = (uint64_t)e->settings.policy_drop_event_rate;

	if (expected && !e->unthinned)
		rate = min_u64(rate, 1);
	return (struct line_pace){ rate == 0 ? 0 : NS_PER_S / rate, rate, expected, e->unthinned };
}

/* With a flood lately, all workers and kinds of lines that it multiplies have few of them together. */
static bool may_write(struct engine *e, uint64_t now_ns)
{
	struct floods *floods = limits_floods(e->limits);

	return e->unthinned || !floods_lately(floods, now_ns) || floods_take_line(floods, now_ns);
}

static bool is_due(struct engine *e, struct line_limit *limit, const struct line_pace *pace, uint64_t now_ns)
{
	struct line_limit before = *limit;

	if (!line_limit_due(limit, now_ns, pace))
		return false;
	if (may_write(e, now_ns))
		return true;
	*limit = before;
	line_limit_skip(limit, now_ns);
	return false;
}

static bool is_opening(const struct tcp_conn *conn)
{
	switch ((enum phase)conn->phase) {
	case PHASE_SYN_SENT:
	case PHASE_SYN_SENT2:
	case PHASE_SYN_RECV:
		return true;
	case PHASE_CLOSED: /* before it was open */
		return !(conn->flags & (CONN_ASSURED | CONN_PICKED_UP));
	case PHASE_ESTABLISHED:
	case PHASE_FIN_WAIT:
	case PHASE_HALF_CLOSED:
	case PHASE_CLOSING:
	case PHASE_LAST_ACK:
	case PHASE_TIME_WAIT:
	case PHASE_PICKUP:
	case PHASE_COUNT:
		break;
	}
	return false;
}

/*
 * E-6: a flood of SYNs is no flood of lines. While very many handshakes are under way lines about them are as rare as
 * those about drops; a connection that opens all the same has the lines of its life from flow-established on.
 */
static bool is_left_out(struct engine *e, uint32_t index, enum event_kind kind, uint64_t now_ns)
{
	bool flood = floods_lately(limits_floods(e->limits), now_ns);
	struct line_pace pace = pace_of(e, flood);

	if (!e->sparing || !is_opening(conn_of(e, index)) || (!flood && !limits_crowded(e->limits, &e->settings)))
		return false;
	if (is_due(e, &e->opening_lines, &pace, now_ns)) {
		e->opening_lines.suppressed = 0;
		return false;
	}
	e->stats.event[kind]++;
	e->stats.counter[COUNTER_UNTOLD]++;
	return true;
}

void tell_flow(struct engine *e, uint32_t index, enum event_kind kind, enum phase prev, uint64_t since_ns,
	       uint64_t now_ns)
{
	struct event event = { .kind = kind, .now_ns = now_ns };

	if (is_left_out(e, index, kind, now_ns))
		return;
	flow_fill_record(e, index, &event.flow);
	event.flow.prev = (uint8_t)prev;
	event.flow.in_prev_us = (now_ns - since_ns) / NS_PER_US;
	if (kind == EVENT_FLOW_ESTABLISHED && event.flow.handshake_us != UNKNOWN_US)
		histogram_add(&e->stats.handshake, event.flow.handshake_us * NS_PER_US, 1);
	emit(e, &event);
}

void tell_flow_set(struct engine *e, uint32_t index, event_set events, enum phase prev, uint64_t since_ns,
		   uint64_t now_ns)
{
	for (int kind = 0; events != 0; kind++, events >>= 1)
		if (events & 1)
			tell_flow(e, index, (enum event_kind)kind, prev, since_ns, now_ns);
}

void tell_closed(struct engine *e, uint32_t index, enum close_reason reason, uint64_t now_ns)
{
	struct event event = { .kind = EVENT_FLOW_CLOSED, .now_ns = now_ns };

	e->stats.counter[COUNTER_FLOWS_CLOSED]++;
	if (is_left_out(e, index, EVENT_FLOW_CLOSED, now_ns))
		return;
	flow_fill_record(e, index, &event.flow);
	event.flow.phase = conn_of(e, index)->phase; /* of the old incarnation, a pending shadow has its own record */
	event.flow.half = SIDE_NONE;
	event.flow.close_reason = (uint8_t)reason;
	emit(e, &event);
}

static void fill_drop(const struct engine *e, const struct passage *p, enum reason reason, struct drop_record *drop)
{
	const struct packet *packet = p->packet;
	const struct decision *d = &p->decision;
	const struct segment *seg = &packet->segment;

	*drop = (struct drop_record){
		.flow = d->has_flow ? d->flow_id : 0,
		.at = d->at,
		.reason = (uint8_t)reason,
		.dir = (uint8_t)d->dir,
		.phase = (uint8_t)d->phase,
		.monitor = d->would_drop,
		.has_segment = packet->kind == PACKET_TCP,
		.allowed = (uint8_t)d->allowed,
		.limiter = d->limiter,
		.allowed_low = d->allowed_low,
		.allowed_high = d->allowed_high,
	};
	if (d->has_flow && p->index != FLOW_NONE) {
		drop->packets[SIDE_CLIENT] = conn_of(e, p->index)->end[SIDE_CLIENT].packets;
		drop->packets[SIDE_SERVER] = conn_of(e, p->index)->end[SIDE_SERVER].packets;
		drop->age_ns = p->now_ns - cold_of(e, p->index)->started_ns;
	}
	if (!drop->has_segment)
		return;
	drop->has_ack = seg->flags & TCP_ACK;
	drop->flags = seg->flags;
	drop->seq = seg->seq;
	drop->ack = seg->ack;
	drop->len = seg->len;
}

/* What a flood mode, or a limit, asks for a second SYN or an answer: those who are turned away know what to do. */
static bool is_of_a_mode(enum reason reason)
{
	return (reason_bit(REASON_FIRST_SYN) | reason_bit(REASON_CHALLENGED) | reason_bit(REASON_CHALLENGE_ANSWER)) &
	       reason_bit(reason);
}

/* Of what limits do, a flood makes as much as it likes. */
static bool is_of_a_limit(enum reason reason)
{
	return reason_table[reason].class == REASON_CLASS_LIMIT && reason != REASON_INTERNAL_ERROR;
}

static bool packet_is_due(struct engine *e, enum reason reason, struct line_limit *limit, uint64_t now_ns)
{
	bool flood = is_of_a_limit(reason) && floods_lately(limits_floods(e->limits), now_ns);
	struct line_pace pace = pace_of(e, flood || is_of_a_mode(reason));

	return flood ? is_due(e, limit, &pace, now_ns) : line_limit_due(limit, now_ns, &pace);
}

/* A line, or none; verdict.c has counted it. */
static void tell_packet(struct engine *e, struct passage *p, enum event_kind kind, enum reason reason,
			struct line_limit *limit)
{
	struct event event = { .kind = kind, .now_ns = p->now_ns };

	if (!packet_is_due(e, reason, limit, p->now_ns))
		return;
	describe_names(e, p);
	fill_drop(e, p, reason, &event.drop);
	event.drop.suppressed = limit->suppressed;
	limit->suppressed = 0;
	e->sink.emit(e->sink.context, &event);
}

void tell_every_drop(struct engine *e, struct passage *p)
{
	struct drop_record drop;

	if (e->dropped == NULL)
		return;
	describe_names(e, p);
	fill_drop(e, p, p->decision.reason, &drop);
	e->dropped(e->sink.context, &drop, p->now_ns);
}

void tell_drop(struct engine *e, struct passage *p)
{
	tell_packet(e, p, EVENT_PACKET_DROPPED, p->decision.reason,
		    &e->drop_lines[passage_service(e, p)][p->decision.reason]);
}

void tell_remark(struct engine *e, struct passage *p, enum reason reason)
{
	tell_packet(e, p, EVENT_PACKET_REMARKED, reason, &e->remark_lines[reason]);
}

/* A line without a packet: only the reason and how many lines it stands for. */
static void tell_rest(struct engine *e, enum event_kind kind, enum reason reason, struct line_limit *limit,
		      uint64_t now_ns)
{
	struct event event = { .kind = kind, .now_ns = now_ns };

	if (limit->suppressed == 0)
		return;
	event.drop = (struct drop_record){
		.reason = (uint8_t)reason,
		.dir = SIDE_NONE,
		.phase = PHASE_COUNT,
		.monitor = e->settings.policy_mode == MODE_MONITOR,
		.suppressed = limit->suppressed,
	};
	limit->suppressed = 0;
	e->sink.emit(e->sink.context, &event);
}

static void fill_notice(const struct engine *e, struct notice_record *notice)
{
	notice->half_open = limits_half_open(e->limits);
	notice->flows = e->table.head->used;
	notice->flows_max = e->table.head->max_flows;
}

void tell_table_full(struct engine *e, uint64_t now_ns)
{
	struct event event = { .kind = EVENT_TABLE_FULL, .now_ns = now_ns };

	e->stats.event[EVENT_TABLE_FULL]++;
	if (!is_due(e, &e->table_full_lines, e->unthinned ? &table_full_steady : &table_full_pace, now_ns))
		return;
	fill_notice(e, &event.notice);
	event.notice.suppressed = e->table_full_lines.suppressed;
	e->table_full_lines.suppressed = 0;
	e->sink.emit(e->sink.context, &event);
}

/* May there be a line about a source? Without thinning there always is: E-6 limits packet-dropped alone. */
static bool source_is_due(struct engine *e, struct line_limit *limit, uint64_t now_ns)
{
	if (e->unthinned)
		return true;
	return e->settings.policy_drop_event_rate != 0 && is_due(e, limit, &source_pace, now_ns);
}

/* A line about a source prefix, or none; its caller has counted it. seconds: how long it is banned. */
static void tell_source(struct engine *e, enum event_kind kind, enum reason reason, const uint8_t prefix[16],
			uint8_t bits, int64_t seconds, uint64_t now_ns)
{
	struct line_limit *limit = &e->source_lines[kind - EVENT_SOURCE_LIMITED];
	struct event event = { .kind = kind, .now_ns = now_ns };

	if (!source_is_due(e, limit, now_ns))
		return;
	fill_notice(e, &event.notice);
	event.notice.reason = (uint8_t)reason;
	event.notice.prefix_bits = bits;
	memcpy(event.notice.prefix, prefix, 16);
	event.notice.count = (uint64_t)seconds;
	event.notice.suppressed = limit->suppressed;
	limit->suppressed = 0;
	e->sink.emit(e->sink.context, &event);
}

/* A line that names no source: only how many were left out. */
static void tell_rest_of_notices(struct engine *e, enum event_kind kind, struct line_limit *limit, uint64_t now_ns)
{
	struct event event = { .kind = kind, .now_ns = now_ns };

	if (limit->suppressed == 0)
		return;
	fill_notice(e, &event.notice);
	event.notice.reason = REASON_NONE;
	event.notice.suppressed = limit->suppressed;
	limit->suppressed = 0;
	e->sink.emit(e->sink.context, &event);
}

bool tell_owes(const struct engine *e)
{
	for (unsigned i = 0; i < SOURCE_KINDS; i++)
		if (e->source_lines[i].suppressed > 0)
			return true;
	return false;
}

void tell_owed(struct engine *e, uint64_t now_ns)
{
	for (unsigned i = 0; i < SOURCE_KINDS; i++) {
		struct line_limit *limit = &e->source_lines[i];

		if (line_limit_owes(limit, now_ns) && may_write(e, now_ns) &&
		    line_limit_due(limit, now_ns, &source_pace))
			tell_rest_of_notices(e, (enum event_kind)(EVENT_SOURCE_LIMITED + i), limit, now_ns);
	}
}

void tell_source_limited(struct engine *e, const struct limited_source *source, uint64_t now_ns)
{
	e->stats.event[EVENT_SOURCE_LIMITED]++;
	if (e->unthinned || floods_source_is_new(limits_floods(e->limits), source->prefix, source->prefix_bits, now_ns))
		tell_source(e, EVENT_SOURCE_LIMITED, (enum reason)source->reason, source->prefix, source->prefix_bits,
			    0, now_ns);
}

void tell_banned(struct engine *e, const uint8_t prefix[16], uint8_t bits, int64_t seconds, uint64_t now_ns)
{
	e->stats.event[EVENT_SOURCE_BANNED]++;
	tell_source(e, EVENT_SOURCE_BANNED, REASON_CONN_RATE_SOURCE, prefix, bits, seconds, now_ns);
}

void tell_released(struct engine *e, const struct ban_entry *released, uint64_t now_ns)
{
	e->stats.event[EVENT_SOURCE_RELEASED]++;
	tell_source(e, EVENT_SOURCE_RELEASED, REASON_NONE, released->prefix.address, released->prefix.bits, 0, now_ns);
}

void tell_flood(struct engine *e, const struct flood_report *report, uint64_t now_ns)
{
	struct event event = { .now_ns = now_ns };

	event.kind = report->change == FLOOD_STARTED ? EVENT_FLOOD_START : EVENT_FLOOD_STOP;
	fill_notice(e, &event.notice);
	event.notice.flood.has_destination = report->has_destination;
	memcpy(event.notice.flood.destination, report->destination.address, 16);
	event.notice.flood.destination_port = report->destination.port;
	event.notice.flood.lasted_us = report->lasted_ns / NS_PER_US;
	event.notice.flood.asked = report->asked;
	event.notice.flood.passed = report->passed;
	event.notice.flood.rate = report->rate;
	event.notice.flood.top_count = (uint8_t)report->top_count;
	for (unsigned i = 0; i < report->top_count; i++) {
		memcpy(event.notice.flood.top[i].address, report->top[i].address, 16);
		event.notice.flood.top[i].bits = report->top[i].bits;
		event.notice.flood.top[i].percent = report->top[i].percent;
	}
	emit(e, &event);
}

void tell_blind(struct engine *e, uint64_t now_ns)
{
	struct event event = { .kind = EVENT_VISIBILITY_LOST, .now_ns = now_ns };

	fill_notice(e, &event.notice);
	event.notice.unjudged = true;
	emit(e, &event);
}

/* Of all services, in the line of those that belong to none. */
static void tell_rest_of_drops(struct engine *e, enum reason reason, uint64_t now_ns)
{
	struct line_limit *all = &e->drop_lines[0][reason];

	for (unsigned i = 1; i <= SERVICES_MAX; i++) {
		all->suppressed += e->drop_lines[i][reason].suppressed;
		e->drop_lines[i][reason].suppressed = 0;
	}
	tell_rest(e, EVENT_PACKET_DROPPED, reason, all, now_ns);
}

void tell_suppressed(struct engine *e, uint64_t now_ns)
{
	for (enum reason reason = 0; reason < REASON_COUNT; reason++) {
		tell_rest_of_drops(e, reason, now_ns);
		tell_rest(e, EVENT_PACKET_REMARKED, reason, &e->remark_lines[reason], now_ns);
	}
	for (unsigned i = 0; i < SOURCE_KINDS; i++)
		tell_rest_of_notices(e, (enum event_kind)(EVENT_SOURCE_LIMITED + i), &e->source_lines[i], now_ns);
	tell_rest_of_notices(e, EVENT_TABLE_FULL, &e->table_full_lines, now_ns);
}
