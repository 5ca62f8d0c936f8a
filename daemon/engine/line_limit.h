/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * E-6: how often a kind of line may be written that an attacker could multiply. At first `rate` lines a second; while
 * there is more to tell than that, each line comes four times as long after the one before, up to one a minute.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct line_limit {
	uint64_t tat;
	uint64_t last_ns; /* the last line */
	uint64_t wait_ns; /* from it to the next, at least */
	uint64_t suppressed; /* not written since; the caller sets it to 0 when it has told them */
};

/*
 * True: write a line at now_ns; else it is counted as suppressed. rate 0: no lines, nothing counted. expected: nobody
 * waits for these lines, once there are too many they come once a minute.
 */
bool line_limit_due(struct line_limit *limit, uint64_t now_ns, uint64_t rate, bool expected);
