/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must be true of a verdict beyond that nothing legitimate is dropped, told from what passed the gateway so far:
 * rules whose breach harms no simulated TCP, so that no outcome shows it. Bounds that the engine knows better than the
 * witness are wide. Silent where not all was seen, under attack, and once liberal mode was misled.
 */
#pragma once

#include "engine/engine.h"
#include "sim_segment.h"

struct sim;
struct sim_closing;

#define SIM_SYNS 3

struct sim_witness {
	/* H-10: the SYNs of an opening that nobody has answered, the newest first */
	struct sim_sack syn[SIM_SYNS]; /* number, and the one behind */
	unsigned syns;
	uint8_t opener;
	uint32_t reach[2];     /* the widest window that each end opened */
	bool fin_passed;
	/* the timer of TIME_WAIT and what began it, 0: a SYN pends or did */
	uint64_t time_wait_ns, entered_ns;
	bool shadowed;         /* a SYN came to it that may pend (S-1) */
	bool renumbered;       /* the present flow's client began anew (H-7) */
};

void sim_witness_reset(struct sim_witness *witness);
/* After a segment was judged, before it counts as passed. */
void sim_witness_judged(struct sim *sim, const struct sim_segment *s, const struct decision *decision);
void sim_witness_event(struct sim *sim, const struct event *event);
/* A flow ended; `rank`: of its last event before, as sim_trace.c counts them. */
void sim_witness_closed(struct sim *sim, const struct sim_closing *closing, int rank);
