/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Letters from the main thread to one worker, one at a time: main fills and posts, the worker looks between
 * two batches, does what the letter says and acknowledges. An eventfd wakes a worker that sleeps; looking
 * costs one atomic load.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "engine/engine.h"
#include "input/nfqueue.h"
#include "service/inject.h"
#include "tables/settings.h"

enum mail_kind {
	MAIL_SETTINGS, /* take over `settings` */
	MAIL_STATS,    /* fill the answers */
	MAIL_STOP,     /* judge what is queued, unbind, end */
};

struct mail {
	enum mail_kind kind;
	struct settings settings;
	/* Answers to MAIL_STATS. */
	struct engine_stats stats;
	struct histogram verdict; /* from taking a packet out of the queue to sending its verdict */
	struct nfqueue_counters queue;
	struct inject_counters inject; /* zero without policy.inject */
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

/* Main: the letter to fill. NULL: the worker still has the last one. */
struct mail *mailbox_begin(struct mailbox *box);
void mailbox_post(struct mailbox *box);
/*
 * Main: true as soon as the letter is acknowledged, false after timeout_ms; it may still be acknowledged
 * later.
 */
bool mailbox_wait(struct mailbox *box, int timeout_ms);

/* Worker: the letter, or NULL. */
struct mail *mailbox_look(struct mailbox *box);
void mailbox_done(struct mailbox *box);
