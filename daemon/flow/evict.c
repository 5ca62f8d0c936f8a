/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flow/evict.h"

/*
 * class_prev holds 1 + the class in its upper four bits and the previous flow of the list, or 0, in the others:
 * indexes have 25 bits, as tracking.max_flows is at most 2^24. 0: in no list.
 */
#define CLASS_SHIFT 28
#define PREV_MASK   ((UINT32_C(1) << CLASS_SHIFT) - 1)

enum flow_class flow_class_get(const struct flow_table *table, uint32_t index)
{
	uint32_t tag = table->side[index].class_prev >> CLASS_SHIFT;

	return tag == 0 ? CLASS_NONE : (enum flow_class)(tag - 1);
}

static void set_prev(struct flow_side *side, enum flow_class class, uint32_t prev)
{
	side->class_prev = ((uint32_t)class + 1) << CLASS_SHIFT | prev;
}

static void unlink_flow(struct flow_table *table, uint32_t index, enum flow_class class)
{
	struct flow_side *side = &table->side[index];
	struct flow_list *list = &table->head->class[class];
	uint32_t prev = side->class_prev & PREV_MASK, next = side->class_next;

	if (prev != FLOW_NONE)
		table->side[prev].class_next = next;
	else
		list->first = next;
	if (next != FLOW_NONE)
		set_prev(&table->side[next], class, prev);
	else
		list->last = prev;
	side->class_next = side->class_prev = 0;
}

static void append_flow(struct flow_table *table, uint32_t index, enum flow_class class)
{
	struct flow_list *list = &table->head->class[class];

	set_prev(&table->side[index], class, list->last);
	table->side[index].class_next = FLOW_NONE;
	if (list->last != FLOW_NONE)
		table->side[list->last].class_next = index;
	else
		list->first = index;
	list->last = index;
}

void flow_class_set(struct flow_table *table, uint32_t index, enum flow_class class)
{
	enum flow_class before = flow_class_get(table, index);

	if (before != CLASS_NONE)
		unlink_flow(table, index, before);
	if (class != CLASS_NONE)
		append_flow(table, index, class);
}

uint32_t flow_class_first(const struct flow_table *table, enum flow_class class)
{
	return table->head->class[class].first;
}
