/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way between the ends: each direction has a stretch before the gateway and one behind it, which lose, repeat,
 * delay and overtake on their own. Before the gateway neighbours may be put together as GRO does; behind it they are
 * cut again.
 */
#pragma once

#include "sim_segment.h"

struct sim;

struct sim_stretch {
	uint64_t delay_ns, jitter_ns, late_ns; /* late: of a segment that is overtaken */
	uint16_t loss, repeat, overtake;       /* permille */
	uint64_t down_from_ns, down_to_ns;     /* everything is lost meanwhile */
	uint64_t last_ns;                      /* arrival of the last one in order */
};

/* GRO for one direction: a segment that waits for its continuation. */
struct sim_merger {
	bool merges, holds;
	uint32_t most; /* bytes of payload */
	uint32_t turn; /* counts the segments held: tells an event that is no longer due */
	struct sim_segment held;
};

struct sim_link {
	struct sim_stretch stretch[2][2]; /* [sender's side][0 before, 1 behind the gateway] */
	struct sim_merger merger[2];
	uint64_t lost, repeated, overtaken, aggregates;
};

void sim_link_reset(struct sim_link *link);
/* A segment leaves its sender. */
void sim_link_send(struct sim *sim, const struct sim_segment *s);
/* It arrives at the gateway. */
void sim_link_at_gateway(struct sim *sim, const struct sim_segment *s);
void sim_link_merged(struct sim *sim, enum side from, uint32_t turn);
/* The gateway let it pass. */
void sim_link_behind_gateway(struct sim *sim, const struct sim_segment *s);
