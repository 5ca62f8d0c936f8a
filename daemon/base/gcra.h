/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The generic cell rate algorithm: a rate limit in one 64-bit number, the theoretical arrival time, in
 * nanoseconds. Test and charge are apart, so that a judge may ask without writing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"

/* True: one more at now_ns is over `rate` a second with `burst` at once. rate 0: no limit. */
static inline bool gcra_exceeded(uint64_t tat, uint64_t now_ns, uint64_t rate, uint64_t burst)
{
	uint64_t cost;

	if (rate == 0)
		return false;
	cost = NS_PER_S / rate;
	return max_u64(tat, now_ns) + cost - now_ns > burst * cost;
}

/* The number after one more. rate 0: unchanged. */
static inline uint64_t gcra_charged(uint64_t tat, uint64_t now_ns, uint64_t rate)
{
	return rate == 0 ? tat : max_u64(tat, now_ns) + NS_PER_S / rate;
}
