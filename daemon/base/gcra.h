/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The generic cell rate algorithm: a rate limit in one 64-bit number, the theoretical arrival time, in
 * nanoseconds. Test and charge are apart, so that a judge may ask without writing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"

/* True: one more at now_ns is over one in interval_ns with `burst` at once. */
static inline bool gcra_is_full(uint64_t tat, uint64_t now_ns, uint64_t interval_ns, uint64_t burst)
{
	return max_u64(tat, now_ns) + interval_ns - now_ns > burst * interval_ns;
}

/* The number after one more. */
static inline uint64_t gcra_after(uint64_t tat, uint64_t now_ns, uint64_t interval_ns)
{
	return max_u64(tat, now_ns) + interval_ns;
}

/* True: one more at now_ns is over `rate` a second with `burst` at once. rate 0: no limit. */
static inline bool gcra_exceeded(uint64_t tat, uint64_t now_ns, uint64_t rate, uint64_t burst)
{
	return rate != 0 && gcra_is_full(tat, now_ns, NS_PER_S / rate, burst);
}

/* The number after one more. rate 0: unchanged. */
static inline uint64_t gcra_charged(uint64_t tat, uint64_t now_ns, uint64_t rate)
{
	return rate == 0 ? tat : gcra_after(tat, now_ns, NS_PER_S / rate);
}
