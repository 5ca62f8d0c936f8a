/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * step 3: how many half-open flows, or flows at all, a subject has now, shared by all workers: counts in two
 * rows, of which the smaller one is believed. Never too low; too high only where two strangers lie in both of its
 * slots.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "policy/rows.h"

struct gauges {
	_Atomic uint32_t *count; /* ROWS * width, owned */
};

/* False: out of memory. */
bool gauges_init(struct gauges *gauges, uint32_t width);
void gauges_fini(struct gauges *gauges);

void gauges_rise(struct gauges *gauges, const struct slots *slots);
/* Every rise has exactly one fall: below zero is a bug (assert), and stays at zero where asserts are off. */
void gauges_fall(struct gauges *gauges, const struct slots *slots);
uint32_t gauges_read(const struct gauges *gauges, const struct slots *slots);
