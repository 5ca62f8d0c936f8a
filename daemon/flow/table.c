/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flow/table.h"

#include <string.h>

#include "flow/clock.h"
#include "flow/evict.h"

/* Parts start at cache lines. */
static size_t aligned(size_t size)
{
	return (size + 63) & ~(size_t)63;
}

static uint32_t buckets_for(uint32_t max_flows)
{
	uint32_t buckets = 1024;

	while (buckets < max_flows && buckets < UINT32_C(1) << 31)
		buckets *= 2;
	return buckets;
}

static uint32_t extras_for(uint32_t max_flows)
{
	return max_flows / FLOWS_PER_EXTRA + 64;
}

struct layout {
	size_t flow, side, extra, extra_flow, bucket, end;
};

static struct layout layout_of(uint32_t max_flows)
{
	struct layout at;

	at.flow = aligned(sizeof(struct flow_pool_header));
	at.side = at.flow + aligned(((size_t)max_flows + 1) * sizeof(struct flow));
	at.extra = at.side + aligned(((size_t)max_flows + 1) * sizeof(struct flow_side));
	at.extra_flow = at.extra + aligned(((size_t)extras_for(max_flows) + 1) * sizeof(struct tcp_extra));
	at.bucket = at.extra_flow + aligned(((size_t)extras_for(max_flows) + 1) * sizeof(uint32_t));
	at.end = at.bucket + aligned((size_t)buckets_for(max_flows) * sizeof(uint32_t));
	return at;
}

size_t flow_table_size(uint32_t max_flows)
{
	return layout_of(max_flows).end;
}

void flow_table_init(struct flow_table *table, void *pool, uint32_t max_flows, const struct hash_key *secret)
{
	struct layout at = layout_of(max_flows);
	unsigned char *base = pool;

	table->head = (struct flow_pool_header *)pool;
	table->flow = (struct flow *)(void *)(base + at.flow);
	table->side = (struct flow_side *)(void *)(base + at.side);
	table->extra = (struct tcp_extra *)(void *)(base + at.extra);
	table->extra_flow = (uint32_t *)(void *)(base + at.extra_flow);
	table->bucket = (uint32_t *)(void *)(base + at.bucket);
	table->secret = *secret;
	*table->head = (struct flow_pool_header){
		.magic = FLOW_POOL_MAGIC,
		.layout = FLOW_POOL_LAYOUT,
		.max_flows = max_flows,
		.bucket_mask = buckets_for(max_flows) - 1,
		.max_extras = extras_for(max_flows),
		.fresh_flow = 1,
		.fresh_extra = 1,
	};
}

uint32_t flow_table_find(const struct flow_table *table, const struct flow_key *key, uint32_t hash)
{
	uint32_t index = table->bucket[hash & table->head->bucket_mask];

	while (index != FLOW_NONE && !flow_key_equal(&table->flow[index].key, key))
		index = table->side[index].chain_next;
	return index;
}

static uint32_t take_index(struct flow_pool_header *head, struct flow_side *side)
{
	uint32_t index = head->free_flow;

	if (index != FLOW_NONE) {
		head->free_flow = side[index].chain_next;
		return index;
	}
	return head->fresh_flow <= head->max_flows ? head->fresh_flow++ : FLOW_NONE;
}

uint32_t flow_table_insert(struct flow_table *table, const struct flow_key *key, uint32_t hash)
{
	uint32_t *bucket = &table->bucket[hash & table->head->bucket_mask];
	uint32_t index = take_index(table->head, table->side);

	if (index == FLOW_NONE)
		return FLOW_NONE;
	memset(&table->flow[index], 0, sizeof table->flow[index]);
	memset(&table->side[index], 0, sizeof table->side[index]);
	table->flow[index].key = *key;
	table->side[index].chain_next = *bucket;
	*bucket = index;
	table->head->used++;
	return index;
}

static void unchain(struct flow_table *table, uint32_t index)
{
	uint32_t hash = flow_key_hash(&table->flow[index].key, &table->secret);
	uint32_t *link = &table->bucket[hash & table->head->bucket_mask];

	while (*link != index)
		link = &table->side[*link].chain_next;
	*link = table->side[index].chain_next;
}

void flow_table_remove(struct flow_table *table, uint32_t index)
{
	flow_clock_remove(table, index);
	flow_class_set(table, index, CLASS_NONE);
	flow_extra_release(table, index);
	unchain(table, index);
	table->flow[index].key.family = 0; /* marks the slot unused */
	table->side[index].chain_next = table->head->free_flow;
	table->head->free_flow = index;
	table->head->used--;
}

bool flow_is_used(const struct flow_table *table, uint32_t index)
{
	return index != FLOW_NONE && index < table->head->fresh_flow && table->flow[index].key.family != 0;
}

struct tcp_extra *flow_extra(const struct flow_table *table, uint32_t index)
{
	uint32_t extra = table->side[index].extra;

	return extra != 0 ? &table->extra[extra] : NULL;
}

/* Free extras are chained through their first four bytes. */
static uint32_t next_free_extra(const struct tcp_extra *extra)
{
	uint32_t next;

	memcpy(&next, extra, sizeof next);
	return next;
}

struct tcp_extra *flow_extra_take(struct flow_table *table, uint32_t index)
{
	struct flow_pool_header *head = table->head;
	uint32_t extra = table->side[index].extra;

	if (extra != 0)
		return &table->extra[extra];
	if (head->free_extra != 0) {
		extra = head->free_extra;
		head->free_extra = next_free_extra(&table->extra[extra]);
	} else if (head->fresh_extra <= head->max_extras) {
		extra = head->fresh_extra++;
	} else {
		return NULL;
	}
	table->side[index].extra = extra;
	table->extra_flow[extra] = index;
	head->used_extras++;
	tcp_extra_init(&table->extra[extra]);
	return &table->extra[extra];
}

void flow_extra_release(struct flow_table *table, uint32_t index)
{
	uint32_t extra = table->side[index].extra;

	if (extra == 0)
		return;
	memcpy(&table->extra[extra], &table->head->free_extra, sizeof table->head->free_extra);
	table->head->free_extra = extra;
	table->head->used_extras--;
	table->extra_flow[extra] = FLOW_NONE;
	table->side[index].extra = 0;
}

bool flow_extras_are_scarce(const struct flow_table *table)
{
	return table->head->used_extras >= table->head->max_extras / 2;
}

uint32_t flow_extra_next(struct flow_table *table)
{
	struct flow_pool_header *head = table->head;

	head->extra_hand++;
	if (head->extra_hand >= head->fresh_extra)
		head->extra_hand = 1;
	return table->extra_flow[head->extra_hand];
}
