/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "service/clock.h"
#include "service/daemon.h"
#include "service/notify.h"

#define STOP_WAIT_MS     5000 /* for each worker to judge what is queued and to end */
#define REPORTER_WAIT_MS 3000 /* for the log to take the last lines */

void daemon_tell_event(struct daemon *daemon, const struct event *event)
{
	daemon->told[event->kind]++;
	sink_emit(&daemon->sink, event);
	sink_wake(&daemon->sink);
}

void daemon_tell(struct daemon *daemon, enum event_kind kind, const char *text)
{
	struct event event = { .kind = kind, .now_ns = clock_monotonic_ns() };

	snprintf(event.notice.text, sizeof event.notice.text, "%s", text);
	daemon_tell_event(daemon, &event);
}

static void tell_started(struct daemon *daemon)
{
	const struct settings *settings = &daemon->settings;
	char keys[sizeof((struct notice_record *)0)->text];

	snprintf(keys, sizeof keys, "version=%s queues=%lld..%lld flows_max=%lld mode=%s", PACKAGE_VERSION,
		 (long long)settings->queue_number, (long long)settings->queue_number + daemon->count - 1,
		 (long long)settings->tracking_max_flows,
		 settings->policy_mode == MODE_MONITOR ? "monitor" : "enforce");
	daemon_tell(daemon, EVENT_STARTED, keys);
}

/* All workers drain at the same time. False: one of them does not end. */
static bool stop_workers(struct daemon *daemon)
{
	bool ended = true;

	for (unsigned i = 0; i < daemon->count; i++) {
		struct lane *lane = &daemon->lane[i];
		if (!lane->running || worker_failure(lane->worker) != 0)
			continue;
		struct mailbox *box = worker_mailbox(lane->worker);
		struct mail *mail = mailbox_begin(box, MAIL_WAIT_MS);
		if (mail != NULL) {
			mail->kind = MAIL_STOP;
			mailbox_post(box);
		}
	}
	for (unsigned i = 0; i < daemon->count; i++)
		if (daemon->lane[i].running)
			ended &= worker_join(daemon->lane[i].worker, STOP_WAIT_MS);
	return ended;
}

/* False: the log hangs. */
static bool stop_reporter(struct daemon *daemon)
{
	if (daemon->reporter == NULL)
		return true;
	if (daemon->lane[0].running) {
		reporter_settle(daemon->reporter, REPORTER_WAIT_MS);
		daemon_tell(daemon, EVENT_STOPPING, "");
	}
	return reporter_stop(daemon->reporter, REPORTER_WAIT_MS);
}

static void free_all(struct daemon *daemon)
{
	for (unsigned i = 0; i < daemon->count; i++) {
		struct lane *lane = &daemon->lane[i];
		if (lane->worker != NULL)
			worker_free(lane->worker);
		if (lane->queue != NULL)
			nfqueue_close(lane->queue);
		if (lane->engine != NULL)
			engine_free(lane->engine);
		free(lane->last_drops);
		if (lane->inject != NULL)
			inject_close(lane->inject);
	}
	if (daemon->reporter != NULL)
		reporter_free(daemon->reporter);
	if (daemon->limits != NULL)
		limits_free(daemon->limits);
	pool_close(&daemon->pool);
	control_close(daemon->control);
	if (daemon->signal_fd >= 0)
		close(daemon->signal_fd);
	if (daemon->attention_fd >= 0)
		close(daemon->attention_fd);
}

enum service_exit service_run(const struct service_source *source, const struct settings *settings,
			      const struct services *services, bool *stuck)
{
	struct daemon daemon = {
		.source = source,
		.settings = *settings,
		.services = *services,
		.pool = POOL_NONE,
		.count = (unsigned)settings->queue_count,
		.attention_fd = -1,
		.signal_fd = -1,
		.watchdog_ns = notify_watchdog_ns(),
	};
	enum service_exit result = SERVICE_SYSTEM_ERROR;

	if (daemon_start(&daemon)) {
		daemon.started_ns = clock_monotonic_ns();
		tell_started(&daemon);
		notify_ready();
		result = loop_run(&daemon);
		notify_stopping();
	}
	bool ended = stop_workers(&daemon);
	ended &= stop_reporter(&daemon);
	*stuck = !ended;
	if (ended)
		free_all(&daemon);
	return result;
}
