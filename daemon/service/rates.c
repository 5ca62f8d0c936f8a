/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/rates.h"

#include <string.h>

#include "base/units.h"

static void take(struct past_counts *counts, const struct engine_stats *stats, uint64_t now_ns)
{
	counts->at_ns = now_ns;
	counts->packets = stats->counter[COUNTER_PACKETS];
	for (int i = 0; i < REASON_COUNT; i++)
		counts->dropped[i] = stats->reason_dropped[i] + stats->reason_would_drop[i];
}

void rates_look(struct past *past, const struct engine_stats *stats, uint64_t now_ns)
{
	if (past->newer.at_ns != 0 && now_ns - past->newer.at_ns < NS_PER_S)
		return;
	past->older = past->newer;
	take(&past->newer, stats, now_ns);
}

/* To the nearest, so that a few packets a second are not none. */
static uint64_t per_second(uint64_t now, uint64_t then, uint64_t elapsed_ns)
{
	double rate = (double)(now - then) * (double)NS_PER_S / (double)elapsed_ns;

	return (uint64_t)(rate + 0.5);
}

void rates_read(const struct past *past, const struct engine_stats *stats, uint64_t now_ns,
		struct rates *rates)
{
	const struct past_counts *then = &past->older;
	struct past_counts now;

	memset(rates, 0, sizeof *rates);
	if (then->at_ns == 0 || now_ns <= then->at_ns)
		return;
	take(&now, stats, now_ns);
	rates->packets = per_second(now.packets, then->packets, now_ns - then->at_ns);
	for (int i = 0; i < REASON_COUNT; i++)
		rates->dropped[i] = per_second(now.dropped[i], then->dropped[i], now_ns - then->at_ns);
}
