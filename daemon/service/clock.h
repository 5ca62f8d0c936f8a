/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clocks of the daemon, in nanoseconds. The core reads none: it is told. */
#pragma once

#include <stdint.h>
#include <time.h>

#include "base/units.h"

static inline uint64_t clock_read_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static inline uint64_t clock_monotonic_ns(void)
{
	return clock_read_ns(CLOCK_MONOTONIC);
}

static inline struct timespec clock_timespec(uint64_t ns)
{
	return (struct timespec){ (time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S) };
}
