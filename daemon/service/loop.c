/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The main thread while the daemon runs: signals, watchdog, and what workers need it for. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/text.h"
#include "policy/ban.h"
#include "report/summary.h"
#include "report/top_text.h"
#include "service/clock.h"
#include "service/daemon.h"
#include "service/notify.h"
#include "service/verbs.h"

/* What went wrong between kernel and workers, and what was sent; each key only where there is something to say. */
static void queue_keys(struct text *keys, const struct metrics *metrics)
{
	struct metrics_queue sum = { 0 };

	for (unsigned i = 0; i < metrics->queue_count; i++) {
		const struct metrics_queue *queue = &metrics->queue[i];

		sum.user_dropped += queue->user_dropped;
		sum.no_buffers += queue->no_buffers;
		sum.verdict_errors += queue->verdict_errors;
		sum.damaged += queue->damaged;
	}
	const struct {
		const char *key;
		uint64_t number;
	} rows[] = {
		{ "lost", sum.user_dropped },
		{ "no_buffers", sum.no_buffers },
		{ "verdict_errors", sum.verdict_errors },
		{ "damaged", sum.damaged },
		{ "answers", metrics->answers },
		{ "answers_failed", metrics->answers_failed },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].number > 0)
			text_fmt(keys, "%s%s=%llu", keys->len > 0 ? " " : "", rows[i].key,
				 (unsigned long long)rows[i].number);
}

/* The second line of a summary: limits, and who sends the most SYNs. */
static void summarize_limits(struct daemon *daemon)
{
	struct floods *floods = limits_floods(daemon->limits);
	struct top_prefix list[TOP_SHOWN];
	struct flood_record top = { .top_count = (uint8_t)top_list(&floods->top, list) };
	struct text keys;
	char data[sizeof((struct notice_record *)0)->text];

	for (unsigned i = 0; i < top.top_count; i++) {
		memcpy(top.top[i].address, list[i].address, sizeof list[i].address);
		top.top[i].bits = list[i].bits;
		top.top[i].percent = list[i].percent;
	}
	text_init(&keys, data, sizeof data);
	text_fmt(&keys, "half_open_start=%lld flood=%s destinations=%u syn_rate=%llu banned=%lu top=",
		 (long long)(daemon->settings.tracking_max_flows * daemon->settings.syn_flood_start_percent / 100),
		 flood_is_on(&floods->gateway) ? "yes" : "no", (unsigned)floods->count,
		 (unsigned long long)floods_rate(floods, clock_monotonic_ns()),
		 (unsigned long)ban_count(limits_ban(daemon->limits)));
	if (top.top_count == 0)
		text_char(&keys, '-');
	top_text(&keys, &top);
	daemon_tell(daemon, EVENT_SUMMARY, data);
}

static void summarize(struct daemon *daemon)
{
	struct metrics metrics;
	struct text keys;
	char data[sizeof((struct notice_record *)0)->text];

	daemon_collect(daemon, &metrics);
	text_init(&keys, data, sizeof data);
	queue_keys(&keys, &metrics);
	summary_stats_keys(&keys, &metrics.stats);
	daemon_tell(daemon, EVENT_SUMMARY, data);
	summarize_limits(daemon);
}

static void tell_status(const struct daemon *daemon)
{
	uint64_t flows = 0;

	for (unsigned i = 0; i < daemon->count; i++)
		flows += worker_flows(daemon->lane[i].worker);
	notify_status("%llu of %lld flows, %u queue%s from %lld, mode %s", (unsigned long long)flows,
		      (long long)daemon->settings.tracking_max_flows, daemon->count,
		      daemon->count == 1 ? "" : "s", (long long)daemon->settings.queue_number,
		      daemon->settings.policy_mode == MODE_MONITOR ? "monitor" : "enforce");
}

/* Fed while every worker moves. A look is made twice a watchdog period, a worker moves twice a look. */
static void feed_watchdog(struct daemon *daemon)
{
	uint64_t now_ns = clock_monotonic_ns();
	bool alive = true;

	for (unsigned i = 0; i < daemon->count; i++)
		alive &= heartbeat_look(&daemon->lane[i].heartbeat, worker_beats(daemon->lane[i].worker),
					now_ns, daemon->watchdog_ns / 2);
	if (alive)
		notify_watchdog();
}

/* A worker that gave up its queue takes the daemon with it: the service manager starts it anew. */
static bool any_failure(struct daemon *daemon)
{
	bool failed = false;

	for (unsigned i = 0; i < daemon->count; i++) {
		int cause = worker_failure(daemon->lane[i].worker);
		if (cause == 0)
			continue;
		reporter_say(daemon->reporter, SEVERITY_ERR, "queue %u can no longer be read: %s: stopping",
			     (unsigned)daemon->settings.queue_number + i, strerror(-cause));
		failed = true;
	}
	return failed;
}

static void reload(struct daemon *daemon)
{
	struct config_errors errors = { 0 };
	char restart[RESTART_KEYS_SIZE];

	reload_run(daemon, &errors, restart);
	config_errors_fini(&errors);
}

/* False: the signal asks to stop. */
static bool handle_signal(struct daemon *daemon)
{
	struct signalfd_siginfo info;

	if (read(daemon->signal_fd, &info, sizeof info) != sizeof info)
		return true;
	switch (info.ssi_signo) {
	case SIGHUP: reload(daemon); return true;
	case SIGUSR1: summarize(daemon); return true;
	}
	return false;
}

/* The service manager hears of us twice a watchdog period, however often clients wake the loop. */
static void look_after(struct daemon *daemon)
{
	uint64_t now_ns = clock_monotonic_ns();

	if (now_ns < daemon->look_ns)
		return;
	daemon->look_ns = now_ns + (daemon->watchdog_ns != 0 ? daemon->watchdog_ns / 2 : NS_PER_S);
	tell_status(daemon);
	if (daemon->watchdog_ns != 0)
		feed_watchdog(daemon);
}

/* Until the watchdog is to be fed, or the control socket wants a look; -1: for ever. */
static int wait_ms(const struct daemon *daemon)
{
	uint64_t now_ns = clock_monotonic_ns(), left_ns = UINT64_MAX, deadline_ns = UINT64_MAX;

	if (daemon->watchdog_ns != 0)
		left_ns = daemon->look_ns > now_ns ? daemon->look_ns - now_ns : 0;
	if (daemon->control != NULL)
		deadline_ns = control_deadline(daemon->control);
	if (deadline_ns != UINT64_MAX)
		left_ns = min_u64(left_ns, deadline_ns > now_ns ? deadline_ns - now_ns : 0);
	return left_ns == UINT64_MAX ? -1 : (int)min_u64(left_ns / NS_PER_MS + 1, INT_MAX);
}

enum service_exit loop_run(struct daemon *daemon)
{
	struct pollfd fds[] = {
		{ .fd = daemon->signal_fd, .events = POLLIN },
		{ .fd = daemon->attention_fd, .events = POLLIN },
		{ .fd = daemon->control != NULL ? control_fd(daemon->control) : -1, .events = POLLIN },
		{ .fd = reporter_watch_fd(daemon->reporter), .events = POLLIN },
	};

	for (;;) {
		look_after(daemon);
		if (poll(fds, sizeof fds / sizeof fds[0], wait_ms(daemon)) < 0 && errno != EINTR)
			return SERVICE_SYSTEM_ERROR;
		if ((fds[1].revents & POLLIN) != 0 && any_failure(daemon))
			return SERVICE_SYSTEM_ERROR;
		if ((fds[0].revents & POLLIN) != 0 && !handle_signal(daemon))
			return SERVICE_STOPPED;
		if (daemon->control != NULL)
			control_serve(daemon->control, clock_monotonic_ns());
		if ((fds[3].revents & POLLIN) != 0)
			watch_serve(daemon);
	}
}
