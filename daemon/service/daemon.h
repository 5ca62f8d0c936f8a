/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the main thread holds while the daemon runs. Private to service/. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "control/server.h"
#include "policy/limits.h"
#include "report/metrics.h"
#include "service/heartbeat.h"
#include "service/pool.h"
#include "service/reporter.h"
#include "service/service.h"
#include "service/sink.h"
#include "service/worker.h"

#define WORKERS_MAX  64   /* queue.count */
#define RESTART_KEYS_SIZE sizeof((struct notice_record *)0)->text
#define MAIL_WAIT_MS 1000 /* for a worker's answer; it looks into its mailbox at least that often */

/* One queue, and all that serves it. */
struct lane {
	struct sink sink;
	struct drop_ring *last_drops; /* the sink's, freed last */
	struct engine *engine; /* until the worker takes it over */
	struct nfqueue *queue; /* likewise */
	struct inject *inject; /* likewise; NULL without policy.inject */
	struct worker *worker;
	bool running; /* the worker's thread was started */
	struct heartbeat heartbeat;
};

struct daemon {
	const struct service_source *source;
	struct settings settings; /* in effect */
	struct services services; /* likewise */
	struct pool pool;
	struct limits *limits;
	struct reporter *reporter;
	struct sink sink; /* of the main thread */
	unsigned count;   /* lanes in use: queue.count */
	struct lane lane[WORKERS_MAX];
	int attention_fd; /* eventfd: a worker gave up */
	int signal_fd;
	uint64_t watchdog_ns; /* 0: none */
	_Atomic uint32_t hints_told; /* one bit a cause */
	uint64_t look_ns;     /* when the service manager is to hear of us again */
	uint64_t started_ns;
	struct control_server *control; /* NULL: none */
	uint64_t told[EVENT_COUNT]; /* events of the main thread */
};

/* False: the user was told why, and what was made so far is the caller's to stop and to free, as after a run. */
bool daemon_start(struct daemon *daemon);

/* Until a signal or a failure ends the service. */
enum service_exit loop_run(struct daemon *daemon);

/*
 * New settings, or the old ones where the new have errors: then false, and *errors (empty at first, the caller's) has
 * them. Opens log files again in both cases. restart: restart_needed=PATH,... or "".
 */
bool reload_run(struct daemon *daemon, struct config_errors *errors, char restart[RESTART_KEYS_SIZE]);
/* daemon->settings to workers and reporter. */
void reload_hand_over(struct daemon *daemon);

/* Asks every worker for its figures: takes up to twice MAIL_WAIT_MS a worker that does not answer. */
void daemon_collect(struct daemon *daemon, struct metrics *metrics);

/* Writes one event of the main thread. */
void daemon_tell_event(struct daemon *daemon, const struct event *event);
/* The same; `text` is further keys in logfmt. */
void daemon_tell(struct daemon *daemon, enum event_kind kind, const char *text);
