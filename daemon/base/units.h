/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Units of time, and minimum and maximum of 64-bit numbers. Times in the core are nanoseconds of a monotonic clock
 * (uint64_t, suffix _ns) or whole engine seconds (uint32_t, suffix _s).
 */
#pragma once

#include <stdint.h>

#define NS_PER_S  UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_US UINT64_C(1000)

static inline uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}
