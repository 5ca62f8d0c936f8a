/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happened in a run: every segment the gateway judged, what the engine told of the flow, how each life ended at
 * both ends; and whether all of it was right.
 */
#pragma once

#include "engine/engine.h"
#include "sim_end.h"

#define SIM_LIVES    16
#define SIM_CLOSINGS 64

struct sim_judgement {
	uint64_t at_ns;
	struct sim_segment segment;
	struct decision decision;
	bool excused; /* dropped, and that was no fault */
	bool blind_before; /* an epoch began */
};

/* One connection attempt, by enum side. */
struct sim_life {
	unsigned births[2];
	bool syn_passed[2]; /* the SYN or SYN+ACK of its last birth passed the gateway */
	bool syn_judged[2]; /* ... and the engine saw it */
	bool missed_opening; /* a SYN or SYN+ACK passed by unseen */
	bool fin_judged[2], fin_acked[2]; /* the engine knows its FIN, and an acknowledgement of it that came later */
	uint32_t fin_next[2];
	enum sim_outcome outcome[2];
	uint32_t written[2], delivered[2], killer[2];
	uint64_t death_ns[2];
};

/* Neither end forgot it and began it once more, as on a SYN that the net had copied. */
static inline bool sim_life_is_simple(const struct sim_life *life)
{
	return life->births[SIDE_CLIENT] == 1 && life->births[SIDE_SERVER] == 1;
}

/* A flow-closed. */
struct sim_closing {
	uint64_t at_ns, started_ns, last_ns, reset_ns;
	bool established;
	enum close_reason reason;
	uint64_t bytes[2]; /* by the simulation's sides */
};

struct sim_trace {
	struct sim_judgement *judgement;
	size_t count, room;
	struct sim_life life[SIM_LIVES]; /* life n at n - 1, the last ones share a place */
	struct sim_closing closing[SIM_CLOSINGS];
	unsigned closings;
	bool misled;      /* liberal mode has believed a number that a test found wrong (M-2 to M-6) */
	bool strayed;     /* after a blindness the engine took a segment of an earlier life at its word (B-3, B-5) */
	bool refused;     /* the present flow was */
	uint64_t reset_ns;  /* last flow-reset */
	/* a RST that says nothing of this life passed (R-6, H-43); of several the one that reset it; 0: none */
	uint64_t stale_reset_ns;
	uint64_t turned_ns; /* last flow-reset, flow-synack, flow-closed, or SYN of an earlier life */
	uint64_t syn_ns[2]; /* last SYN of each end that passed the gateway */
	bool edge_known[2];
	uint32_t acked[2]; /* the highest of each end's numbers that the gateway saw the other one acknowledge */
	bool acked_known[2];
	uint32_t top[2];  /* behind all that each end sent, as far as it passed the gateway */
	bool top_known[2];
	uint32_t edge[2]; /* right edge that each end granted, as far as its segments passed the gateway */
	unsigned errors;  /* true ICMP errors that passed */
	enum phase phase; /* after the last segment */
	bool stray_syn;   /* a SYN of an earlier life passed */
	unsigned flows;   /* flow-new so far */
	bool established; /* the present flow */
	bool aside; /* records of a SYN that nobody answered, beside those of the flow it pended on (S-3) */
	bool open; /* a flow-new without flow-closed */
	int rank;  /* of the last event of the flow */
	bool failed, harmed; /* harmed: under attack, by the attacker's doing */
	char failure[256];
};

void sim_trace_reset(struct sim_trace *trace);
struct sim_judgement *sim_trace_add(struct sim *sim, const struct sim_segment *s);
struct sim_life *sim_trace_life_of(struct sim *sim, uint32_t life);
void sim_trace_life(struct sim *sim, const struct sim_end *end);
void sim_trace_death(struct sim *sim, const struct sim_end *end);
/* An event of the engine. */
void sim_trace_event(struct sim *sim, const struct event *event);
/* The first failure counts. Under attack it counts as harm done, unless the attacker had no right to it. */
void sim_fail(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
