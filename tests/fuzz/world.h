/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine that the fuzzer plays with: a table of few flows, settings out of the input, and what must
 * always hold (invariants.c). One step of the input (steps.c) is a segment, an ICMP error, raw bytes, or
 * something else that happens to an engine.
 */
#pragma once

#include "engine/state.h"
#include "input.h"

#define WORLD_FLOWS_MOST 64

struct world {
	struct settings settings;
	struct limits *limits;
	void *pool;
	struct engine *engine;
	uint64_t now_ns;
	uint64_t lived_ns;      /* virtual time used up */
	uint64_t settled_at_ns; /* before that, timers that settings cut short may be late */
	uint64_t closed;        /* flow-closed events */
	bool lenient;           /* settings once let numbers pass that do not fit */
};

/* A copy of all flows, to see what a packet changed. */
struct world_copy {
	uint32_t flows;     /* slots in use so far, and the one behind */
	uint64_t flows_new; /* counter */
	struct flow flow[WORLD_FLOWS_MOST + 1];
	struct flow_side side[WORLD_FLOWS_MOST + 1];
	struct tcp_extra extra[WORLD_FLOWS_MOST + 1]; /* of the flow with that index, if it has one */
};

/* world.c: the first bytes of the input say how the engine is made. */
void world_open(struct world *world, struct fuzz_input *input);
void world_close(struct world *world);
/* Time passes; timers run out. */
void world_wait(struct world *world, uint64_t ns);
/* One option gets a value out of the input. */
void world_set_option(struct world *world, struct fuzz_input *input);

/* steps.c: plays one step. */
void world_step(struct world *world, struct fuzz_input *input);

/* invariants.c */
void world_copy(const struct world *world, struct world_copy *copy);
/* After one packet: the flows and the gauges hold, and it changed what it may. */
void world_check_packet(const struct world *world, const struct world_copy *before,
			const struct packet *packet, const struct decision *decision);
/* At any time. */
void world_check_flows(const struct world *world);
/* The whole pool, unused parts too. */
void world_check_pool(const struct world *world);
/* After a tick of the clock: nobody outlives his deadline. */
void world_check_timers(const struct world *world);
