/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long something took, counted in fixed buckets from a microsecond to ten seconds. One writer; adding costs
 * at most HISTOGRAM_BOUNDS comparisons.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_BOUNDS 22

/* Inclusive upper ends of the buckets, in nanoseconds; what is longer than the last one lands behind it. */
extern const uint64_t histogram_bound_ns[HISTOGRAM_BOUNDS];

struct histogram {
	uint64_t count[HISTOGRAM_BOUNDS + 1]; /* of each bucket alone */
	uint64_t sum_ns;
};

/* `times` occurrences that each took duration_ns. */
void histogram_add(struct histogram *histogram, uint64_t duration_ns, uint64_t times);
/* sum += one. */
void histogram_merge(struct histogram *sum, const struct histogram *one);
uint64_t histogram_count(const struct histogram *histogram); /* occurrences in all */
/*
 * The upper end of the bucket in which the given share of all lies; UINT64_MAX: beyond the last bound.
 * 0 where nothing was counted. percent: 0..100.
 */
uint64_t histogram_quantile_ns(const struct histogram *histogram, unsigned percent);
