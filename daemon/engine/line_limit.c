/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/line_limit.h"

#include "base/gcra.h"

#define WAIT_MOST_NS (60 * NS_PER_S)

/* Whether more happened since the last line than lines at this rate could have told. */
static bool is_crowded(const struct line_limit *limit, uint64_t elapsed_ns, uint64_t rate)
{
	return limit->suppressed > min_u64(elapsed_ns, WAIT_MOST_NS) * rate / NS_PER_S;
}

bool line_limit_due(struct line_limit *limit, uint64_t now_ns, uint64_t rate, bool expected)
{
	uint64_t elapsed_ns = now_ns > limit->last_ns ? now_ns - limit->last_ns : 0;

	if (rate == 0)
		return false;
	if (elapsed_ns < limit->wait_ns || gcra_exceeded(limit->tat, now_ns, rate, rate)) {
		limit->suppressed++;
		return false;
	}
	if (!is_crowded(limit, elapsed_ns, rate))
		limit->wait_ns = 0;
	else
		limit->wait_ns = expected ? WAIT_MOST_NS :
					    min_u64(max_u64(4 * limit->wait_ns, NS_PER_S / rate), WAIT_MOST_NS);
	limit->last_ns = now_ns;
	limit->tat = gcra_charged(limit->tat, now_ns, rate);
	return true;
}
