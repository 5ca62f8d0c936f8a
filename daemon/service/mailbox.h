/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Letters from the main thread to one worker, one at a time: main fills and posts, the worker looks between
 * two batches, does what the letter says and acknowledges. An eventfd wakes a worker that sleeps; looking
 * costs one atomic load.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "base/units.h"
#include "control/filter.h"
#include "engine/engine.h"
#include "input/nfqueue.h"
#include "service/best.h"
#include "service/drop_ring.h"
#include "service/inject.h"
#include "service/rates.h"
#include "tables/settings.h"

enum mail_kind {
	MAIL_SETTINGS, /* take over `settings` */
	MAIL_STATS,    /* fill the answers */
	MAIL_WALK,     /* look at a slice of the flows: `walk` */
	MAIL_DROPS,    /* look at a slice of the last drops: `drops` */
	MAIL_STOP,     /* judge what is queued, unbind, end */
};

#define WALK_SLICE_NS (100 * NS_PER_US) /* that a slice keeps its worker, and one step more at most */
#define WALK_STEP     32  /* slots of the table between two looks at the clock */
#define WALK_RECORDS  128 /* flows that one slice gives at most */

/* What becomes of the flows that match: verbs flows, flows --count, kill and flush, recheck, flow. */
enum walk_purpose { WALK_LIST, WALK_COUNT, WALK_FORGET, WALK_RECHECK, WALK_DETAIL };

/* A slice of a walk through the flows. */
struct mail_walk {
	enum walk_purpose purpose;
	struct filter filter;
	struct best_bar bar; /* WALK_LIST: what a flow must reach besides */
	uint32_t cursor; /* 0 at first; the answer says where the next slice begins */
	/* Answers. */
	bool more;       /* the end was not reached */
	uint32_t matched;
	struct flow_record record[WALK_RECORDS]; /* WALK_LIST: all that matched; WALK_DETAIL: the last one */
	struct flow_detail detail; /* WALK_DETAIL */
};

struct mail {
	enum mail_kind kind;
	struct settings settings;
	struct services services;
	struct mail_walk walk;
	struct drop_slice drops;
	/* Answers to MAIL_STATS. */
	struct engine_stats stats;
	struct histogram verdict; /* from taking a packet out of the queue to sending its verdict */
	struct rates rates;
	struct nfqueue_counters queue;
	struct inject_counters inject; /* zero without policy.inject */
	uint32_t receive_buffer;  /* bytes that the socket has */
	bool kernel_known;        /* the next two could be read */
	uint32_t queue_depth;     /* packets that wait for a verdict */
	uint64_t kernel_dropped;  /* no room in the queue */
};

struct mailbox {
	int wake_fd; /* eventfd: a letter is there */
	int done_fd; /* eventfd: it was acknowledged */
	_Atomic bool posted;
	struct mail mail; /* the worker's while posted, else main's */
};

/* 0 or -errno. */
int mailbox_init(struct mailbox *box);
void mailbox_fini(struct mailbox *box);

/* Main: the letter to fill. NULL: after timeout_ms the worker still has the last one. */
struct mail *mailbox_begin(struct mailbox *box, int timeout_ms);
void mailbox_post(struct mailbox *box);
/* Main: true as soon as the letter is acknowledged, false after timeout_ms; it may still be acknowledged later. */
bool mailbox_wait(struct mailbox *box, int timeout_ms);

/* Worker: wake_fd was readable. Called before mailbox_look(), so that no letter is missed. */
void mailbox_woken(struct mailbox *box);
/* Worker: the letter, or NULL. */
struct mail *mailbox_look(struct mailbox *box);
void mailbox_done(struct mailbox *box);
