/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One thread a queue: receives a batch, lets the engine judge it, sends the verdicts, lets time pass, and
 * sleeps when there is nothing to do. Owns its queue and its engine while it runs; everybody else talks to
 * it through the mailbox.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "input/nfqueue.h"
#include "service/inject.h"
#include "service/mailbox.h"
#include "service/sink.h"

struct worker;

struct worker_config {
	struct nfqueue *queue; /* taken over */
	struct engine *engine; /* taken over; it emits into the sink below */
	struct inject *inject; /* taken over; NULL without policy.inject */
	struct sink *sink;     /* the worker's alone while it runs */
	const struct settings *settings; /* copied */
	uint64_t sleep_ns;     /* longest sleep, so long may the heartbeat stand still */
	bool fail_open;        /* of the queue */
	int attention_fd;      /* eventfd, written when the worker ends by itself */
};

/* NULL: out of memory or descriptors; queue, engine and inject stay the caller's. */
struct worker *worker_new(const struct worker_config *config);
/* Frees all it has taken over. Only where no thread runs (any more). */
void worker_free(struct worker *worker);

/* 0 or -errno. */
int worker_start(struct worker *worker);
/* After the start: runs on this CPU only. 0 or -errno. */
int worker_pin(struct worker *worker, int64_t cpu);
/* Waits for the end of the thread after MAIL_STOP or a failure. False: it did not end in time. */
bool worker_join(struct worker *worker, int timeout_ms);

struct mailbox *worker_mailbox(struct worker *worker);
/* Moves with every batch and every sleep. */
uint64_t worker_beats(const struct worker *worker);
/* Flows in the table, as of the last batch or sleep. */
uint32_t worker_flows(const struct worker *worker);
/* 0, or the -errno for which the worker gave up its queue. */
int worker_failure(const struct worker *worker);
