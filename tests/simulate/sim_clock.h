/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual clock: what happens when, in a heap; events of one time in the order they were filed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim_segment.h"

enum sim_event_kind {
	SIM_EVENT_GATEWAY, /* a segment reaches the gateway */
	SIM_EVENT_MERGED,  /* what the gateway put together is due (`side`: its sender) */
	SIM_EVENT_END,     /* a segment reaches the other end */
	SIM_EVENT_TIMER,   /* a timer of the end `side` */
	SIM_EVENT_ACT,     /* the plan does something with the end `side` */
	SIM_EVENT_FORGE,   /* the attacker sends */
};

struct sim_event {
	uint64_t at_ns, order;
	enum sim_event_kind kind;
	uint8_t side;  /* enum side */
	uint32_t what; /* a number of the kind's own, or the segment's slot */
};

struct sim_clock {
	uint64_t now_ns;
	uint64_t filed;
	struct sim_event *heap;
	size_t count, room;
	struct sim_segment *segment; /* of events that carry one */
	uint32_t *spare;             /* slots of it that are free */
	uint32_t spares, slots;
};

void sim_clock_free(struct sim_clock *clock);
/* Time 0, no event. */
void sim_clock_reset(struct sim_clock *clock);
void sim_clock_file(struct sim_clock *clock, uint64_t at_ns, enum sim_event_kind kind, enum side side, uint32_t what);
void sim_clock_file_segment(struct sim_clock *clock, uint64_t at_ns, enum sim_event_kind kind,
			    const struct sim_segment *segment);
/* The next event, and its segment if it carries one; the clock moves there. False: none is left. */
bool sim_clock_next(struct sim_clock *clock, struct sim_event *event, struct sim_segment *segment);
