/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last drops of one worker with their numbers, every one of them, whatever the log leaves out. Those of
 * known flows and the others have rings of their own, so that a flood of strangers does not wash out what
 * happened to a connection. Used by the worker alone.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "control/filter.h"
#include "engine/event.h"

#define DROPS_KEPT  2048 /* of each kind, a power of two */
#define DROPS_SLICE 64   /* given at once */
#define DROPS_LOOK  1024 /* looked at in one slice */

struct drop_entry {
	uint64_t at_ns; /* monotonic */
	struct drop_record drop;
};

struct drop_ring {
	uint64_t count[2]; /* ever kept: without a flow, with one */
	struct drop_entry entry[2][DROPS_KEPT];
};

/* A question about them. */
struct drop_slice {
	struct filter filter; /* matches either way round: without a flow nobody knows who is the client */
	uint32_t cursor;      /* 0 at first; the answer says where the next slice begins */
	uint64_t since[2];    /* set by the first slice: only what was kept before it counts */
	/* Answers: those of flows first, each kind from the newest on. */
	bool more;
	uint32_t matched;
	struct drop_entry entry[DROPS_SLICE];
};

void drop_ring_put(struct drop_ring *ring, const struct drop_record *drop, uint64_t now_ns);
void drop_ring_read(const struct drop_ring *ring, struct drop_slice *slice);
