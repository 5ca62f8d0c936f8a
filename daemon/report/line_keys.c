/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/line_keys.h"

#include "packet/packet.h"
#include "report/address.h"
#include "report/event_service.h"
#include "report/flow_fields.h"
#include "report/top_text.h"

/* Keys of flow-* events. */

static void print_flow(struct fields *fields, const char *key, const struct event *event)
{
	flow_fields_id(fields, key, event->flow.id);
}

static void print_client(struct fields *fields, const char *key, const struct event *event)
{
	flow_fields_client(fields, key, &event->flow.at);
}

static void print_server(struct fields *fields, const char *key, const struct event *event)
{
	flow_fields_server(fields, key, &event->flow.at);
}

static void print_phase(struct fields *fields, const char *key, const struct event *event)
{
	fields_word(fields, key, phase_word(event->flow.phase));
}

static void print_prev(struct fields *fields, const char *key, const struct event *event)
{
	fields_word(fields, key, phase_word(event->flow.prev));
}

static void print_in_prev(struct fields *fields, const char *key, const struct event *event)
{
	fields_number_if(fields, key, event->flow.prev < PHASE_COUNT, event->flow.in_prev_us);
}

static void print_half(struct fields *fields, const char *key, const struct event *event)
{
	fields_word(fields, key, side_word(event->flow.half));
}

static void print_close(struct fields *fields, const char *key, const struct event *event)
{
	fields_word(fields, key, close_word(event->flow.close_reason));
}

static void print_closed_by(struct fields *fields, const char *key, const struct event *event)
{
	fields_word(fields, key, side_word(event->flow.closed_by));
}

static void print_handshake(struct fields *fields, const char *key, const struct event *event)
{
	flow_fields_us(fields, key, event->flow.handshake_us);
}

static void print_rtt(struct fields *fields, const char *key, const struct event *event)
{
	flow_fields_us(fields, key, event->flow.rtt_us);
}

/* The smaller of the two offers: what both ends keep to. */
static void print_mss(struct fields *fields, const char *key, const struct event *event)
{
	uint16_t a = event->flow.end[SIDE_CLIENT].mss, b = event->flow.end[SIDE_SERVER].mss;
	uint16_t mss = a == 0 || (b != 0 && b < a) ? b : a;

	fields_number_if(fields, key, mss != 0, mss);
}

static void print_scale(struct fields *fields, const char *key, const struct event *event)
{
	const struct end_record *end = event->flow.end;
	const uint64_t scale[2] = { end[0].scale, end[1].scale };
	const bool known[2] = { end[0].scale != 255, end[1].scale != 255 };

	fields_pair(fields, key, scale, known);
}

static void print_sack(struct fields *fields, const char *key, const struct event *event)
{
	fields_flag(fields, key, event->flow.sack);
}

/* In JSON `ts` is the time of the event. */
static void print_timestamps(struct fields *fields, const char *key, const struct event *event)
{
	fields_flag(fields, fields->object != NULL ? "timestamps" : key, event->flow.timestamps);
}

static void print_duration(struct fields *fields, const char *key, const struct event *event)
{
	fields_number(fields, key, flow_duration_us(&event->flow));
}

static void print_bytes(struct fields *fields, const char *key, const struct event *event)
{
	flow_fields_pair(fields, key, event->flow.end[0].bytes, event->flow.end[1].bytes);
}

static void print_packets(struct fields *fields, const char *key, const struct event *event)
{
	flow_fields_pair(fields, key, event->flow.end[0].packets, event->flow.end[1].packets);
}

static void print_retrans(struct fields *fields, const char *key, const struct event *event)
{
	flow_fields_pair(fields, key, event->flow.end[0].retrans, event->flow.end[1].retrans);
}

static void print_ooo(struct fields *fields, const char *key, const struct event *event)
{
	flow_fields_pair(fields, key, event->flow.end[0].ooo, event->flow.end[1].ooo);
}

static void print_conn_state(struct fields *fields, const char *key, const struct event *event)
{
	fields_word(fields, key, conn_state_word(event->flow.conn_state));
}

static void print_history(struct fields *fields, const char *key, const struct event *event)
{
	fields_word(fields, key, event->flow.history[0] != '\0' ? event->flow.history : NULL);
}

static void print_community_id(struct fields *fields, const char *key, const struct event *event)
{
	flow_fields_community_id(fields, key, &event->flow.at);
}

static void print_orig(struct fields *fields, const char *key, const struct event *event)
{
	fields_word(fields, key, event->flow.orig_guess ? "guess" : "seen");
}

static void print_sample(struct fields *fields, const char *key, const struct event *event)
{
	fields_number(fields, key, event->flow.sample);
}

/* Keys of packet-* events. */

static void print_drop_flow(struct fields *fields, const char *key, const struct event *event)
{
	flow_fields_id(fields, key, event->drop.flow);
}

static void print_drop_client(struct fields *fields, const char *key, const struct event *event)
{
	flow_fields_client(fields, key, &event->drop.at);
}

static void print_drop_server(struct fields *fields, const char *key, const struct event *event)
{
	flow_fields_server(fields, key, &event->drop.at);
}

static void print_dir(struct fields *fields, const char *key, const struct event *event)
{
	fields_word(fields, key, flow_dir_word(event->drop.dir));
}

static void print_drop_reason(struct fields *fields, const char *key, const struct event *event)
{
	fields_word(fields, key, reason_word(event->drop.reason));
}

static void print_seq(struct fields *fields, const char *key, const struct event *event)
{
	fields_number_if(fields, key, event->drop.has_segment, event->drop.seq);
}

static void print_ack(struct fields *fields, const char *key, const struct event *event)
{
	fields_number_if(fields, key, event->drop.has_segment && event->drop.has_ack, event->drop.ack);
}

static void print_len(struct fields *fields, const char *key, const struct event *event)
{
	fields_number_if(fields, key, event->drop.has_segment, event->drop.len);
}

/* The key itself says what the bound is of. */
static void print_allowed(struct fields *fields, const char *key, const struct event *event)
{
	static const char *const keys[] = {
		[ALLOWED_SEQ] = "allowed_seq",   [ALLOWED_ACK] = "allowed_ack",
		[ALLOWED_NEXT] = "allowed_next", [ALLOWED_TS] = "allowed_ts",
		[ALLOWED_RATE] = "allowed_rate",
	};
	const struct drop_record *drop = &event->drop;

	if (drop->allowed == ALLOWED_NOTHING)
		fields_unknown(fields, key);
	else
		fields_range(fields, keys[drop->allowed], drop->allowed_low, drop->allowed_high);
}

static void print_setting(struct fields *fields, const char *key, const struct event *event,
			  const struct services *services)
{
	unsigned service = drop_service(services, &event->drop), reason = event->drop.reason;
	const char *setting = reason_setting((enum reason)reason, (enum limiter)event->drop.limiter);
	int option = service_option(services, service, setting);
	char word[SETTING_PATH_SIZE];
	struct text text;

	text_init(&text, word, sizeof word);
	if (option >= 0)
		service_option_path(&text, services, service, (enum option_id)option);
	fields_word(fields, key, option >= 0 ? word : NULL);
}

static void print_drop_suppressed(struct fields *fields, const char *key, const struct event *event)
{
	fields_number(fields, key, event->drop.suppressed);
}

static void print_verdict(struct fields *fields, const char *key, const struct event *event)
{
	fields_word(fields, key, event->drop.monitor ? "would-drop" : "drop");
}

static void print_flags(struct fields *fields, const char *key, const struct event *event)
{
	char word[9] = "-";

	if (event->drop.has_segment)
		packet_flags_word(event->drop.flags, word);
	fields_word(fields, key, word);
}

static void print_drop_phase(struct fields *fields, const char *key, const struct event *event)
{
	fields_word(fields, key, phase_word(event->drop.phase));
}

/* Keys of all other events. */

static void print_half_open(struct fields *fields, const char *key, const struct event *event)
{
	fields_number(fields, key, event->notice.half_open);
}

static void print_destination(struct fields *fields, const char *key, const struct event *event)
{
	const struct flood_record *flood = &event->notice.flood;

	fields_endpoint(fields, key, flood->has_destination ? flood->destination : NULL, flood->destination_port,
			flood->has_destination);
}

static void print_lasted(struct fields *fields, const char *key, const struct event *event)
{
	fields_number(fields, key, event->notice.flood.lasted_us);
}

static void print_asked(struct fields *fields, const char *key, const struct event *event)
{
	fields_number(fields, key, event->notice.flood.asked);
}

static void print_passed(struct fields *fields, const char *key, const struct event *event)
{
	fields_number(fields, key, event->notice.flood.passed);
}

static void print_rate(struct fields *fields, const char *key, const struct event *event)
{
	fields_number(fields, key, event->notice.flood.rate);
}

static void print_top(struct fields *fields, const char *key, const struct event *event)
{
	char word[TOP_TEXT_SIZE];
	struct text text;

	text_init(&text, word, sizeof(word));
	top_text(&text, &event->notice.flood);
	fields_word(fields, key, text.len > 0 ? word : NULL);
}

static void print_flows(struct fields *fields, const char *key, const struct event *event)
{
	fields_number(fields, key, event->notice.flows);
}

static void print_flows_max(struct fields *fields, const char *key, const struct event *event)
{
	fields_number(fields, key, event->notice.flows_max);
}

static void print_count(struct fields *fields, const char *key, const struct event *event)
{
	fields_number(fields, key, event->notice.count);
}

/* 0: for ever */
static void print_seconds(struct fields *fields, const char *key, const struct event *event)
{
	fields_number_if(fields, key, event->notice.count != 0, event->notice.count);
}

static void print_suppressed(struct fields *fields, const char *key, const struct event *event)
{
	fields_number(fields, key, event->notice.suppressed);
}

static void print_source(struct fields *fields, const char *key, const struct event *event)
{
	char word[ADDRESS_PORT_SIZE];
	struct text text;

	text_init(&text, word, sizeof(word));
	address_prefix_text(&text, event->notice.prefix, event->notice.prefix_bits);
	fields_word(fields, key, event->notice.prefix_bits != 0 ? word : NULL);
}

static void print_reason(struct fields *fields, const char *key, const struct event *event)
{
	fields_word(fields, key, reason_word(event->notice.reason));
}

static void print_kind(struct fields *fields, const char *key, const struct event *event)
{
	fields_word(fields, key, event->notice.unjudged ? "unjudged" : "loss");
}

static void print_queue(struct fields *fields, const char *key, const struct event *event)
{
	fields_number(fields, key, event->notice.queue);
}

static void print_text(struct fields *fields, const char *key, const struct event *event)
{
	(void)key;
	fields_logfmt(fields, event->notice.text);
}

static const struct {
	const char *name;
	void (*print)(struct fields *fields, const char *key, const struct event *event);
} key_table[] = {
	[LINE_FLOW] = { "flow", print_flow },
	[LINE_CLIENT] = { "client", print_client },
	[LINE_SERVER] = { "server", print_server },
	[LINE_PHASE] = { "phase", print_phase },
	[LINE_PREV] = { "prev", print_prev },
	[LINE_IN_PREV] = { "in_prev_us", print_in_prev },
	[LINE_HALF] = { "half", print_half },
	[LINE_CLOSE] = { "reason", print_close },
	[LINE_CLOSED_BY] = { "closed_by", print_closed_by },
	[LINE_HANDSHAKE] = { "handshake_us", print_handshake },
	[LINE_RTT] = { "rtt_us", print_rtt },
	[LINE_MSS] = { "mss", print_mss },
	[LINE_SCALE] = { "wscale", print_scale },
	[LINE_SACK] = { "sack", print_sack },
	[LINE_TIMESTAMPS] = { "ts", print_timestamps },
	[LINE_DURATION] = { "duration_us", print_duration },
	[LINE_BYTES] = { "bytes", print_bytes },
	[LINE_PACKETS] = { "packets", print_packets },
	[LINE_RETRANS] = { "retrans", print_retrans },
	[LINE_OOO] = { "ooo", print_ooo },
	[LINE_CONN_STATE] = { "conn_state", print_conn_state },
	[LINE_HISTORY] = { "history", print_history },
	[LINE_COMMUNITY_ID] = { "community_id", print_community_id },
	[LINE_ORIG] = { "orig", print_orig },
	[LINE_SAMPLE] = { "sample", print_sample },
	[LINE_DROP_FLOW] = { "flow", print_drop_flow },
	[LINE_DROP_CLIENT] = { "client", print_drop_client },
	[LINE_DROP_SERVER] = { "server", print_drop_server },
	[LINE_DIR] = { "dir", print_dir },
	[LINE_DROP_REASON] = { "reason", print_drop_reason },
	[LINE_SEQ] = { "seq", print_seq },
	[LINE_ACK] = { "ack", print_ack },
	[LINE_LEN] = { "len", print_len },
	[LINE_ALLOWED] = { "allowed", print_allowed },
	[LINE_SETTING] = { "setting", NULL },
	[LINE_DROP_SUPPRESSED] = { "suppressed", print_drop_suppressed },
	[LINE_VERDICT] = { "verdict", print_verdict },
	[LINE_FLAGS] = { "flags", print_flags },
	[LINE_DROP_PHASE] = { "phase", print_drop_phase },
	[LINE_HALF_OPEN] = { "half_open", print_half_open },
	[LINE_DESTINATION] = { "destination", print_destination },
	[LINE_LASTED] = { "duration_us", print_lasted },
	[LINE_RATE] = { "syn_rate", print_rate },
	[LINE_TOP] = { "top", print_top },
	[LINE_ASKED] = { "syns", print_asked },
	[LINE_PASSED] = { "passed", print_passed },
	[LINE_FLOWS] = { "flows", print_flows },
	[LINE_FLOWS_MAX] = { "flows_max", print_flows_max },
	[LINE_COUNT] = { "count", print_count },
	[LINE_SECONDS] = { "seconds", print_seconds },
	[LINE_SUPPRESSED] = { "suppressed", print_suppressed },
	[LINE_SOURCE] = { "source", print_source },
	[LINE_REASON] = { "reason", print_reason },
	[LINE_KIND] = { "kind", print_kind },
	[LINE_QUEUE] = { "queue", print_queue },
	[LINE_TEXT] = { "", print_text },
};

void line_key_print(struct fields *fields, enum line_key key, const struct event *event,
		    const struct services *services)
{
	if (key == LINE_SETTING) /* the only one that asks for services */
		print_setting(fields, key_table[key].name, event, services);
	else
		key_table[key].print(fields, key_table[key].name, event);
}
