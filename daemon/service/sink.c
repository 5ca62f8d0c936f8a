/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/sink.h"

#include <time.h>

#include "base/units.h"
#include "report/header_record.h"
#include "service/clock.h"

static void wait_for_room(const struct sink *sink)
{
	struct timespec pause = { .tv_nsec = (long)NS_PER_MS };

	while (!ring_has_room(sink->ring) && clock_monotonic_ns() < sink->patient_until_ns) {
		reporter_wake(sink->reporter);
		nanosleep(&pause, NULL);
	}
}

static void push(struct sink *sink, const struct event *event)
{
	if (sink->patient_until_ns != 0)
		wait_for_room(sink);
	ring_push(sink->ring, event);
}

/* The engine keeps nothing of the headers but what it judges. */
static void push_drop(struct sink *sink, const struct event *event)
{
	struct event whole = *event;

	header_record_read(&whole.drop.header, sink->packet);
	push(sink, &whole);
}

void sink_drop(struct sink *sink, const struct packet_bytes *packet, const struct decision *decision, uint64_t now_ns)
{
	if (sink->drops != NULL)
		drop_queue_push(sink->drops, packet, decision, now_ns);
}

void sink_emit(void *context, const struct event *event)
{
	struct sink *sink = context;
	struct event hint;

	if (event->kind == EVENT_PACKET_DROPPED)
		push_drop(sink, event);
	else
		push(sink, event);
	if (event->kind == EVENT_FLOW_ESTABLISHED && hints_of_flow(&sink->hints, &event->flow, &hint)) {
		hint.now_ns = event->now_ns;
		push(sink, &hint);
		sink->hints_told++;
	}
}

void sink_dropped(void *context, const struct drop_record *drop, uint64_t now_ns)
{
	struct sink *sink = context;
	struct event hint;

	drop_ring_put(sink->last_drops, drop, now_ns);
	if (hints_of_drop(&sink->hints, drop, sink->settings, &hint)) {
		hint.now_ns = now_ns;
		push(sink, &hint);
		sink->hints_told++;
	}
}

void sink_wake(struct sink *sink)
{
	if (!ring_is_quiet(sink->ring) || (sink->drops != NULL && !drop_queue_is_empty(sink->drops)))
		reporter_wake(sink->reporter);
}
