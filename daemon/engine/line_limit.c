/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/line_limit.h"

#include "base/gcra.h"

#define WAIT_MOST_NS (60 * NS_PER_S)

static uint64_t elapsed_ns(const struct line_limit *limit, uint64_t now_ns)
{
	return now_ns > limit->last_ns ? now_ns - limit->last_ns : 0;
}

/* Whether more happened since the last line than lines at this pace could have told. */
static bool is_crowded(const struct line_limit *limit, uint64_t now_ns, const struct line_pace *pace)
{
	return limit->suppressed > min_u64(elapsed_ns(limit, now_ns), WAIT_MOST_NS) / pace->interval_ns;
}

bool line_limit_due(struct line_limit *limit, uint64_t now_ns, const struct line_pace *pace)
{
	if (pace->interval_ns == 0)
		return false;
	if (elapsed_ns(limit, now_ns) < limit->wait_ns ||
	    gcra_is_full(limit->tat, now_ns, pace->interval_ns, pace->burst)) {
		line_limit_skip(limit, now_ns);
		return false;
	}
	if (pace->steady || !is_crowded(limit, now_ns, pace))
		limit->wait_ns = 0;
	else if (pace->expected)
		limit->wait_ns = WAIT_MOST_NS;
	else
		limit->wait_ns = min_u64(max_u64(4 * limit->wait_ns, pace->interval_ns), WAIT_MOST_NS);
	limit->last_ns = now_ns;
	limit->tat = gcra_after(limit->tat, now_ns, pace->interval_ns);
	return true;
}

void line_limit_skip(struct line_limit *limit, uint64_t now_ns)
{
	if (limit->last_ns == 0)
		limit->last_ns = now_ns;
	limit->suppressed++;
}

bool line_limit_owes(const struct line_limit *limit, uint64_t now_ns)
{
	return limit->suppressed > 0 && elapsed_ns(limit, now_ns) >= WAIT_MOST_NS;
}
