/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * the generic cell rate algorithm on one 64-bit time, nanoseconds. The time (tat) says when the bucket is empty
 * again; 0 is a fresh bucket. rate: 1..10^9 a second, or 0 for no limit; burst: at least 1. Exactly `burst` pass
 * at once, then `rate` a second. Pure arithmetic: who shares a bucket brings the atomics (policy/buckets.h).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Would one more at now_ns be over the limit? */
bool gcra_exceeds(uint64_t tat, uint64_t now_ns, uint64_t rate, uint64_t burst);

/*
 * The bucket after one more at now_ns. What comes over the limit (logged only, or monitor mode: M-14) fills it to
 * the brim and no further, so that a flood leaves no debt behind. rate must not be 0.
 */
uint64_t gcra_charged(uint64_t tat, uint64_t now_ns, uint64_t rate, uint64_t burst);

/* The bucket without what a lowered burst (reload) has left owing beyond the brim. rate must not be 0. */
uint64_t gcra_settled(uint64_t tat, uint64_t now_ns, uint64_t rate, uint64_t burst);

/* All at once, for a bucket of one owner. True: over the limit, nothing charged. */
bool gcra_over(uint64_t *tat, uint64_t now_ns, uint64_t rate, uint64_t burst);
