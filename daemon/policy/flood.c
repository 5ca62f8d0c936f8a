/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/flood.h"

#include <stdatomic.h>

#include "base/units.h"

#define NOT_BELOW UINT64_MAX
#define LOOK_NS   NS_PER_S /* refused SYNs are a rate over at least this long */

static uint64_t load(const _Atomic uint64_t *at)
{
	return atomic_load_explicit(at, memory_order_relaxed);
}

static void store(_Atomic uint64_t *at, uint64_t value)
{
	atomic_store_explicit(at, value, memory_order_relaxed);
}

/* Turns what was refused since the last look into half-open flows; one caller a second does. */
static void look(struct flood *flood, const struct flood_marks *marks, uint64_t now_ns)
{
	uint64_t looked_ns = load(&flood->looked_ns);
	int64_t refused;

	if (now_ns < looked_ns + LOOK_NS ||
	    !atomic_compare_exchange_strong_explicit(&flood->looked_ns, &looked_ns, now_ns, memory_order_relaxed,
						     memory_order_relaxed))
		return;
	refused = atomic_exchange_explicit(&flood->refused, 0, memory_order_relaxed);
	if (refused < 0)
		refused = 0;
	store(&flood->pressure,
	      (uint64_t)refused * (uint64_t)marks->syn_sent_s / ((now_ns - looked_ns) / NS_PER_S));
}

/* With a lower mark of 0: none at all. */
static bool is_below(const struct flood *flood, const struct flood_marks *marks, uint64_t half_open)
{
	uint64_t all = half_open + load(&flood->pressure);

	return all == 0 || all * 100 < marks->stop;
}

static enum flood_change start(struct flood *flood, uint64_t now_ns)
{
	bool off = false;

	store(&flood->below_ns, NOT_BELOW);
	if (!atomic_compare_exchange_strong_explicit(&flood->on, &off, true, memory_order_relaxed,
						     memory_order_relaxed))
		return FLOOD_SAME;
	store(&flood->since_ns, now_ns);
	store(&flood->asked, 0);
	store(&flood->passed, 0);
	atomic_store_explicit(&flood->refused, 0, memory_order_relaxed);
	store(&flood->looked_ns, now_ns);
	store(&flood->pressure, 0);
	return FLOOD_STARTED;
}

static enum flood_change stop_after_hold(struct flood *flood, uint64_t hold_ns, uint64_t now_ns)
{
	uint64_t since = load(&flood->below_ns);
	bool on = true;

	if (since == NOT_BELOW) {
		store(&flood->below_ns, now_ns);
		since = now_ns;
	}
	/* Another worker's clock may be a little ahead of ours. */
	if (now_ns < since || now_ns - since < hold_ns)
		return FLOOD_SAME;
	if (!atomic_compare_exchange_strong_explicit(&flood->on, &on, false, memory_order_relaxed,
						     memory_order_relaxed))
		return FLOOD_SAME;
	return FLOOD_STOPPED;
}

struct flood_marks flood_marks_of_gateway(const struct settings *settings)
{
	return (struct flood_marks){
		.start = (uint64_t)settings->tracking_max_flows * (uint64_t)settings->syn_flood_start_percent,
		.stop = (uint64_t)settings->tracking_max_flows * (uint64_t)settings->syn_flood_stop_percent,
		.hold_ns = (uint64_t)settings->syn_flood_hold * NS_PER_S,
		.syn_sent_s = settings->tracking_timeouts_syn_sent,
	};
}

/* The lower mark is to the upper one as those of the gateway are. */
struct flood_marks flood_marks_of_destination(const struct settings *settings)
{
	struct flood_marks marks = flood_marks_of_gateway(settings);

	marks.start = (uint64_t)settings->syn_flood_destination_start * 100;
	marks.stop = marks.start * (uint64_t)settings->syn_flood_stop_percent /
		     (uint64_t)settings->syn_flood_start_percent;
	return marks;
}

void flood_init(struct flood *flood)
{
	atomic_init(&flood->on, false);
	atomic_init(&flood->below_ns, NOT_BELOW);
	atomic_init(&flood->since_ns, 0);
	atomic_init(&flood->asked, 0);
	atomic_init(&flood->passed, 0);
	atomic_init(&flood->refused, 0);
	atomic_init(&flood->looked_ns, 0);
	atomic_init(&flood->pressure, 0);
}

bool flood_is_on(const struct flood *flood)
{
	return atomic_load_explicit(&flood->on, memory_order_relaxed);
}

void flood_count(struct flood *flood, bool passed)
{
	atomic_fetch_add_explicit(&flood->asked, 1, memory_order_relaxed);
	if (passed)
		atomic_fetch_add_explicit(&flood->passed, 1, memory_order_relaxed);
}

void flood_refuse(struct flood *flood, int by)
{
	atomic_fetch_add_explicit(&flood->refused, by, memory_order_relaxed);
}

enum flood_change flood_update(struct flood *flood, const struct flood_marks *marks, uint64_t half_open,
			       uint64_t now_ns)
{
	if (!flood_is_on(flood)) {
		if (marks->start == 0 || half_open * 100 < marks->start)
			return FLOOD_SAME;
		return start(flood, now_ns);
	}
	look(flood, marks, now_ns);
	if (marks->start == 0 || is_below(flood, marks, half_open)) /* switched off by a reload: nothing keeps it */
		return stop_after_hold(flood, marks->hold_ns, now_ns);
	store(&flood->below_ns, NOT_BELOW);
	return FLOOD_SAME;
}
