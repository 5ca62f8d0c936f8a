/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flow/clock.h"

/* wheel_prev holds the previous flow, or for the first of a slot the slot's number with this bit. */
#define SLOT_BIT (UINT32_C(1) << 31)

void flow_clock_file(struct flow_table *table, uint32_t index, uint64_t look_ns)
{
	struct flow_pool_header *head = table->head;
	struct flow_side *side = &table->side[index];
	uint64_t tick = (look_ns + NS_PER_S - 1) / NS_PER_S;
	struct flow_list *slot;

	flow_clock_remove(table, index);
	if (tick <= head->wheel_tick)
		tick = (uint64_t)head->wheel_tick + 1;
	if (tick > (uint64_t)head->wheel_tick + WHEEL_SLOTS - 1)
		tick = (uint64_t)head->wheel_tick + WHEEL_SLOTS - 1;
	slot = &head->wheel[tick % WHEEL_SLOTS];
	side->wheel_next = slot->first;
	side->wheel_prev = SLOT_BIT | (uint32_t)(tick % WHEEL_SLOTS);
	if (slot->first != FLOW_NONE)
		table->side[slot->first].wheel_prev = index;
	slot->first = index;
}

void flow_clock_remove(struct flow_table *table, uint32_t index)
{
	struct flow_side *side = &table->side[index];

	if (side->wheel_prev == 0)
		return;
	if (side->wheel_prev & SLOT_BIT)
		table->head->wheel[side->wheel_prev & ~SLOT_BIT].first = side->wheel_next;
	else
		table->side[side->wheel_prev].wheel_next = side->wheel_next;
	if (side->wheel_next != FLOW_NONE)
		table->side[side->wheel_next].wheel_prev = side->wheel_prev;
	side->wheel_next = side->wheel_prev = 0;
}

uint32_t flow_clock_next(struct flow_table *table, uint64_t now_ns)
{
	struct flow_pool_header *head = table->head;
	uint64_t now_tick = now_ns / NS_PER_S;

	if (head->used == 0) {
		if (now_tick > head->wheel_tick)
			head->wheel_tick = (uint32_t)now_tick;
		return FLOW_NONE;
	}
	for (;;) {
		uint32_t index = head->wheel[head->wheel_tick % WHEEL_SLOTS].first;

		if (index != FLOW_NONE) {
			flow_clock_remove(table, index);
			return index;
		}
		if (head->wheel_tick >= now_tick)
			return FLOW_NONE;
		head->wheel_tick++;
	}
}

void flow_clock_start(struct flow_table *table, uint64_t now_ns)
{
	table->head->wheel_tick = (uint32_t)(now_ns / NS_PER_S);
}

uint64_t flow_clock_deadline(const struct flow_table *table)
{
	if (table->head->used == 0)
		return UINT64_MAX;
	return ((uint64_t)table->head->wheel_tick + 1) * NS_PER_S;
}
