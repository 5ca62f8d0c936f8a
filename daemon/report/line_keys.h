/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys of event lines: each prints one value of an event. Which event has which keys stands in line.c.
 * Inner header of report/.
 */
#pragma once

#include "engine/event.h"
#include "report/fields.h"
#include "tables/services.h"

/* LINE_END is 0: it ends a row of keys. */
enum line_key {
	LINE_END,
	/* flow-* */
	LINE_FLOW, LINE_CLIENT, LINE_SERVER, LINE_PHASE, LINE_PREV, LINE_IN_PREV, LINE_HALF, LINE_CLOSE,
	LINE_CLOSED_BY, LINE_HANDSHAKE, LINE_RTT, LINE_MSS, LINE_SCALE, LINE_SACK, LINE_TIMESTAMPS,
	LINE_DURATION, LINE_BYTES, LINE_PACKETS, LINE_RETRANS, LINE_OOO, LINE_CONN_STATE, LINE_HISTORY,
	LINE_COMMUNITY_ID, LINE_ORIG, LINE_SAMPLE,
	/* packet-* */
	LINE_DROP_FLOW, LINE_DROP_CLIENT, LINE_DROP_SERVER, LINE_DIR, LINE_DROP_REASON, LINE_SEQ, LINE_ACK,
	LINE_LEN, LINE_ALLOWED, LINE_SETTING, LINE_DROP_SUPPRESSED, LINE_VERDICT,
	LINE_FLAGS, LINE_DROP_PHASE,
	/* the others */
	LINE_HALF_OPEN, LINE_FLOWS, LINE_FLOWS_MAX, LINE_DESTINATION, LINE_LASTED, LINE_ASKED, LINE_PASSED,
	LINE_RATE, LINE_TOP,
	LINE_COUNT, LINE_SECONDS, LINE_SUPPRESSED, LINE_SOURCE, LINE_REASON,
	LINE_KIND, LINE_QUEUE, LINE_TEXT,
};

/* Prints the key, which must belong to the kind of the event, with its value. services: NULL is none. */
void line_key_print(struct fields *fields, enum line_key key, const struct event *event,
		    const struct services *services);
