/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a packet may change, and what holds of every flow whatever comes (G-1, F-1 to F-9, T-14, T-15). */
#include "tcp/seq.h"
#include "world.h"

#ifdef __clang__ /* the fuzzer shall look for paths of the engine, not of its checks */
#pragma clang attribute push(__attribute__((no_sanitize("coverage"))), apply_to = function)
#endif

void world_copy(const struct world *world, struct world_copy *copy)
{
	const struct flow_table *table = &world->engine->table;

	copy->flows = table->head->fresh_flow;
	copy->flows_new = world->engine->stats.counter[COUNTER_FLOWS_NEW];
	memcpy(copy->flow, table->flow, copy->flows * sizeof *copy->flow);
	memcpy(copy->side, table->side, copy->flows * sizeof *copy->side);
	for (uint32_t i = 1; i < copy->flows; i++)
		if (flow_extra(table, i) != NULL)
			copy->extra[i] = *flow_extra(table, i);
}

/* The flow that the packet, or what an ICMP error quotes, belongs to. */
static uint32_t flow_of(const struct flow_table *table, const struct packet *packet)
{
	const struct icmp_quote *quote = &packet->quote;
	struct flow_key key;

	if (packet->kind == PACKET_ICMP_ERROR)
		flow_key_init(&key, quote->src, quote->dst, quote->src_port, quote->dst_port, packet->family,
			      packet->zone);
	else
		flow_key_init(&key, packet->src, packet->dst, packet->src_port, packet->dst_port,
			      packet->family, packet->zone);
	return flow_table_find(table, &key, flow_key_hash(&key, &table->secret));
}

static bool was_used(const struct world_copy *before, uint32_t index)
{
	return index < before->flows && before->flow[index].key.family != 0;
}

/* What a dropped segment may leave behind all the same. */
enum trace {
	TRACE_COUNT = 1 << 0,     /* the flow counts it */
	TRACE_BAD_CLOSE = 1 << 1, /* T-14 */
	TRACE_HISTORY = 1 << 2,   /* E-3 */
};

static unsigned traces_of(const struct decision *decision)
{
	unsigned traces = decision->has_flow ? TRACE_COUNT : 0;

	if (decision->reason == REASON_BAD_RST || decision->reason == REASON_SEQ_HIGH ||
	    decision->reason == REASON_ACK_HIGH || decision->reason == REASON_OVERSHOOT)
		traces |= TRACE_BAD_CLOSE;
	if (decision->reason == REASON_BAD_FLAGS || decision->reason == REASON_BAD_CHECKSUM)
		traces |= TRACE_HISTORY;
	return traces;
}

/* A flow without what these traces may have changed. */
static void wipe(struct flow *flow, struct tcp_cold *cold, struct tcp_extra *extra, unsigned traces)
{
	if (traces & TRACE_BAD_CLOSE) {
		flow->conn.end[SIDE_CLIENT].flags &= (uint16_t)~END_BAD_CLOSE;
		flow->conn.end[SIDE_SERVER].flags &= (uint16_t)~END_BAD_CLOSE;
		flow->conn.flags &= ~(uint32_t)CONN_HAS_CLOSE_BY;
		extra->close_by_ns = 0;
	}
	if (traces & TRACE_HISTORY) {
		flow->conn.flags &= ~(uint32_t)CONN_HISTORY_MASK;
		memset(&cold->history, 0, sizeof cold->history);
	}
}

/* The flow at `index` is as it was, but for the traces. */
static void check_same(const struct world *world, const struct world_copy *before, uint32_t index,
		       unsigned traces)
{
	const struct flow_table *table = &world->engine->table;
	struct flow was = before->flow[index], is = table->flow[index];
	struct tcp_cold cold_was = before->side[index].cold, cold_is = table->side[index].cold;
	struct tcp_extra extra_was, extra_is;
	/* it may have been given to a flow that needs it more */
	bool released = before->side[index].extra != 0 && table->side[index].extra == 0 &&
			tcp_extra_is_idle(&was.conn, &before->extra[index], &world->engine->settings, world->now_ns);

	tcp_extra_init(&extra_was);
	tcp_extra_init(&extra_is);
	if (before->side[index].extra != 0)
		extra_was = before->extra[index];
	if (flow_extra(table, index) != NULL)
		extra_is = *flow_extra(table, index);
	was.conn.dropped = (uint16_t)(was.conn.dropped + ((traces & TRACE_COUNT) != 0));
	was.conn.service_age = is.conn.service_age;
	wipe(&was, &cold_was, &extra_was, traces);
	wipe(&is, &cold_is, &extra_is, traces);
	REQUIRE(memcmp(&was, &is, sizeof was) == 0, "flow %u changed", index);
	REQUIRE(memcmp(&cold_was, &cold_is, sizeof cold_was) == 0, "cold part of flow %u changed", index);
	REQUIRE(released || memcmp(&extra_was, &extra_is, sizeof extra_was) == 0, "extra of flow %u changed", index);
	REQUIRE((traces & TRACE_BAD_CLOSE) || released || before->side[index].extra == table->side[index].extra,
		"extra of flow %u is another", index);
}

/* A packet touches its own flow; others may have been evicted to make room for it. */
static void check_others(const struct world *world, const struct world_copy *before, uint32_t own)
{
	const struct flow_table *table = &world->engine->table;
	unsigned evicted = 0;

	for (uint32_t i = 1; i < before->flows; i++) {
		if (i == own || !was_used(before, i))
			continue;
		if (flow_is_used(table, i))
			check_same(world, before, i, 0);
		else
			evicted++;
	}
	REQUIRE(evicted == 0 || (own != FLOW_NONE && !was_used(before, own)), "%u flows left without need",
		evicted);
}

/* F-9, C-3: within one incarnation an end state only grows, but for a FIN that proved forged. */
static void check_forward(const struct world *world, const struct world_copy *before, uint32_t index,
			  const struct decision *decision)
{
	for (int side = 0; side < 2; side++) {
		unsigned was = before->flow[index].conn.end[side].state;
		unsigned is = conn_of(world->engine, index)->end[side].state;
		bool forgotten = (decision->remarks & reason_bit(REASON_BAD_FIN)) && was == END_FIN_SENT &&
				 is == END_OPEN && side == (int)decision->dir;

		REQUIRE(is >= was || forgotten, "flow %u: end %d went from %u back to %u", index, side, was,
			is);
	}
}

/* neither state nor timer. */
static void check_inexact(const struct world *world, const struct world_copy *before, uint32_t index)
{
	const struct tcp_conn *was = &before->flow[index].conn, *is = conn_of(world->engine, index);

	REQUIRE(was->phase == is->phase && was->armed_ns == is->armed_ns, "flow %u", index);
	for (int side = 0; side < 2; side++)
		REQUIRE(was->end[side].sent == is->end[side].sent &&
				was->end[side].acked == is->end[side].acked &&
				was->end[side].contiguous == is->end[side].contiguous &&
				was->end[side].limit == is->end[side].limit,
			"flow %u: numbers of end %d", index, side);
}

/* What the engine says about the flow is what it keeps. */
static void check_found(const struct world *world, const struct packet *packet, uint32_t index)
{
	struct flow_record record;
	uint64_t left_ns;
	bool found = engine_find(world->engine, packet, world->now_ns, &record, &left_ns);

	REQUIRE(found == (index != FLOW_NONE), "flow %u", index);
	REQUIRE(!found || record.phase == tcp_phase(conn_of(world->engine, index)), "phase %u", record.phase);
}

static void check_decision(const struct world *world, const struct decision *decision, uint32_t index)
{
	const struct engine_stats *stats = engine_stats(world->engine);
	uint64_t dropped = 0;

	REQUIRE(!(decision->remarks & reason_bit(REASON_INTERNAL_ERROR)) &&
			decision->reason != REASON_INTERNAL_ERROR,
		"internal error");
	REQUIRE((decision->reason != REASON_NONE) ==
			(decision->verdict == VERDICT_DROP || decision->would_drop),
		"verdict %d, reason %s", (int)decision->verdict, reason_word(decision->reason));
	REQUIRE(!decision->has_flow || index == FLOW_NONE ||
			decision->phase == tcp_phase(conn_of(world->engine, index)),
		"phase %s", phase_word(decision->phase));
	for (int reason = 0; reason < REASON_COUNT; reason++)
		dropped += stats->reason_dropped[reason];
	REQUIRE(dropped == stats->counter[COUNTER_DROPPED], "drops");
}

void world_check_packet(const struct world *world, const struct world_copy *before,
			const struct packet *packet, const struct decision *decision)
{
	const struct engine *engine = world->engine;
	uint32_t own = packet->has_addresses ? flow_of(&engine->table, packet) : FLOW_NONE;
	bool known = own != FLOW_NONE && was_used(before, own) &&
		     flow_key_equal(&before->flow[own].key, &engine->table.flow[own].key);
	bool limit =
		decision->reason != REASON_NONE && reason_table[decision->reason].class == REASON_CLASS_LIMIT;

	check_decision(world, decision, own);
	if (packet->kind == PACKET_TCP)
		check_found(world, packet, own);
	check_others(world, before, own);
	if (known && decision->reason != REASON_NONE && !(decision->would_drop && limit)) /* M-14 */
		check_same(world, before, own, traces_of(decision));
	else if (known && engine->stats.counter[COUNTER_FLOWS_NEW] == before->flows_new)
		check_forward(world, before, own, decision);
	if (known && decision->reason == REASON_NONE &&
	    (decision->remarks & reason_bit(REASON_BAD_CHECKSUM))) /* P-3 */
		check_same(world, before, own, TRACE_HISTORY);
	if (known && (decision->remarks & reason_bit(REASON_RST_INEXACT)))
		check_inexact(world, before, own);
	REQUIRE(known || own == FLOW_NONE || decision->verdict == VERDICT_ACCEPT,
		"a dropped packet made flow %u", own);
	world_check_flows(world);
}

/* F-9 and F-8 for one end. */
static void check_end(const struct tcp_end *end, uint32_t index)
{
	if (end->state != END_NONE)
		REQUIRE(!seq_after(end->acked, end->contiguous) && !seq_after(end->contiguous, end->sent),
			"flow %u: acked %u, contiguous %u, sent %u", index, end->acked, end->contiguous,
			end->sent);
	REQUIRE(end->shift <= SCALE_MOST && end->max_window <= WINDOW_MOST, "flow %u: windows", index);
	REQUIRE(end->state < END_FIN_SENT || (end->flags & END_HAS_FIN), "flow %u: no FIN known", index);
}

/* C-1. What was acknowledged before a FIN came is no acknowledgement of it. */
static void check_fin(const struct tcp_end *end, uint32_t index)
{
	if (end->state == END_FIN_SENT)
		REQUIRE(!seq_after(end->acked, end->fin_next), "flow %u: its FIN is acknowledged", index);
	if (end->state == END_FIN_ACKED)
		REQUIRE(!seq_before(end->acked, end->fin_next), "flow %u: its FIN is not acknowledged",
			index);
}

/* Its numbers are more than guesses; else they may lie half the space and more apart. */
static bool is_exact(const struct world *world, const struct tcp_conn *conn)
{
	return !world->lenient && world->engine->epoch == 0 &&
	       !(conn->flags & (CONN_PICKED_UP | CONN_ASYNC)) &&
	       !((conn->end[SIDE_CLIENT].flags | conn->end[SIDE_SERVER].flags) & END_EDGES_GUESSED);
}

/* F-1 to F-5. */
static void check_flow(const struct world *world, uint32_t index)
{
	const struct tcp_conn *conn = conn_of(world->engine, index);
	const struct tcp_extra *extra = flow_extra(&world->engine->table, index);
	enum phase by_ends = tcp_phase_of(conn->end[SIDE_CLIENT].state, conn->end[SIDE_SERVER].state);
	enum side by;

	check_end(&conn->end[SIDE_CLIENT], index);
	check_end(&conn->end[SIDE_SERVER], index);
	for (int side = 0; side < 2 && is_exact(world, conn); side++)
		check_fin(&conn->end[side], index);
	REQUIRE(by_ends != PHASE_COUNT, "flow %u: ends %u and %u", index, conn->end[0].state,
		conn->end[1].state);
	if (conn->flags & CONN_RESET)
		REQUIRE(conn->phase == PHASE_CLOSED && conn->close_reason != CLOSE_NONE, "flow %u", index);
	else if (conn->flags & CONN_UNCONFIRMED)
		REQUIRE(conn->phase == PHASE_PICKUP, "flow %u", index);
	else
		REQUIRE(conn->phase == by_ends, "flow %u: %s", index, phase_word((enum phase)conn->phase));
	if (conn->flags & CONN_REOPENING)
		REQUIRE((conn->phase == PHASE_TIME_WAIT || conn->phase == PHASE_CLOSED) && extra != NULL &&
				extra->shadow_from != SIDE_NONE,
			"flow %u reopens in %s", index, phase_word((enum phase)conn->phase));
	REQUIRE(!(conn->flags & CONN_HAS_CLOSE_BY) || extra != NULL, "flow %u: close_by", index);
	REQUIRE(!(conn->flags & CONN_COUNTED_HALF_OPEN) == !tcp_is_half_open(conn, extra, &by),
		"flow %u: half-open", index);
	REQUIRE(extra == NULL || (extra->candidates <= SYNACK_CANDIDATES && extra->old_syns <= OLD_SYNS),
		"flow %u", index);
}

void world_check_flows(const struct world *world)
{
	const struct engine *engine = world->engine;
	const struct engine_stats *stats = engine_stats(engine);
	uint64_t phases[PHASE_COUNT] = { 0 };
	uint32_t flows = 0;

	for (uint32_t i = 1; i < engine->table.head->fresh_flow; i++) {
		if (!flow_is_used(&engine->table, i))
			continue;
		check_flow(world, i);
		phases[tcp_phase(conn_of(engine, i))]++;
		flows++;
	}
	REQUIRE(stats->flows == flows && engine->table.head->used == flows, "%u of %u flows", flows,
		stats->flows);
	REQUIRE(memcmp(phases, stats->phase_flows, sizeof phases) == 0, "flows of each phase");
	REQUIRE(stats->half_open == phases[PHASE_SYN_SENT] + phases[PHASE_SYN_SENT2] + phases[PHASE_SYN_RECV],
		"%u half-open", stats->half_open);
	REQUIRE(stats->half_open == limits_half_open(world->limits), "%u half-open", stats->half_open);
	REQUIRE(stats->counter[COUNTER_FLOWS_NEW] - world->closed == flows, "%u flows, %llu came, %llu went",
		flows, (unsigned long long)stats->counter[COUNTER_FLOWS_NEW],
		(unsigned long long)world->closed);
}

/* T-15: somebody looks at a flow when it is due; later where settings or a flood cut timers short. */
void world_check_timers(const struct world *world)
{
	const struct engine *engine = world->engine;
	if (world->now_ns < world->settled_at_ns || limits_flood(world->limits) || engine->swept_factor != FACTOR_ONE)
		return;
	for (uint32_t i = 1; i < engine->table.head->fresh_flow; i++) {
		struct tcp_timing timing = engine_timing(engine, i);

		if (timing.factor != FACTOR_ONE)
			return;
		if (flow_is_used(&engine->table, i))
			REQUIRE(tcp_deadline(conn_of(engine, i), cold_of(engine, i),
					     flow_extra(&engine->table, i), &timing) +
						NS_PER_S >
					world->now_ns,
				"flow %u is overdue", i);
	}
}

#ifdef __clang__
#pragma clang attribute pop
#endif
