/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/histogram.h"

#include "base/units.h"

const uint64_t histogram_bound_ns[HISTOGRAM_BOUNDS] = {
	1 * NS_PER_US,	  2500,		    5 * NS_PER_US,   10 * NS_PER_US,  25 * NS_PER_US,	50 * NS_PER_US,
	100 * NS_PER_US,  250 * NS_PER_US,  500 * NS_PER_US, 1 * NS_PER_MS,   2500 * NS_PER_US, 5 * NS_PER_MS,
	10 * NS_PER_MS,	  25 * NS_PER_MS,   50 * NS_PER_MS,  100 * NS_PER_MS, 250 * NS_PER_MS,	500 * NS_PER_MS,
	1 * NS_PER_S,	  2500 * NS_PER_MS, 5 * NS_PER_S,    10 * NS_PER_S,
};

void histogram_add(struct histogram *histogram, uint64_t duration_ns, uint64_t times)
{
	size_t bucket = 0;

	while (bucket < HISTOGRAM_BOUNDS && duration_ns > histogram_bound_ns[bucket])
		bucket++;
	histogram->count[bucket] += times;
	histogram->sum_ns += duration_ns * times;
}

void histogram_merge(struct histogram *sum, const struct histogram *one)
{
	for (size_t i = 0; i <= HISTOGRAM_BOUNDS; i++)
		sum->count[i] += one->count[i];
	sum->sum_ns += one->sum_ns;
}

uint64_t histogram_count(const struct histogram *histogram)
{
	uint64_t count = 0;

	for (size_t i = 0; i <= HISTOGRAM_BOUNDS; i++)
		count += histogram->count[i];
	return count;
}

uint64_t histogram_quantile_ns(const struct histogram *histogram, unsigned percent)
{
	uint64_t all = histogram_count(histogram), seen = 0;
	uint64_t rank = all / 100 * percent + (all % 100 * percent + 99) / 100; /* rounded up */

	if (all == 0)
		return 0;
	for (size_t i = 0; i < HISTOGRAM_BOUNDS; i++) {
		seen += histogram->count[i];
		if (seen >= rank && seen > 0)
			return histogram_bound_ns[i];
	}
	return UINT64_MAX;
}
