/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A flow between its packets: gauges, eviction classes, the clock, and its end. */
#include <string.h>

#include "engine/state.h"

#define IDLE_NS (7440 * NS_PER_S) /* an established flow idle for longer may be evicted */
#define RELEASE_MOST 1024          /* prefixes that leave the ban table at a tick */
#define EVICT_TRIES 16            /* flows of a class looked at for one that may go */

/* T-13: with n flows above start, every base times (end - n) / (end - start). */
static uint32_t adaptive_factor(const struct engine *e)
{
	const struct settings *s = &e->settings;
	uint64_t used = (uint64_t)e->table.head->used * 100, max = e->table.head->max_flows;
	uint64_t start = max * (uint64_t)s->tracking_adaptive_start, end = max * (uint64_t)s->tracking_adaptive_end;

	if (!s->tracking_adaptive_enabled || used <= start)
		return FACTOR_ONE;
	return (uint32_t)((end - used) * FACTOR_ONE / (end - start));
}

struct tcp_timing engine_timing(const struct engine *e, uint32_t index)
{
	struct tcp_timing timing = { .settings = flow_settings(e, index), .factor = adaptive_factor(e) };
	struct endpoints at;

	if (!limits_flood(e->limits))
		return timing;
	flow_endpoints(e, index, &at); /* the timer of a SYN is shorter where its destination is flooded */
	timing.flood = floods_at(limits_floods(e->limits), at.server, at.server_port);
	return timing;
}

static uint64_t deadline_of(const struct engine *e, uint32_t index, const struct tcp_timing *timing)
{
	return tcp_deadline(conn_of(e, index), cold_of(e, index), flow_extra(&e->table, index), timing);
}

void flow_file(struct engine *e, uint32_t index, uint64_t now_ns)
{
	struct tcp_timing timing = engine_timing(e, index);
	const struct tcp_conn *conn = conn_of(e, index);
	uint64_t look_ns = deadline_of(e, index, &timing);

	look_ns = min_u64(look_ns, now_ns + tcp_shortest_timeout(conn, &timing));
	if (conn->flags & CONN_REOPENING) /* S-3 */
		look_ns = min_u64(look_ns, flow_extra(&e->table, index)->shadow_at_ns +
						   tcp_shadow_valid_ns(timing.settings) + 1);
	if (conn->phase == PHASE_ESTABLISHED && conn->last_seen_ns + IDLE_NS > now_ns)
		look_ns = min_u64(look_ns, conn->last_seen_ns + IDLE_NS + 1);
	flow_clock_file(&e->table, index, look_ns);
}

static enum flow_class class_of(const struct tcp_conn *conn)
{
	switch (tcp_phase(conn)) {
	case PHASE_CLOSED:
		return CLASS_CLOSED;
	case PHASE_TIME_WAIT:
		return CLASS_TIME_WAIT;
	case PHASE_CLOSING:
	case PHASE_LAST_ACK:
		return CLASS_CLOSING;
	case PHASE_SYN_SENT:
	case PHASE_SYN_SENT2:
		return CLASS_SYN_SENT;
	case PHASE_PICKUP:
		return CLASS_PICKUP;
	case PHASE_SYN_RECV:
		return CLASS_SYN_RECV;
	case PHASE_HALF_CLOSED:
		return CLASS_HALF_CLOSED;
	case PHASE_ESTABLISHED: /* one direction only is as little proof as an unconfirmed pickup */
		return (conn->flags & CONN_ASSURED) ? CLASS_NONE : CLASS_PICKUP;
	case PHASE_FIN_WAIT:
	case PHASE_COUNT:
		break;
	}
	return CLASS_NONE;
}

void flow_settle(struct engine *e, uint32_t index, enum phase before, uint64_t now_ns)
{
	const struct tcp_conn *conn = conn_of(e, index);
	enum phase after = tcp_phase(conn);

	if (before != after) {
		if (before != PHASE_COUNT)
			e->stats.phase_flows[before]--;
		e->stats.phase_flows[after]++;
		flow_class_set(&e->table, index, class_of(conn));
	}
	flow_count(e, index, now_ns);
	flow_file(e, index, now_ns);
}

void flow_began(struct engine *e, uint32_t index, uint64_t now_ns)
{
	e->stats.counter[COUNTER_FLOWS_NEW]++;
	e->stats.flows = e->table.head->used;
	flow_settle(e, index, PHASE_COUNT, now_ns);
}

/* The sender of the shadow is the client. True: it was the server. */
static bool turn_to_shadow(struct engine *e, uint32_t index)
{
	bool turns = flow_extra(&e->table, index)->shadow_from == SIDE_SERVER;

	if (turns)
		conn_of(e, index)->flags ^= CONN_CLIENT_IS_HIGH;
	return turns;
}

/* The flow's memory is that of its shadow from now on. */
static void start_shadow(struct engine *e, uint32_t index, uint64_t now_ns)
{
	struct tcp_syn syn = flow_extra(&e->table, index)->shadow;
	uint64_t at_ns = flow_extra(&e->table, index)->shadow_at_ns;

	tcp_start_shadow(conn_of(e, index), cold_of(e, index), &syn, at_ns, e->epoch);
	tell_flow(e, index, EVENT_FLOW_NEW, PHASE_COUNT, at_ns, now_ns);
	e->stats.counter[COUNTER_FLOWS_NEW]++;
}

/* S-3: a shadow on TIME_WAIT or CLOSED that nobody answered leaves records of its own. */
static void end_shadow(struct engine *e, uint32_t index, enum close_reason reason, uint64_t now_ns)
{
	turn_to_shadow(e, index);
	start_shadow(e, index, now_ns);
	tell_closed(e, index, reason, now_ns);
}

void flow_begin_by_shadow(struct engine *e, uint32_t index, enum close_reason reason, uint64_t now_ns)
{
	flow_uncount(e, index, now_ns);
	tell_closed(e, index, reason, now_ns);
	if (turn_to_shadow(e, index))
		flow_serve_again(e, index);
	start_shadow(e, index, now_ns);
	tcp_extra_init(flow_extra(&e->table, index));
}

void flow_end(struct engine *e, uint32_t index, enum close_reason cause, uint64_t now_ns)
{
	struct tcp_conn *conn = conn_of(e, index);
	bool reopening = (conn->flags & CONN_REOPENING) && flow_extra(&e->table, index) != NULL;

	flow_uncount(e, index, now_ns);
	service_count(e, conn->service, -1);
	e->stats.phase_flows[tcp_phase(conn)]--;
	tell_closed(e, index, cause == CLOSE_EVICTED ? cause : tcp_close_reason(conn, cause == CLOSE_FLUSHED), now_ns);
	if (reopening)
		end_shadow(e, index, cause, now_ns);
	flow_table_remove(&e->table, index);
	e->stats.flows = e->table.head->used;
}

/* S-3: a shadow that nobody answered in time; the old flow is as if nothing had happened. */
static void forget_shadow(struct engine *e, uint32_t index, uint64_t now_ns)
{
	struct tcp_conn old = *conn_of(e, index);
	struct tcp_cold old_cold = *cold_of(e, index);

	end_shadow(e, index, CLOSE_TIMEOUT, now_ns);
	*conn_of(e, index) = old;
	*cold_of(e, index) = old_cold;
	conn_of(e, index)->flags &= ~(uint32_t)CONN_REOPENING;
	flow_extra(&e->table, index)->shadow_from = SIDE_NONE;
	flow_settle(e, index, tcp_phase(&old), now_ns);
}

/* May the flow make room for one of `service`? One that may not moves out of the way. */
static bool may_evict(struct engine *e, uint32_t index, enum flow_class class, unsigned service, uint64_t now_ns)
{
	const struct tcp_conn *conn = conn_of(e, index);

	if (conn->service != service && service_is_reserved(e, conn->service)) {
		flow_class_set(&e->table, index, class);
		return false;
	}
	if (class == CLASS_IDLE && now_ns - conn->last_seen_ns <= IDLE_NS) {
		flow_class_set(&e->table, index, CLASS_NONE);
		return false;
	}
	if (class == CLASS_HALF_CLOSED && (conn->flags & CONN_OPEN_DATA)) { /* T-6: on its long timer */
		flow_class_set(&e->table, index, CLASS_HALF_CLOSED);
		return false;
	}
	return true;
}

bool flow_evict(struct engine *e, unsigned service, uint64_t now_ns)
{
	for (int class = 0; class < CLASS_COUNT; class++) {
		uint32_t index;

		for (int i = 0; i < EVICT_TRIES; i++) {
			index = flow_class_first(&e->table, (enum flow_class)class);
			if (index == FLOW_NONE)
				break;
			if (!may_evict(e, index, (enum flow_class)class, service, now_ns))
				continue;
			flow_end(e, index, CLOSE_EVICTED, now_ns);
			return true;
		}
	}
	return false;
}

/* S-3, G-4: a SYN that pends on a flow whose timer ran out is not lost with it: it begins its own. True: it did. */
static bool give_way_to_shadow(struct engine *e, uint32_t index, const struct tcp_timing *timing, uint64_t now_ns)
{
	const struct tcp_conn *conn = conn_of(e, index);
	const struct tcp_extra *extra = flow_extra(&e->table, index);
	enum phase before = tcp_phase(conn);

	if ((conn->flags & CONN_REOPENING) || !tcp_shadow_pending(extra, timing->settings, now_ns) ||
	    tcp_shadow_deadline(extra, timing) <= now_ns)
		return false;
	if (tcp_is_opening_syn(conn, extra->shadow_from, extra->shadow.seq)) /* a late copy, of this very connection */
		return false;
	flow_begin_by_shadow(e, index, tcp_close_reason(conn, false), now_ns);
	flow_settle(e, index, before, now_ns);
	return true;
}

/* Somebody looks at a flow: it ends, or is filed again. */
static void look(struct engine *e, uint32_t index, uint64_t now_ns)
{
	const struct tcp_conn *conn = conn_of(e, index);
	struct tcp_timing timing;

	if (conn->service_age != e->service_age)
		flow_serve_again(e, index);
	timing = engine_timing(e, index);
	if (deadline_of(e, index, &timing) <= now_ns) {
		if (!give_way_to_shadow(e, index, &timing, now_ns))
			flow_end(e, index, CLOSE_TIMEOUT, now_ns);
		return;
	}
	if ((conn->flags & CONN_REOPENING) &&
	    !tcp_shadow_pending(flow_extra(&e->table, index), timing.settings, now_ns)) {
		forget_shadow(e, index, now_ns);
		return;
	}
	if (conn->phase == PHASE_ESTABLISHED && flow_class_get(&e->table, index) == CLASS_NONE &&
	    now_ns - conn->last_seen_ns > IDLE_NS)
		flow_class_set(&e->table, index, CLASS_IDLE);
	flow_file(e, index, now_ns);
}

#define SWEEP_SLICE 8192

/* Timeouts shrank or services changed since the flows were filed: files them again, a slice a second. */
static void sweep(struct engine *e, uint64_t now_ns)
{
	uint32_t begun = atomic_load_explicit(&limits_floods(e->limits)->started, memory_order_relaxed);
	uint32_t factor = adaptive_factor(e);
	uint32_t end;

	if (factor > e->swept_factor && e->sweep == 0)
		e->swept_factor = factor;
	if (factor < e->swept_factor / 16 * 15) {
		e->swept_factor = factor;
		e->sweep = 1;
	}
	if (begun != e->floods_seen) { /* timers shrank, whichever worker saw it */
		e->floods_seen = begun;
		e->sweep = 1;
	}
	if (e->sweep == 0)
		return;
	end = (uint32_t)min_u64((uint64_t)e->sweep + SWEEP_SLICE, e->table.head->fresh_flow);
	for (; e->sweep < end; e->sweep++) {
		if (!flow_is_used(&e->table, e->sweep))
			continue;
		if (conn_of(e, e->sweep)->service_age != e->service_age)
			flow_serve_again(e, e->sweep);
		flow_file(e, e->sweep, now_ns);
	}
	if (e->sweep >= e->table.head->fresh_flow)
		e->sweep = 0;
}

/* whoever of the workers looks first tells. */
static void release_banned(struct engine *e, uint64_t now_ns)
{
	struct ban_entry released;

	for (unsigned i = 0; i < RELEASE_MOST && ban_expire(limits_ban(e->limits), now_ns, &released); i++)
		tell_released(e, &released, now_ns);
}

/* Something may have to be done at the next tick. */
static bool is_idle(const struct engine *e)
{
	return e->table.head->used == 0 && !limits_flood(e->limits) && !ban_is_timed(limits_ban(e->limits)) &&
	       !tell_owes(e);
}

void engine_expire(struct engine *e, uint64_t now_ns)
{
	while (e->next_tick_ns <= now_ns) {
		uint64_t tick_ns = e->next_tick_ns;
		uint32_t index;

		sweep(e, tick_ns);
		while ((index = flow_clock_next(&e->table, tick_ns)) != FLOW_NONE)
			look(e, index, tick_ns);
		floods_look(e, NULL, tick_ns);
		release_banned(e, tick_ns);
		tell_owed(e, tick_ns);
		if (is_idle(e))
			e->next_tick_ns = now_ns / NS_PER_S * NS_PER_S + NS_PER_S;
		else
			e->next_tick_ns += NS_PER_S;
	}
}

uint64_t engine_deadline(const struct engine *e)
{
	if (is_idle(e))
		return UINT64_MAX;
	return e->next_tick_ns;
}

/* Sorts flows linked by class_next by their start, in place; returns the first. */
static uint32_t merge_sorted(struct engine *e, uint32_t a, uint32_t b)
{
	struct flow_side *side = e->table.side;
	uint32_t first = FLOW_NONE, last = FLOW_NONE;

	while (a != FLOW_NONE || b != FLOW_NONE) {
		bool take_a = b == FLOW_NONE ||
			      (a != FLOW_NONE && side[a].cold.started_ns <= side[b].cold.started_ns);
		uint32_t taken = take_a ? a : b;

		if (take_a)
			a = side[a].class_next;
		else
			b = side[b].class_next;
		if (last == FLOW_NONE)
			first = taken;
		else
			side[last].class_next = taken;
		last = taken;
	}
	if (last != FLOW_NONE)
		side[last].class_next = FLOW_NONE;
	return first;
}

/* All flows in one list by their start: runs[i] holds a sorted list of 2^i flows, or none. */
static uint32_t all_by_start(struct engine *e)
{
	uint32_t runs[32] = { FLOW_NONE }, first = FLOW_NONE;

	for (uint32_t i = 1; i < e->table.head->fresh_flow; i++) {
		uint32_t run = i;
		unsigned n = 0;

		if (!flow_is_used(&e->table, i))
			continue;
		flow_class_set(&e->table, i, CLASS_NONE);
		for (; runs[n] != FLOW_NONE; n++) {
			run = merge_sorted(e, runs[n], run);
			runs[n] = FLOW_NONE;
		}
		runs[n] = run;
	}
	for (unsigned n = 0; n < 32; n++)
		first = merge_sorted(e, runs[n], first);
	return first;
}

void engine_flush(struct engine *e, uint64_t now_ns)
{
	uint32_t index = all_by_start(e);

	while (index != FLOW_NONE) {
		uint32_t next = e->table.side[index].class_next;

		e->table.side[index].class_next = FLOW_NONE;
		flow_end(e, index, CLOSE_FLUSHED, now_ns);
		index = next;
	}
	tell_suppressed(e, now_ns);
}
