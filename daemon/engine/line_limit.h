/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * E-6: how often a kind of line may be written that an attacker could multiply. At first at its own pace; while there
 * is more to tell than that, each line comes four times as long after the one before, up to one a minute.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct line_pace {
	uint64_t interval_ns; /* from line to line in the long run; 0: no lines at all */
	uint64_t burst;       /* lines at once, at least 1 */
	bool expected; /* nobody waits for these lines: once there are too many they come once a minute */
	bool steady;   /* they never come slower than that, however many there are */
};

struct line_limit {
	uint64_t tat;
	uint64_t last_ns; /* the last line; where there was none, the first that was left out */
	uint64_t wait_ns; /* from it to the next, at least */
	uint64_t suppressed; /* not written since; the caller sets it to 0 when it has told them */
};

/* True: write a line at now_ns; else it is counted as suppressed, but for an interval_ns of 0. */
bool line_limit_due(struct line_limit *limit, uint64_t now_ns, const struct line_pace *pace);
/* The caller has a reason of his own to write none: it is counted as suppressed. */
void line_limit_skip(struct line_limit *limit, uint64_t now_ns);
/* Some were suppressed, and for a minute there was no line that told of them: one more is due. */
bool line_limit_owes(const struct line_limit *limit, uint64_t now_ns);
