/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much of a run's traffic the engine gets to see, and how strict it is: all of it; all but what is lost in a full
 * queue or passes by unjudged (B-1); all from some moment on (K); one direction (H-14).
 */
#pragma once

#include "sim_excuse.h"
#include "sim_segment.h"
#include "tables/settings.h"

struct sim;

enum sim_sight {
	SIM_SIGHT_WHOLE,
	SIM_SIGHT_LOSS,      /* at times the queue is full: what comes then is lost, and the tracking stays right */
	SIM_SIGHT_BLIND,     /* ... passes unjudged, and an epoch begins */
	SIM_SIGHT_LATE,      /* the connection is older than the gateway */
	SIM_SIGHT_ONE_SIDED, /* the other direction takes another way */
	SIM_SIGHTS
};

enum sim_passage { SIM_JUDGED, SIM_PASSES_BY, SIM_LOST };

#define SIM_GAPS 3
#define SIM_ANY  -1

struct sim_view {
	enum sim_sight sight;
	int window_mode, pickup; /* tracking.window, tracking.pickup */
	enum side seen;          /* SIM_SIGHT_ONE_SIDED */
	uint64_t from_ns;        /* SIM_SIGHT_LATE: the first moment that is seen */
	uint64_t gap_from_ns[SIM_GAPS], gap_to_ns[SIM_GAPS];
	uint16_t gap_share;      /* permille of what comes in a gap */
	bool missed;             /* something passed by in this run */
	uint64_t missed_ns[2];   /* when the last of it left its sender, by enum side */
	bool overtaken[2];       /* ... and something that the engine saw had left before it, but came later */
	bool blind_due;          /* ... and no epoch has begun since */
	uint64_t blind_ns;       /* when the last one began */
	unsigned epochs;
	int only_mode, only_sight; /* of all runs, or SIM_ANY */
	uint64_t runs[SIM_SIGHTS], passed_by, lost; /* over all runs */
};

/* For the run that begins; under attack all is seen. */
void sim_view_draw(struct sim *sim);
void sim_view_settings(const struct sim_view *view, struct settings *settings);
/* What becomes of a segment that arrives at the gateway. */
enum sim_passage sim_view_passage(struct sim *sim, const struct sim_segment *s);
/* True: an epoch begins now, before the next segment is judged. */
bool sim_view_blinded(struct sim *sim);
/* The engine saw all that went past the place where it stands. */
bool sim_view_is_whole(const struct sim_view *view);
/* Drops that a mode or what was not seen explains; SIM_EXCUSES: none of these. */
enum sim_excuse sim_view_excuse(struct sim *sim, const struct sim_segment *s, enum reason reason);
const char *sim_sight_word(enum sim_sight sight);
const char *sim_mode_word(int window_mode);
