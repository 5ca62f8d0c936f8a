/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lazy wheel (T-15): slots of one second. A flow is filed under the second in which somebody has to look at it;
 * packets do not touch the wheel. Whoever looks computes the deadline from the flow's fields and either lets the
 * flow go or files it again.
 */
#pragma once

#include <stdint.h>

#include "flow/table.h"

/* Files the flow, new or filed before, to be looked at once `look_ns` has passed. Far times are looked at earlier. */
void flow_clock_file(struct flow_table *table, uint32_t index, uint64_t look_ns);
void flow_clock_remove(struct flow_table *table, uint32_t index);

/*
 * The next flow to look at by now_ns, already taken off the wheel, or FLOW_NONE when all that were due are done.
 * The caller removes the flow from the table or files it again, after now_ns, before the next call.
 */
uint32_t flow_clock_next(struct flow_table *table, uint64_t now_ns);

/* Starts the wheel at now_ns: no flow is filed yet. */
void flow_clock_start(struct flow_table *table, uint64_t now_ns);
/* When flow_clock_next() may have something; UINT64_MAX: the table is empty. */
uint64_t flow_clock_deadline(const struct flow_table *table);
