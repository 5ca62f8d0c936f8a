/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/sink.h"

#include <time.h>

#include "base/units.h"
#include "service/clock.h"

static void wait_for_room(const struct sink *sink)
{
	struct timespec pause = { .tv_nsec = (long)NS_PER_MS };

	while (!ring_has_room(sink->ring) && clock_monotonic_ns() < sink->patient_until_ns) {
		reporter_wake(sink->reporter);
		nanosleep(&pause, NULL);
	}
}

void sink_emit(void *context, const struct event *event)
{
	struct sink *sink = context;

	if (sink->patient_until_ns != 0)
		wait_for_room(sink);
	ring_push(sink->ring, event);
}

void sink_drop(struct sink *sink, const struct packet_bytes *packet, const struct decision *decision, uint64_t now_ns)
{
	if (sink->drops != NULL)
		drop_queue_push(sink->drops, packet, decision, now_ns);
}

void sink_wake(struct sink *sink)
{
	if (!ring_is_quiet(sink->ring) || (sink->drops != NULL && !drop_queue_is_empty(sink->drops)))
		reporter_wake(sink->reporter);
}
