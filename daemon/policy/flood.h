/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flood mode of the whole gateway, shared by all workers: on at one mark, off once the count has stayed
 * below another for a while.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "policy/limits.h"

struct flood {
	_Atomic bool on;
	_Atomic uint64_t below_ns; /* since when below the lower mark, or NOT_BELOW */
};

void flood_init(struct flood *flood);
bool flood_is_on(const struct flood *flood);

/* Moves the mode by the half-open count of now. Exactly one caller is told of each change. */
enum flood_change flood_update(struct flood *flood, const struct settings *settings, uint64_t half_open,
			       uint64_t now_ns);
