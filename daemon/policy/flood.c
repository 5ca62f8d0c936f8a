/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/flood.h"

#include <stdatomic.h>

#include "base/units.h"

#define NOT_BELOW UINT64_MAX

/* Half-open flows that are `percent` of the table, in hundredths of a flow: exact, without rounding. */
static uint64_t mark(const struct settings *settings, int64_t percent)
{
	return (uint64_t)settings->tracking_max_flows * (uint64_t)percent;
}

/* Below stop_percent; with stop_percent 0: none at all. */
static bool is_below(const struct settings *settings, uint64_t half_open)
{
	return half_open == 0 || half_open * 100 < mark(settings, settings->syn_flood_stop_percent);
}

static enum flood_change start(struct flood *flood)
{
	bool off = false;

	atomic_store_explicit(&flood->below_ns, NOT_BELOW, memory_order_relaxed);
	if (!atomic_compare_exchange_strong_explicit(&flood->on, &off, true, memory_order_relaxed,
						     memory_order_relaxed))
		return FLOOD_SAME;
	return FLOOD_STARTED;
}

static enum flood_change stop_after_hold(struct flood *flood, const struct settings *settings,
					 uint64_t now_ns)
{
	uint64_t since = atomic_load_explicit(&flood->below_ns, memory_order_relaxed);
	bool on = true;

	if (since == NOT_BELOW) {
		atomic_store_explicit(&flood->below_ns, now_ns, memory_order_relaxed);
		since = now_ns;
	}
	/* Another worker's clock may be a little ahead of ours. */
	if (now_ns < since || now_ns - since < (uint64_t)settings->syn_flood_hold * NS_PER_S)
		return FLOOD_SAME;
	if (!atomic_compare_exchange_strong_explicit(&flood->on, &on, false, memory_order_relaxed,
						     memory_order_relaxed))
		return FLOOD_SAME;
	return FLOOD_STOPPED;
}

void flood_init(struct flood *flood)
{
	atomic_init(&flood->on, false);
	atomic_init(&flood->below_ns, NOT_BELOW);
}

bool flood_is_on(const struct flood *flood)
{
	return atomic_load_explicit(&flood->on, memory_order_relaxed);
}

enum flood_change flood_update(struct flood *flood, const struct settings *settings, uint64_t half_open,
			       uint64_t now_ns)
{
	if (!flood_is_on(flood)) {
		if (half_open * 100 < mark(settings, settings->syn_flood_start_percent))
			return FLOOD_SAME;
		return start(flood);
	}
	if (is_below(settings, half_open))
		return stop_after_hold(flood, settings, now_ns);
	atomic_store_explicit(&flood->below_ns, NOT_BELOW, memory_order_relaxed);
	return FLOOD_SAME;
}
