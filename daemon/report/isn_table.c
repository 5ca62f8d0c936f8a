/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/isn_table.h"

#include <stddef.h>
#include <stdlib.h>

#define FIRST_SLOTS 1024 /* a power of two */

/* Open addressing, at most half full. Flow ids are hashes already. */
struct isn_table {
	struct isn_entry *slots; /* flow == 0: free */
	size_t mask;
	size_t used;
};

static struct isn_entry *find_slot(struct isn_entry *slots, size_t mask, uint64_t flow)
{
	size_t i = (size_t)(flow ^ flow >> 32) & mask;

	while (slots[i].flow != 0 && slots[i].flow != flow)
		i = (i + 1) & mask;
	return &slots[i];
}

static bool grow(struct isn_table *table)
{
	size_t count = 2 * (table->mask + 1);
	struct isn_entry *slots = calloc(count, sizeof(*slots));

	if (slots == NULL)
		return false;
	for (size_t i = 0; i <= table->mask; i++)
		if (table->slots[i].flow != 0)
			*find_slot(slots, count - 1, table->slots[i].flow) = table->slots[i];
	free(table->slots);
	table->slots = slots;
	table->mask = count - 1;
	return true;
}

struct isn_table *isn_table_new(void)
{
	struct isn_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	table->slots = calloc(FIRST_SLOTS, sizeof(*table->slots));
	if (table->slots == NULL) {
		free(table);
		return NULL;
	}
	table->mask = FIRST_SLOTS - 1;
	return table;
}

void isn_table_free(struct isn_table *table)
{
	if (table == NULL)
		return;
	free(table->slots);
	free(table);
}

void isn_table_learn(struct isn_table *table, uint64_t flow, enum side side, uint32_t isn)
{
	struct isn_entry *entry;

	if (table == NULL || flow == 0 || side == SIDE_NONE)
		return;
	entry = find_slot(table->slots, table->mask, flow);
	if (entry->flow == 0) {
		if (2 * (table->used + 1) > table->mask) {
			if (!grow(table))
				return;
			entry = find_slot(table->slots, table->mask, flow);
		}
		entry->flow = flow;
		table->used++;
	}
	entry->isn[side] = isn;
	entry->known[side] = true;
}

const struct isn_entry *isn_table_find(const struct isn_table *table, uint64_t flow)
{
	const struct isn_entry *entry;

	if (table == NULL || flow == 0)
		return NULL;
	entry = find_slot(table->slots, table->mask, flow);
	return entry->flow != 0 ? entry : NULL;
}
