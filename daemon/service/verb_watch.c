/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch: events from the reporter's watch ring to all who watch, each by its own filter. */
#include <sys/eventfd.h>

#include "report/line.h"
#include "service/clock.h"
#include "service/verbs.h"

#define BATCH         64
#define BATCHES_AT_ONCE 16 /* then signals, the watchdog and other clients have their turn */

struct batch {
	unsigned count, watchers;
	int64_t offset_ns;
	const struct services *services;
	struct event event[BATCH];
};

/* A watcher that does not read fast enough is told how many it missed, once there is room again. */
static void write_event(struct reply *reply, const struct event *event, const struct services *services,
			int64_t offset_ns)
{
	char line[REPORT_LINE_SIZE];
	struct text text;

	if (!filter_matches_event(&reply->state.filter, event))
		return;
	if (reply_free(reply) < 2 * REPORT_LINE_SIZE) {
		reply->state.lost++;
		return;
	}
	if (reply->state.lost > 0)
		reply_object(reply, json_pack("{s:I}", "missed", (json_int_t)reply->state.lost));
	reply->state.lost = 0;
	text_init(&text, line, sizeof line);
	report_line(&text, event, services, FORMAT_JSON, NULL, offset_ns);
	reply_line(reply, line);
}

static void write_batch(void *context, struct reply *reply)
{
	struct batch *batch = context;

	batch->watchers++;
	for (unsigned i = 0; i < batch->count; i++)
		write_event(reply, &batch->event[i], batch->services, batch->offset_ns);
}

void watch_serve(struct daemon *daemon)
{
	struct ring *ring = reporter_watch_ring(daemon->reporter);
	struct batch batch = {
		.watchers = 1,
		.offset_ns = (int64_t)(clock_read_ns(CLOCK_REALTIME) - clock_monotonic_ns()),
		.services = &daemon->services,
	};
	eventfd_t times;

	eventfd_read(reporter_watch_fd(daemon->reporter), &times);
	for (unsigned left = BATCHES_AT_ONCE; left > 0; left--) {
		for (batch.count = 0; batch.count < BATCH && ring_pop(ring, &batch.event[batch.count]);)
			batch.count++;
		uint64_t lost = batch.count < BATCH ? ring_take_lost(ring) : 0;
		if (lost > 0) {
			struct event *event = &batch.event[batch.count++];

			*event = (struct event){ .kind = EVENT_EVENTS_LOST, .now_ns = clock_monotonic_ns() };
			event->notice.count = lost;
		}
		if (batch.count == 0)
			break;
		batch.watchers = 0;
		control_each(daemon->control, COMMAND_WATCH, write_batch, &batch);
	}
	if (!ring_is_quiet(ring)) /* the reporter may be faster than we are */
		eventfd_write(reporter_watch_fd(daemon->reporter), 1);
	if (batch.watchers == 0)
		reporter_watch(daemon->reporter, false);
}

void verb_watch(struct daemon *daemon, struct reply *reply)
{
	char error[REQUEST_ERROR_SIZE];

	if (!verbs_without_options(reply))
		return;
	if (!filter_parse(&reply->request, &reply->state.filter, error)) {
		reply_fail(reply, "%s", error);
		return;
	}
	reply->waits = true;
	reporter_watch(daemon->reporter, true);
}
