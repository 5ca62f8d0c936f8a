/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flow id -> initial sequence numbers of its two ends, for numbers relative to them. Grows with the flows of
 * a capture; replay only.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tables/tables.h"

struct isn_table;

struct isn_entry {
	uint64_t flow;     /* id, never 0 */
	uint32_t isn[2];   /* by enum side */
	bool known[2];
};

/* NULL: out of memory; the other functions take that as an empty table. */
struct isn_table *isn_table_new(void);
void isn_table_free(struct isn_table *table);
void isn_table_learn(struct isn_table *table, uint64_t flow, enum side side, uint32_t isn);
/* NULL: nothing is known. Valid until the next isn_table_learn(). */
const struct isn_entry *isn_table_find(const struct isn_table *table, uint64_t flow);
