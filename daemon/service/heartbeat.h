/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a worker still moves, seen from the main thread that feeds the watchdog. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct heartbeat {
	uint64_t beats;    /* as counted last */
	uint64_t moved_ns; /* when that number was seen first */
};

void heartbeat_init(struct heartbeat *heartbeat, uint64_t beats, uint64_t now_ns);
/* A look at the counter. False: it has not moved for limit_ns. */
bool heartbeat_look(struct heartbeat *heartbeat, uint64_t beats, uint64_t now_ns, uint64_t limit_ns);
