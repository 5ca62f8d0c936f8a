/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rate buckets of one kind of limit, shared by all workers: GCRA times in two rows. Looking and charging
 * are two steps, so that a SYN which another limit drops charges nothing (G-1). Between the two another
 * worker may charge the same bucket: at most one SYN a worker passes beyond the burst.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "policy/rows.h"

struct buckets {
	_Atomic uint64_t *tat; /* ROWS * width, owned */
};

/* False: out of memory. */
bool buckets_init(struct buckets *buckets, uint32_t width);
void buckets_fini(struct buckets *buckets);

/* Would one more be over the limit? Only if it is in both rows. rate and burst: as in base/gcra.h, rate not 0. */
bool buckets_exceeded(struct buckets *buckets, const struct slots *slots, uint64_t now_ns, uint64_t rate,
		      uint64_t burst);
/*
 * Charges both rows, to the brim at most: what is over the limit and passes all the same (logged only, or
 * monitor mode: M-14) leaves no debt behind.
 */
void buckets_charge(struct buckets *buckets, const struct slots *slots, uint64_t now_ns, uint64_t rate,
		    uint64_t burst);
