/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where one thread puts its events: its ring to the reporter. Used by that thread only. */
#pragma once

#include <stdint.h>

#include "engine/event.h"
#include "service/drop_queue.h"
#include "service/drop_ring.h"
#include "service/hints.h"
#include "service/reporter.h"
#include "service/ring.h"

struct sink {
	struct ring *ring;
	struct reporter *reporter;
	struct drop_queue *drops; /* of the drop capture, NULL: none */
	struct drop_ring *last_drops; /* NULL: nothing is dropped here */
	struct hints hints;
	uint64_t hints_told;
	const struct settings *settings; /* in effect, for hints */
	const struct packet_bytes *packet; /* being judged; NULL: none */
	uint64_t patient_until_ns; /* until then (monotonic) a full ring is waited for; 0: never */
};

/* For struct event_sink: context is the struct sink. */
void sink_emit(void *context, const struct event *event);
/* A dropped packet, for the drop capture where there is one. Never waits. */
void sink_drop(struct sink *sink, const struct packet_bytes *packet, const struct decision *decision, uint64_t now_ns);
/* For engine_config.dropped, likewise. */
void sink_dropped(void *context, const struct drop_record *drop, uint64_t now_ns);
/* Now and then, after events: tells the reporter if there are any. */
void sink_wake(struct sink *sink);
