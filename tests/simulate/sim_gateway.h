/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gateway in the middle: the engine, and what is known about each of its verdicts. One engine serves all runs,
 * one after the other; each run waits until its flows are gone.
 */
#pragma once

#include "engine/engine.h"
#include "policy/limits.h"
#include "sim_excuse.h"
#include "sim_segment.h"

struct sim;

/* Over all runs. */
struct sim_totals {
	uint64_t runs, failed;
	bool told;                      /* a scenario was printed: what follows are comments */
	uint64_t segments, forged, dropped, errors; /* errors: of ICMP, true and passed */
	uint64_t excused[SIM_EXCUSES]; /* drops that are no fault */
	uint64_t restored, lives;
	uint64_t weak; /* a RST was exact for its target only, or a stale one was taken */
	uint64_t closed[CLOSE_COUNT];
	uint64_t remarks[REASON_COUNT];
	uint64_t dropped_for[REASON_COUNT];
};

struct sim_gateway {
	struct settings settings, present; /* present: of this run */
	struct limits *limits;
	struct engine *engine;
	void *pool;
	struct sim *sim;  /* of the present run */
	uint64_t base_ns; /* the engine's time at its start, whole seconds */
	struct sim_totals totals;
};

/* NULL: out of memory. */
struct sim_gateway *sim_gateway_new(void);
void sim_gateway_free(struct sim_gateway *gateway);
/* A run begins, with an empty table. */
void sim_gateway_begin(struct sim_gateway *gateway, struct sim *sim);
/* A segment arrives; goes on to the other end unless it is dropped. */
void sim_gateway_input(struct sim *sim, const struct sim_segment *s);
/* The run is over: time passes until all its flows are gone. */
void sim_gateway_finish(struct sim *sim);
