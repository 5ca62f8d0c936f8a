/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/gcra.h"

#include "base/units.h"

bool gcra_exceeds(uint64_t tat, uint64_t now_ns, uint64_t rate, uint64_t burst)
{
	uint64_t cost, ahead;

	if (rate == 0)
		return false;
	cost = NS_PER_S / rate;
	ahead = tat > now_ns ? tat - now_ns : 0;
	return ahead > (burst - 1) * cost;
}

uint64_t gcra_charged(uint64_t tat, uint64_t now_ns, uint64_t rate, uint64_t burst)
{
	uint64_t cost = NS_PER_S / rate;
	uint64_t ahead = tat > now_ns ? tat - now_ns : 0;

	return now_ns + min_u64(ahead + cost, burst * cost);
}

uint64_t gcra_settled(uint64_t tat, uint64_t now_ns, uint64_t rate, uint64_t burst)
{
	return min_u64(tat, now_ns + burst * (NS_PER_S / rate));
}

bool gcra_over(uint64_t *tat, uint64_t now_ns, uint64_t rate, uint64_t burst)
{
	if (rate == 0)
		return false;
	if (gcra_exceeds(*tat, now_ns, rate, burst)) {
		*tat = gcra_settled(*tat, now_ns, rate, burst);
		return true;
	}
	*tat = gcra_charged(*tat, now_ns, rate, burst);
	return false;
}
