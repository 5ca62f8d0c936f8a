/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run of the simulation: two ends, the way between them, the gateway in its middle, one clock, one seed.
 *
 *   end[0]  --stretch[0][0]-->  gateway  --stretch[0][1]-->  end[1]
 *   client  <--stretch[1][1]--  engine   <--stretch[1][0]--  server
 */
#pragma once

#include "sim_attack.h"
#include "sim_clock.h"
#include "sim_end.h"
#include "sim_excuse.h"
#include "sim_gateway.h"
#include "sim_link.h"
#include "sim_plan.h"
#include "sim_random.h"
#include "sim_trace.h"
#include "sim_view.h"
#include "sim_witness.h"

struct sim {
	struct sim_random random;
	struct sim_clock clock;
	struct sim_end end[2]; /* by enum side: who opens the first life is the client */
	struct sim_link link;
	struct sim_plan plan;
	struct sim_view view;
	struct sim_gateway *gateway;
	struct sim_attack attack;
	struct sim_trace trace;
	struct sim_witness witness;
	struct endpoints at;
	uint32_t lives; /* connection attempts so far */
	uint64_t seed;
};

static inline struct sim_end *sim_peer(struct sim *sim, const struct sim_end *end)
{
	return &sim->end[side_other(end->side)];
}
