/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/line.h"

#include "report/eve.h"
#include "report/fields.h"
#include "report/line_keys.h"
#include "tables/settings.h"

#define LINE_KEYS 20 /* most keys of a line, with LINE_END */

/* What every change of phase says. */
#define CHANGE LINE_FLOW, LINE_CLIENT, LINE_SERVER, LINE_PHASE, LINE_PREV, LINE_IN_PREV

static const uint8_t line_table[EVENT_COUNT][LINE_KEYS] = {
	[EVENT_FLOW_NEW] = { LINE_FLOW, LINE_CLIENT, LINE_SERVER, LINE_PHASE },
	[EVENT_FLOW_SYNACK] = { CHANGE },
	[EVENT_FLOW_ESTABLISHED] = { CHANGE, LINE_HANDSHAKE, LINE_MSS, LINE_SCALE, LINE_SACK,
				     LINE_TIMESTAMPS },
	[EVENT_FLOW_PICKED_UP] = { CHANGE, LINE_ORIG },
	[EVENT_FLOW_FIN] = { CHANGE, LINE_CLOSED_BY },
	[EVENT_FLOW_HALF_CLOSED] = { CHANGE, LINE_HALF },
	[EVENT_FLOW_CLOSING] = { CHANGE },
	[EVENT_FLOW_LAST_ACK] = { CHANGE },
	[EVENT_FLOW_TIME_WAIT] = { CHANGE },
	[EVENT_FLOW_RESET] = { CHANGE, LINE_CLOSE, LINE_CLOSED_BY },
	[EVENT_FLOW_RESTORED] = { CHANGE },
	[EVENT_FLOW_CLOSED] = { LINE_FLOW, LINE_CLIENT, LINE_SERVER, LINE_CLOSE, LINE_CLOSED_BY,
				LINE_DURATION, LINE_BYTES, LINE_PACKETS, LINE_RETRANS, LINE_OOO, LINE_RTT,
				LINE_PHASE, LINE_CONN_STATE, LINE_HISTORY, LINE_COMMUNITY_ID, LINE_ORIG },
	[EVENT_PACKET_DROPPED] = { LINE_DROP_FLOW, LINE_DROP_CLIENT, LINE_DROP_SERVER, LINE_DIR,
				   LINE_DROP_REASON, LINE_SEQ, LINE_ACK, LINE_LEN, LINE_ALLOWED,
				   LINE_SETTING, LINE_DROP_SUPPRESSED, LINE_VERDICT, LINE_FLAGS,
				   LINE_DROP_PHASE },
	[EVENT_PACKET_REMARKED] = { LINE_DROP_FLOW, LINE_DROP_CLIENT, LINE_DROP_SERVER, LINE_DIR,
				    LINE_DROP_REASON, LINE_SEQ, LINE_ACK, LINE_LEN, LINE_DROP_SUPPRESSED,
				    LINE_FLAGS, LINE_DROP_PHASE },
	[EVENT_FLOOD_START] = { LINE_HALF_OPEN, LINE_FLOWS, LINE_FLOWS_MAX, LINE_DESTINATION, LINE_RATE, LINE_TOP },
	[EVENT_FLOOD_STOP] = { LINE_HALF_OPEN, LINE_FLOWS, LINE_FLOWS_MAX, LINE_DESTINATION, LINE_RATE, LINE_TOP,
			       LINE_LASTED, LINE_ASKED, LINE_PASSED },
	[EVENT_SOURCE_LIMITED] = { LINE_SOURCE, LINE_REASON, LINE_SUPPRESSED },
	[EVENT_SOURCE_BANNED] = { LINE_SOURCE, LINE_REASON, LINE_SECONDS, LINE_SUPPRESSED },
	[EVENT_SOURCE_RELEASED] = { LINE_SOURCE, LINE_SUPPRESSED },
	[EVENT_TABLE_FULL] = { LINE_FLOWS, LINE_FLOWS_MAX, LINE_HALF_OPEN, LINE_SUPPRESSED },
	[EVENT_VISIBILITY_LOST] = { LINE_KIND, LINE_QUEUE, LINE_COUNT },
	[EVENT_HINT] = { LINE_TEXT },
	[EVENT_STARTED] = { LINE_TEXT },
	[EVENT_STOPPING] = { LINE_TEXT },
	[EVENT_CONFIG_RELOADED] = { LINE_TEXT },
	[EVENT_CONFIG_REJECTED] = { LINE_TEXT },
	[EVENT_EVENTS_LOST] = { LINE_COUNT },
	[EVENT_SUMMARY] = { LINE_TEXT },
};

/* The keys behind event=. */
static void print_keys(struct fields *fields, const struct event *event, const struct services *services)
{
	for (const uint8_t *keys = line_table[event->kind]; *keys != LINE_END; keys++)
		line_key_print(fields, *keys, event, services);
	if (event_table[event->kind].group == EVENT_GROUP_FLOW && event->flow.sample > 1)
		line_key_print(fields, LINE_SAMPLE, event, services);
}

static void eve_line(struct fields *fields, const struct event *event, const struct services *services,
		     int64_t wall_offset_ns)
{
	struct fields own;

	eve_fields(fields, event, wall_offset_ns);
	if (!fields_object_begin(&own, fields))
		return;
	report_fields(&own, event, services);
	fields_object_end(&own, fields, "tcpwarden");
}

void report_fields(struct fields *fields, const struct event *event, const struct services *services)
{
	fields_word(fields, "event", event_word(event->kind));
	print_keys(fields, event, services);
}

void report_line(struct text *out, const struct event *event, const struct services *services, int format,
		 const char *file, int64_t wall_offset_ns)
{
	struct fields fields;

	fields_begin(&fields, out, format != FORMAT_LOGFMT);
	if (fields.object != NULL && format == FORMAT_EVE) {
		eve_line(&fields, event, services, wall_offset_ns);
	} else {
		fields_word(&fields, "event", event_word(event->kind));
		if (fields.object != NULL)
			fields_time(&fields, "ts", (int64_t)event->now_ns + wall_offset_ns);
		print_keys(&fields, event, services);
	}
	if (file != NULL)
		fields_word(&fields, "file", file);
	fields_end(&fields);
}
