/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event lines: every key of the log in its order, unknowns, escaping; JSON says the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>

#include "report/line.h"
#include "samples.h"
#include "tables/settings.h"

#define WHO "flow=" SAMPLE_ID " client=128.232.110.120:34855 server=66.35.250.204:80"

static char buffer[REPORT_LINE_SIZE];

static const char *line(const struct event *event, int format, const char *file)
{
	struct text text;

	text_init(&text, buffer, sizeof(buffer));
	report_line(&text, event, NULL, format, file, SAMPLE_WALL);
	assert_false(text.truncated);
	return buffer;
}

static const char *logfmt(const struct event *event)
{
	return line(event, FORMAT_LOGFMT, NULL);
}

static json_t *json(const struct event *event)
{
	json_t *object = json_loads(line(event, FORMAT_JSON, NULL), JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(object);
	return object;
}

static struct event flow_event(enum event_kind kind)
{
	struct event event = { .kind = kind, .now_ns = 412999, .flow = sample_flow() };

	return event;
}

static void established(void **state)
{
	struct event event = flow_event(EVENT_FLOW_ESTABLISHED);

	(void)state;
	event.flow.phase = PHASE_ESTABLISHED;
	event.flow.prev = PHASE_SYN_RECV;
	event.flow.timestamps = true;
	event.flow.end[SIDE_SERVER].scale = 9;
	assert_string_equal(logfmt(&event), "event=flow-established " WHO " phase=ESTABLISHED prev=SYN_RECV "
			    "in_prev_us=412 handshake_us=1210 mss=1400 wscale=7/9 sack=yes ts=yes");
	event.flow.handshake_us = UNKNOWN_US;
	event.flow.prev = PHASE_COUNT;
	event.flow.end[SIDE_CLIENT].mss = 0;
	event.flow.end[SIDE_SERVER].mss = 0;
	event.flow.end[SIDE_SERVER].scale = 255;
	event.flow.sack = event.flow.timestamps = false;
	assert_string_equal(logfmt(&event), "event=flow-established " WHO " phase=ESTABLISHED prev=- "
			    "in_prev_us=- handshake_us=- mss=- wscale=7/- sack=no ts=no");
}

static void closed(void **state)
{
	struct event event = flow_event(EVENT_FLOW_CLOSED);

	(void)state;
	assert_string_equal(logfmt(&event), "event=flow-closed " WHO " reason=fin closed_by=client "
			    "duration_us=1500000 bytes=812/120431 packets=9/88 retrans=0/2 ooo=1/0 rtt_us=830 "
			    "phase=TIME_WAIT conn_state=SF history=ShADadFf "
			    "community_id=1:LQU9qZlK+B5F3KDmev6m5PMibrg= orig=seen");
	event.flow.orig_guess = true;
	event.flow.closed_by = SIDE_NONE;
	event.flow.close_reason = CLOSE_NONE;
	event.flow.rtt_us = UNKNOWN_US;
	event.flow.history[0] = '\0';
	event.flow.at.family = 0;
	assert_string_equal(logfmt(&event), "event=flow-closed flow=" SAMPLE_ID " client=- server=- reason=- "
			    "closed_by=- duration_us=1500000 bytes=812/120431 packets=9/88 retrans=0/2 ooo=1/0 "
			    "rtt_us=- phase=TIME_WAIT conn_state=SF history=- community_id=- orig=guess");
}

static void other_flow_events(void **state)
{
	static const struct {
		enum event_kind kind;
		const char *more;
	} cases[] = {
		{ EVENT_FLOW_SYNACK, "" },
		{ EVENT_FLOW_PICKED_UP, " orig=seen" },
		{ EVENT_FLOW_FIN, " closed_by=client" },
		{ EVENT_FLOW_HALF_CLOSED, " half=server" },
		{ EVENT_FLOW_CLOSING, "" },
		{ EVENT_FLOW_LAST_ACK, "" },
		{ EVENT_FLOW_TIME_WAIT, "" },
		{ EVENT_FLOW_RESET, " reason=fin closed_by=client" },
		{ EVENT_FLOW_RESTORED, "" },
	};
	char expected[512];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct event event = flow_event(cases[i].kind);

		event.flow.half = SIDE_SERVER;
		snprintf(expected, sizeof(expected), "event=%s " WHO " phase=TIME_WAIT prev=LAST_ACK in_prev_us=412%s",
			 event_word(cases[i].kind), cases[i].more);
		assert_string_equal(logfmt(&event), expected);
	}
}

static void ipv6_has_brackets(void **state)
{
	struct event event = flow_event(EVENT_FLOW_NEW);

	(void)state;
	event.flow.at = sample_endpoints6();
	event.flow.phase = PHASE_SYN_SENT;
	assert_string_equal(logfmt(&event), "event=flow-new flow=" SAMPLE_ID
			    " client=[2001:db8::1]:1 server=[fe80::2]:65535 phase=SYN_SENT");
}

static void dropped(void **state)
{
	struct event event = { .kind = EVENT_PACKET_DROPPED, .drop = sample_drop() };

	(void)state;
	assert_string_equal(logfmt(&event), "event=packet-dropped " WHO " dir=> reason=ack-high seq=5001 ack=9999 "
			    "len=0 allowed_ack=4294902297..1001 setting=policy.ack_high suppressed=0 verdict=drop "
			    "flags=A phase=ESTABLISHED");
	event.drop.monitor = true;
	event.drop.dir = SIDE_SERVER;
	event.drop.suppressed = 41;
	event.drop.reason = REASON_SEQ_HIGH;
	event.drop.allowed = ALLOWED_SEQ;
	event.drop.has_ack = false;
	event.drop.flags = 0;
	assert_string_equal(logfmt(&event), "event=packet-dropped " WHO " dir=< reason=seq-high seq=5001 ack=- "
			    "len=0 allowed_seq=4294902297..1001 setting=policy.seq_high suppressed=41 "
			    "verdict=would-drop flags=- phase=ESTABLISHED");
}

static void dropped_without_a_flow(void **state)
{
	struct event event = { .kind = EVENT_PACKET_DROPPED };

	(void)state;
	event.drop.reason = REASON_MALFORMED_IP;
	event.drop.dir = SIDE_NONE;
	event.drop.phase = PHASE_COUNT;
	assert_string_equal(logfmt(&event), "event=packet-dropped flow=- client=- server=- dir=- "
			    "reason=malformed-ip seq=- ack=- len=- allowed=- setting=- suppressed=0 verdict=drop "
			    "flags=- phase=-");
}

static void remarked(void **state)
{
	struct event event = { .kind = EVENT_PACKET_REMARKED, .drop = sample_drop() };

	(void)state;
	event.drop.reason = REASON_OLD_SEQ;
	assert_string_equal(logfmt(&event), "event=packet-remarked " WHO " dir=> reason=old-seq seq=5001 ack=9999 "
			    "len=0 suppressed=0 flags=A phase=ESTABLISHED");
}

static void notices(void **state)
{
	struct event event = { .kind = EVENT_FLOOD_START };

	(void)state;
	event.notice.half_open = 5;
	event.notice.flows = 6;
	event.notice.flows_max = 7;
	event.notice.count = 8;
	event.notice.suppressed = 9;
	event.notice.queue = 10;
	event.notice.reason = REASON_SYN_RATE_SOURCE;
	event.notice.prefix_bits = 128;
	sample_ipv4(event.notice.prefix, 192, 0, 2, 1);
	assert_string_equal(
		logfmt(&event),
		"event=flood-start half_open=5 flows=6 flows_max=7 destination=- syn_rate=0 top=-");
	event.kind = EVENT_FLOOD_STOP;
	event.notice.flood = (struct flood_record){
		.has_destination = true, .destination_port = 443, .lasted_us = 11, .asked = 12, .passed = 13,
		.rate = 14,
		.top = { { .bits = 112, .percent = 60 },
			 { .address = { 0x20, 1 }, .bits = 32, .percent = 5 } },
		.top_count = 2,
	};
	sample_ipv4(event.notice.flood.top[0].address, 198, 18, 0, 0);
	sample_ipv4(event.notice.flood.destination, 192, 0, 2, 2);
	assert_string_equal(
		logfmt(&event),
		"event=flood-stop half_open=5 flows=6 flows_max=7 destination=192.0.2.2:443 "
		"syn_rate=14 top=198.18.0.0/16:60%,2001::/32:5% duration_us=11 syns=12 passed=13");
	event.kind = EVENT_SOURCE_LIMITED;
	assert_string_equal(logfmt(&event), "event=source-limited source=192.0.2.1/32 reason=syn-rate-source "
			    "suppressed=9");
	event.kind = EVENT_TABLE_FULL;
	assert_string_equal(logfmt(&event), "event=table-full flows=6 flows_max=7 half_open=5 suppressed=9");
	event.kind = EVENT_VISIBILITY_LOST;
	assert_string_equal(logfmt(&event), "event=visibility-lost kind=loss queue=10 count=8");
	event.notice.unjudged = true;
	assert_string_equal(logfmt(&event), "event=visibility-lost kind=unjudged queue=10 count=8");
	event.kind = EVENT_EVENTS_LOST;
	assert_string_equal(logfmt(&event), "event=events-lost count=8");
}

static void free_text_cannot_forge(void **state)
{
	struct event event = { .kind = EVENT_CONFIG_REJECTED };

	(void)state;
	snprintf(event.notice.text, sizeof(event.notice.text), "errors=2 first=\"a \\\"b\\\" c\"\nevent=forged x=\x1b");
	assert_string_equal(logfmt(&event), "event=config-rejected errors=2 first=\"a \\\"b\\\" c\" "
			    "_event=forged x=\"\\x1b\"");
}

static void json_splits_the_keys(void **state)
{
	struct event event = flow_event(EVENT_FLOW_CLOSED);

	(void)state;
	assert_string_equal(line(&event, FORMAT_JSON, "a b.pcap"),
			    "{\"event\":\"flow-closed\",\"ts\":1700000000.000412,\"flow\":\"" SAMPLE_ID "\","
			    "\"client\":\"128.232.110.120\",\"client_port\":34855,\"server\":\"66.35.250.204\","
			    "\"server_port\":80,\"reason\":\"fin\",\"closed_by\":\"client\",\"duration_us\":1500000,"
			    "\"client_bytes\":812,\"server_bytes\":120431,\"client_packets\":9,\"server_packets\":88,"
			    "\"client_retrans\":0,\"server_retrans\":2,\"client_ooo\":1,\"server_ooo\":0,"
			    "\"rtt_us\":830,\"phase\":\"TIME_WAIT\",\"conn_state\":\"SF\",\"history\":\"ShADadFf\","
			    "\"community_id\":\"1:LQU9qZlK+B5F3KDmev6m5PMibrg=\",\"orig\":\"seen\","
			    "\"file\":\"a b.pcap\"}");
	event.kind = EVENT_FLOW_ESTABLISHED;
	assert_string_equal(line(&event, FORMAT_JSON, NULL),
			    "{\"event\":\"flow-established\",\"ts\":1700000000.000412,\"flow\":\"" SAMPLE_ID "\","
			    "\"client\":\"128.232.110.120\",\"client_port\":34855,\"server\":\"66.35.250.204\","
			    "\"server_port\":80,\"phase\":\"TIME_WAIT\",\"prev\":\"LAST_ACK\",\"in_prev_us\":412,"
			    "\"handshake_us\":1210,\"mss\":1400,\"client_wscale\":7,\"server_wscale\":null,"
			    "\"sack\":true,\"timestamps\":false}");
}

static void json_drop(void **state)
{
	struct event event = { .kind = EVENT_PACKET_DROPPED, .drop = sample_drop() };
	json_t *object = json(&event);

	(void)state;
	assert_int_equal(json_integer_value(json_object_get(object, "allowed_ack_low")), 4294902297);
	assert_int_equal(json_integer_value(json_object_get(object, "allowed_ack_high")), 1001);
	assert_string_equal(json_string_value(json_object_get(object, "dir")), ">");
	assert_string_equal(json_string_value(json_object_get(object, "verdict")), "drop");
	json_decref(object);
	event.drop.at.family = 0;
	event.drop.has_segment = false;
	object = json(&event);
	assert_true(json_is_null(json_object_get(object, "client")));
	assert_true(json_is_null(json_object_get(object, "client_port")));
	assert_true(json_is_null(json_object_get(object, "seq")));
	json_decref(object);
}

static void json_takes_free_text_apart(void **state)
{
	struct event event = { .kind = EVENT_STARTED };
	json_t *object;

	(void)state;
	snprintf(event.notice.text, sizeof(event.notice.text), "version=\"1.0 x\" queues=2 zero=007 bad=\xff");
	object = json(&event);
	assert_string_equal(json_string_value(json_object_get(object, "version")), "1.0 x");
	assert_int_equal(json_integer_value(json_object_get(object, "queues")), 2);
	assert_string_equal(json_string_value(json_object_get(object, "zero")), "007");
	assert_string_equal(json_string_value(json_object_get(object, "bad")), "\\xff");
	json_decref(object);
}

/* Whatever the kind: event= first, a JSON object of the same event, no byte outside printable ASCII. */
static void every_kind_has_a_line(void **state)
{
	(void)state;
	for (enum event_kind kind = 0; kind < EVENT_COUNT; kind++) {
		struct event event = { .kind = kind };
		json_t *object = json(&event);

		assert_string_equal(json_string_value(json_object_get(object, "event")), event_word(kind));
		assert_true(json_is_number(json_object_get(object, "ts")));
		json_decref(object);
		assert_memory_equal(logfmt(&event), "event=", 6);
		for (const char *p = buffer; *p != '\0'; p++)
			assert_in_range(*p, 0x20, 0x7e);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(established),
		cmocka_unit_test(closed),
		cmocka_unit_test(other_flow_events),
		cmocka_unit_test(ipv6_has_brackets),
		cmocka_unit_test(dropped),
		cmocka_unit_test(dropped_without_a_flow),
		cmocka_unit_test(remarked),
		cmocka_unit_test(notices),
		cmocka_unit_test(free_text_cannot_forge),
		cmocka_unit_test(json_splits_the_keys),
		cmocka_unit_test(json_drop),
		cmocka_unit_test(json_takes_free_text_apart),
		cmocka_unit_test(every_kind_has_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
