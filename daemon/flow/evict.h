/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Eviction classes: lists of flows that may go when the table is full, oldest first. */
#pragma once

#include "flow/table.h"

/* Moves the flow to the end of a class's list, out of the one it was in. CLASS_NONE: into none. */
void flow_class_set(struct flow_table *table, uint32_t index, enum flow_class class);
/* The class in whose list the flow is. */
enum flow_class flow_class_get(const struct flow_table *table, uint32_t index);
/* The oldest flow of a class, or FLOW_NONE. */
uint32_t flow_class_first(const struct flow_table *table, enum flow_class class);
