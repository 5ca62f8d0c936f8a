/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole pool: every flow is once in its hash chain, on the wheel and in its class, nobody else is. */
#include "world.h"

#ifdef __clang__ /* the fuzzer shall look for paths of the engine, not of its checks */
#pragma clang attribute push(__attribute__((no_sanitize("coverage"))), apply_to = function)
#endif

static void check_chains(const struct flow_table *table)
{
	uint32_t chained = 0, unused = 0;

	for (uint32_t i = 0; i <= table->head->bucket_mask; i++)
		for (uint32_t at = table->bucket[i]; at != FLOW_NONE; at = table->side[at].chain_next) {
			uint32_t hash = flow_key_hash(&table->flow[at].key, &table->secret);

			REQUIRE(flow_is_used(table, at), "bucket %u: flow %u is not used", i, at);
			REQUIRE((hash & table->head->bucket_mask) == i, "flow %u is in bucket %u", at, i);
			REQUIRE(flow_table_find(table, &table->flow[at].key, hash) == at,
				"flow %u stands twice", at);
			REQUIRE(++chained <= table->head->used, "bucket %u has no end", i);
		}
	REQUIRE(chained == table->head->used, "%u of %u flows in chains", chained, table->head->used);
	for (uint32_t at = table->head->free_flow; at != FLOW_NONE; at = table->side[at].chain_next) {
		REQUIRE(!flow_is_used(table, at), "flow %u is free and used", at);
		REQUIRE(++unused < table->head->fresh_flow, "the free list has no end");
	}
	REQUIRE(chained + unused + 1 == table->head->fresh_flow, "%u flows, %u free", chained, unused);
}

static void check_wheel(const struct flow_table *table)
{
	uint32_t filed = 0;

	for (uint32_t slot = 0; slot < WHEEL_SLOTS; slot++)
		for (uint32_t at = table->head->wheel[slot].first; at != FLOW_NONE;
		     at = table->side[at].wheel_next) {
			uint32_t next = table->side[at].wheel_next;

			REQUIRE(flow_is_used(table, at), "slot %u: flow %u is not used", slot, at);
			REQUIRE(table->side[at].wheel_prev != 0, "slot %u: flow %u is not filed", slot, at);
			REQUIRE(next == FLOW_NONE || table->side[next].wheel_prev == at, "slot %u: behind %u",
				slot, at);
			REQUIRE(++filed <= table->head->used, "slot %u has no end", slot);
		}
	REQUIRE(filed == table->head->used, "%u of %u flows on the wheel", filed, table->head->used);
}

/* */
static enum flow_class class_of(const struct tcp_conn *conn)
{
	static const uint8_t classes[PHASE_COUNT] = {
		[PHASE_SYN_SENT] = CLASS_SYN_SENT,   [PHASE_SYN_SENT2] = CLASS_SYN_SENT,
		[PHASE_SYN_RECV] = CLASS_SYN_RECV,   [PHASE_ESTABLISHED] = CLASS_NONE,
		[PHASE_FIN_WAIT] = CLASS_NONE,       [PHASE_HALF_CLOSED] = CLASS_HALF_CLOSED,
		[PHASE_CLOSING] = CLASS_CLOSING,     [PHASE_LAST_ACK] = CLASS_CLOSING,
		[PHASE_TIME_WAIT] = CLASS_TIME_WAIT, [PHASE_CLOSED] = CLASS_CLOSED,
		[PHASE_PICKUP] = CLASS_PICKUP,
	};

	return (enum flow_class)classes[tcp_phase(conn)];
}

static void check_classes(const struct flow_table *table)
{
	uint32_t listed = 0;

	for (int class = 0; class < CLASS_COUNT; class ++) {
		uint32_t last = FLOW_NONE;

		for (uint32_t at = table->head->class[class].first; at != FLOW_NONE;
		     at = table->side[at].class_next) {
			REQUIRE(flow_is_used(table, at), "class %d: flow %u is not used", class, at);
			REQUIRE((int)flow_class_get(table, at) == class, "class %d: flow %u", class, at);
			REQUIRE(++listed <= table->head->used, "class %d has no end", class);
			last = at;
		}
		REQUIRE(table->head->class[class].last == last, "class %d ends with %u", class, last);
	}
	for (uint32_t i = 1; i < table->head->fresh_flow; i++) {
		const struct tcp_conn *conn = &table->flow[i].conn;
		enum flow_class class = flow_class_get(table, i);

		if (!flow_is_used(table, i))
			continue;
		listed -= class != CLASS_NONE;
		if (conn->phase != PHASE_ESTABLISHED)
			REQUIRE(class == class_of(conn), "flow %u in class %d", i, (int)class);
		else
			REQUIRE((conn->flags & CONN_ASSURED) ? class == CLASS_NONE || class == CLASS_IDLE
							     : class == CLASS_PICKUP,
				"flow %u in class %d", i, (int)class);
	}
	REQUIRE(listed == 0, "%u flows too many in the classes", listed);
}

static void check_extras(const struct flow_table *table)
{
	const struct flow_pool_header *head = table->head;
	uint8_t taken[WORLD_FLOWS_MOST * 2 + 1] = { 0 };
	uint32_t used = 0, next;

	for (uint32_t i = 1; i < head->fresh_flow; i++) {
		uint32_t extra = table->side[i].extra;

		if (!flow_is_used(table, i) || extra == 0)
			continue;
		REQUIRE(extra < head->fresh_extra && !taken[extra], "flow %u: extra %u", i, extra);
		REQUIRE(table->extra_flow[extra] == i, "extra %u of flow %u is one of %u", extra, i,
			table->extra_flow[extra]);
		taken[extra] = 1;
		used++;
	}
	REQUIRE(used == head->used_extras, "%u of %u extras are taken", used, head->used_extras);
	for (uint32_t at = head->free_extra; at != 0; at = next) {
		memcpy(&next, &table->extra[at], sizeof next);
		REQUIRE(at < head->fresh_extra && !taken[at], "free extra %u", at);
		REQUIRE(table->extra_flow[at] == FLOW_NONE, "free extra %u of flow %u", at, table->extra_flow[at]);
		taken[at] = 1;
		used++;
	}
	REQUIRE(used + 1 == head->fresh_extra, "%u of %u extras", used, head->fresh_extra);
}

void world_check_pool(const struct world *world)
{
	const struct flow_table *table = &world->engine->table;

	check_chains(table);
	check_wheel(table);
	check_classes(table);
	check_extras(table);
}

#ifdef __clang__
#pragma clang attribute pop
#endif
