/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When the drop of a segment that a simulated TCP sent is no fault of the engine: most of these harm nobody, the others
 * the specification asks for. Each excuse looks at what the ends truly know, not at what the engine believes. A drop
 * that finds none is a failure of the run.
 */
#pragma once

#include "sim_segment.h"

struct sim;

/* Why the drop of a true segment is no fault. */
enum sim_excuse {
	SIM_EXCUSE_STALE,    /* of a connection that another one followed */
	SIM_EXCUSE_OLD,      /* beyond the budget for old segments (W-7): says nothing new to its target ... */
	SIM_EXCUSE_BUDGET,   /* ... or does; a RST beyond the budget for inexact ones */
	SIM_EXCUSE_SYN,      /* a SYN once more, beyond the budget for shadows (S-2) */
	SIM_EXCUSE_IGNORED,  /* a RST that its target would not look at */
	SIM_EXCUSE_CROSSED,  /* both open: a SYN of the end that was a server so far (H-37), its answer (S-3) */
	SIM_EXCUSE_REFUSAL,  /* a server that forgot its SYN+ACK refuses the next SYN (H-42), or answers later */
	/* between a SYN and its answer a RST, an older SYN or its answer, the old end: it comes again (S-8, H-10) */
	SIM_EXCUSE_OVERTAKEN,
	SIM_EXCUSE_UNOPENED, /* its sender's SYN+ACK has not come by yet (H-15) */
	SIM_EXCUSE_ORPHAN,   /* the gateway has forgotten a flow that both closed, or one end left (T-7, T-8) */
	SIM_EXCUSE_SLOW,     /* the handshake took longer than its timer (T-2, T-3) */
	SIM_EXCUSE_PHANTOM,  /* a SYN and a SYN+ACK of an earlier life came once more: both sides of S-5 */
	SIM_EXCUSE_LIBERAL,  /* liberal mode has believed a stale segment before (M-5) */
	SIM_EXCUSE_IDLE,     /* silence was longer than the timer (T): half-closed, or data or FIN not acknowledged */
	SIM_EXCUSE_STRICT,   /* strict mode asks for it (M-1, M-3, M-6 to M-8) */
	SIM_EXCUSE_HALF_SEEN, /* one direction only: ports used again, or the third segment overtaken (S-4, H-14) */
	SIM_EXCUSE_ONCE,     /* acknowledges what passed by, once its sender was taken at its word before (B-3) */
	SIM_EXCUSE_STRAYED,  /* after a blindness a late copy of an earlier life was taken at its word (B-3, B-5) */
	SIM_EXCUSE_UNSEEN,   /* the flow is not known, since what would have begun it passed by (H-2, H-5, B-1) */
	SIM_EXCUSES
};

/* SIM_EXCUSES: none. */
enum sim_excuse sim_excuse_find(struct sim *sim, const struct sim_segment *s, enum reason reason);
const char *sim_excuse_word(enum sim_excuse excuse);
