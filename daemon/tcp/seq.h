/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sequence numbers: arithmetic modulo 2^32 (G-3, RFC 9293 3.4). 0 is a number like any other (F-7).
 * Two numbers compare rightly while they are less than 2^31 apart.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

static inline bool seq_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline bool seq_after(uint32_t a, uint32_t b)
{
	return (int32_t)(b - a) < 0;
}

/* low <= seq <= high, low not after high. */
static inline bool seq_in(uint32_t seq, uint32_t low, uint32_t high)
{
	return seq - low <= high - low;
}

static inline uint32_t seq_max(uint32_t a, uint32_t b)
{
	return seq_before(a, b) ? b : a;
}
