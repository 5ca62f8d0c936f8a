/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EVE: keys and types as Suricata documents them for flow and drop, and the object tcpwarden besides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>

#include "report/line.h"
#include "samples.h"
#include "tables/settings.h"

static char buffer[REPORT_LINE_SIZE];

static json_t *eve(const struct event *event)
{
	struct text text;
	json_t *object;

	text_init(&text, buffer, sizeof(buffer));
	report_line(&text, event, NULL, FORMAT_EVE, NULL, SAMPLE_WALL);
	assert_false(text.truncated);
	object = json_loads(buffer, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(object);
	return object;
}

static const char *word(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value != NULL ? value : "";
}

static json_int_t number(const json_t *object, const char *key)
{
	assert_true(json_is_integer(json_object_get(object, key)));
	return json_integer_value(json_object_get(object, key));
}

static void common_keys(const json_t *object, const char *type)
{
	assert_string_equal(word(object, "timestamp"), "2023-11-14T22:13:20.000412+0000");
	assert_int_equal(number(object, "flow_id"), SAMPLE_FLOW & ((UINT64_C(1) << 51) - 1));
	assert_string_equal(word(object, "event_type"), type);
	assert_string_equal(word(object, "proto"), "TCP");
	assert_string_equal(word(object, "community_id"), "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
	assert_string_equal(word(json_object_get(object, "tcpwarden"), "flow"), SAMPLE_ID);
}

static void a_closed_flow_is_a_flow(void **state)
{
	struct event event = { .kind = EVENT_FLOW_CLOSED, .now_ns = 412000, .flow = sample_flow() };
	json_t *object = eve(&event), *flow = json_object_get(object, "flow"), *tcp = json_object_get(object, "tcp");

	(void)state;
	common_keys(object, "flow");
	assert_string_equal(word(object, "src_ip"), "128.232.110.120");
	assert_int_equal(number(object, "src_port"), 34855);
	assert_string_equal(word(object, "dest_ip"), "66.35.250.204");
	assert_int_equal(number(object, "dest_port"), 80);
	assert_int_equal(number(flow, "pkts_toserver"), 9);
	assert_int_equal(number(flow, "pkts_toclient"), 88);
	assert_int_equal(number(flow, "bytes_toserver"), 812);
	assert_int_equal(number(flow, "bytes_toclient"), 120431);
	assert_string_equal(word(flow, "start"), "2023-11-14T22:13:20.000412+0000");
	assert_string_equal(word(flow, "end"), "2023-11-14T22:13:21.500412+0000");
	assert_int_equal(number(flow, "age"), 1);
	assert_string_equal(word(flow, "state"), "closed");
	assert_string_equal(word(flow, "reason"), "timeout");
	assert_true(json_is_false(json_object_get(flow, "alerted")));
	assert_true(json_is_true(json_object_get(tcp, "syn")));
	assert_true(json_is_true(json_object_get(tcp, "fin")));
	assert_string_equal(word(tcp, "tcp_flags"), "13");
	assert_string_equal(word(tcp, "tcp_flags_ts"), "13");
	assert_string_equal(word(tcp, "tcp_flags_tc"), "13");
	assert_null(json_object_get(tcp, "rst"));
	assert_string_equal(word(tcp, "state"), "closed");
	assert_string_equal(word(json_object_get(object, "tcpwarden"), "reason"), "fin");
	json_decref(object);
}

static void states_are_in_its_words(void **state)
{
	static const struct {
		enum phase phase;
		enum side closed_by;
		enum close_reason reason;
		const char *flow, *why, *tcp;
	} rows[] = {
		{ PHASE_SYN_SENT, SIDE_NONE, CLOSE_TIMEOUT, "new", "timeout", "syn_sent" },
		{ PHASE_SYN_RECV, SIDE_NONE, CLOSE_EVICTED, "new", "forced", "syn_recv" },
		{ PHASE_ESTABLISHED, SIDE_NONE, CLOSE_FLUSHED, "established", "shutdown", "established" },
		{ PHASE_ESTABLISHED, SIDE_NONE, CLOSE_REPLACED, "established", "tcp_reuse", "established" },
		{ PHASE_FIN_WAIT, SIDE_SERVER, CLOSE_TIMEOUT, "established", "timeout", "fin_wait1" },
		{ PHASE_HALF_CLOSED, SIDE_SERVER, CLOSE_TIMEOUT, "established", "timeout", "fin_wait2" },
		{ PHASE_HALF_CLOSED, SIDE_CLIENT, CLOSE_TIMEOUT, "established", "timeout", "close_wait" },
		{ PHASE_LAST_ACK, SIDE_CLIENT, CLOSE_TIMEOUT, "closed", "timeout", "last_ack" },
		{ PHASE_CLOSED, SIDE_CLIENT, CLOSE_RESET, "closed", "timeout", "closed" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct event event = { .kind = EVENT_FLOW_CLOSED, .flow = sample_flow() };

		event.flow.phase = (uint8_t)rows[i].phase;
		event.flow.closed_by = (uint8_t)rows[i].closed_by;
		event.flow.close_reason = (uint8_t)rows[i].reason;
		json_t *object = eve(&event);
		assert_string_equal(word(json_object_get(object, "flow"), "state"), rows[i].flow);
		assert_string_equal(word(json_object_get(object, "flow"), "reason"), rows[i].why);
		assert_string_equal(word(json_object_get(object, "tcp"), "state"), rows[i].tcp);
		json_decref(object);
	}
}

static void a_dropped_packet_is_a_drop_from_its_sender(void **state)
{
	struct event event = { .kind = EVENT_PACKET_DROPPED, .now_ns = 412000, .drop = sample_drop() };

	(void)state;
	event.drop.dir = SIDE_SERVER;
	json_t *object = eve(&event), *drop = json_object_get(object, "drop");
	common_keys(object, "drop");
	assert_string_equal(word(object, "src_ip"), "66.35.250.204");
	assert_int_equal(number(object, "dest_port"), 34855);
	assert_string_equal(word(object, "direction"), "to_client");
	assert_int_equal(number(drop, "tcpseq"), 5001);
	assert_int_equal(number(drop, "tcpack"), 9999);
	assert_true(json_is_true(json_object_get(drop, "ack")));
	assert_true(json_is_false(json_object_get(drop, "syn")));
	assert_string_equal(word(drop, "reason"), "ack-high");
	assert_string_equal(word(json_object_get(object, "tcpwarden"), "setting"), "policy.ack_high");
	json_decref(object);
}

/* Which flag came from whom, in the letters of each. */
static void flags_are_told_by_direction(void **state)
{
	static const struct {
		const char *history, *both, *to_server, *to_client;
	} rows[] = {
		{ "S", "02", "02", "00" },
		{ "Sr", "06", "02", "04" },
		{ "ShAR", "16", "16", "12" },
		{ "ShADdf", "13", "12", "13" },
		{ "^dD", "10", "10", "10" },
		{ "", "00", "00", "00" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct event event = { .kind = EVENT_FLOW_CLOSED, .flow = sample_flow() };

		snprintf(event.flow.history, sizeof event.flow.history, "%s", rows[i].history);
		json_t *object = eve(&event), *tcp = json_object_get(object, "tcp");
		assert_string_equal(word(tcp, "tcp_flags"), rows[i].both);
		assert_string_equal(word(tcp, "tcp_flags_ts"), rows[i].to_server);
		assert_string_equal(word(tcp, "tcp_flags_tc"), rows[i].to_client);
		json_decref(object);
	}
}

/* A history of 16 letters says nothing of how a long connection ended; one of 15 says all. */
static void flags_of_a_long_connection_have_its_end(void **state)
{
	static const struct {
		const char *history;
		enum conn_state state;
		const char *to_server, *to_client;
	} rows[] = {
		{ "ShADadtTgGwWtTwW", CONN_STATE_SF, "13", "13" },
		{ "ShADadtTgGwWtTwW", CONN_STATE_S2, "13", "12" },
		{ "ShADadtTgGwWtTwW", CONN_STATE_S3, "12", "13" },
		{ "ShADadtTgGwWtTwW", CONN_STATE_RSTO, "16", "12" },
		{ "ShADadtTgGwWtTwW", CONN_STATE_RSTR, "12", "16" },
		{ "ShADadtTgGwWtTwW", CONN_STATE_S1, "12", "12" },
		{ "ShADadtTgGwWtTwF", CONN_STATE_RSTR, "13", "16" },
		{ "ShADadtTgGwWtTw", CONN_STATE_SF, "12", "12" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct event event = { .kind = EVENT_FLOW_CLOSED, .flow = sample_flow() };

		snprintf(event.flow.history, sizeof event.flow.history, "%s", rows[i].history);
		event.flow.conn_state = (uint8_t)rows[i].state;
		json_t *object = eve(&event), *tcp = json_object_get(object, "tcp");
		assert_string_equal(word(tcp, "tcp_flags_ts"), rows[i].to_server);
		assert_string_equal(word(tcp, "tcp_flags_tc"), rows[i].to_client);
		json_decref(object);
	}
}

static void a_drop_has_the_headers_of_its_packet(void **state)
{
	struct event event = { .kind = EVENT_PACKET_DROPPED, .drop = sample_drop() };

	(void)state;
	event.drop.header = (struct header_record){ .version = 4, .tos = 8, .ttl = 63, .length = 52, .id = 4711,
						    .has_tcp = true, .reserved = 1, .window = 502, .urgent = 3 };
	json_t *object = eve(&event), *drop = json_object_get(object, "drop");
	assert_int_equal(number(drop, "len"), 52);
	assert_int_equal(number(drop, "tos"), 8);
	assert_int_equal(number(drop, "ttl"), 63);
	assert_int_equal(number(drop, "ipid"), 4711);
	assert_int_equal(number(drop, "tcpwin"), 502);
	assert_int_equal(number(drop, "tcpres"), 1);
	assert_int_equal(number(drop, "tcpurgp"), 3);
	json_decref(object);
	event.drop.header = (struct header_record){
		.version = 6, .tos = 2, .ttl = 64, .length = 32, .flow_label = 70000
	};
	object = eve(&event);
	drop = json_object_get(object, "drop");
	assert_int_equal(number(drop, "len"), 32);
	assert_int_equal(number(drop, "tc"), 2);
	assert_int_equal(number(drop, "hoplimit"), 64);
	assert_int_equal(number(drop, "flowlbl"), 70000);
	assert_null(json_object_get(drop, "tcpwin"));
	assert_null(json_object_get(drop, "ttl"));
	json_decref(object);
}

/* Of both protocols, and without a header that could be read. */
static void an_icmp_error_is_no_tcp(void **state)
{
	struct event event = { .kind = EVENT_PACKET_DROPPED, .drop = sample_drop() };
	json_t *object;

	(void)state;
	event.drop.has_segment = false;
	event.drop.reason = REASON_ICMP_BAD_MTU;
	event.drop.header = (struct header_record){ .version = 4, .has_icmp = true, .icmp_type = 3, .icmp_code = 4 };
	object = eve(&event);
	assert_string_equal(word(object, "proto"), "ICMP");
	assert_int_equal(number(object, "icmp_type"), 3);
	assert_int_equal(number(object, "icmp_code"), 4);
	assert_string_equal(word(object, "src_ip"), "128.232.110.120");
	json_decref(object);
	event.drop.at.family = 6;
	event.drop.header = (struct header_record){ .version = 6 };
	object = eve(&event);
	assert_string_equal(word(object, "proto"), "IPv6-ICMP");
	assert_null(json_object_get(object, "icmp_type"));
	json_decref(object);
}

static void all_others_are_our_own(void **state)
{
	struct event event = { .kind = EVENT_STARTED, .now_ns = 412000 };
	json_t *object;

	(void)state;
	snprintf(event.notice.text, sizeof(event.notice.text), "version=1 queues=0..1");
	object = eve(&event);
	assert_string_equal(word(object, "event_type"), "tcpwarden");
	assert_null(json_object_get(object, "src_ip"));
	assert_null(json_object_get(object, "flow_id"));
	assert_string_equal(word(json_object_get(object, "tcpwarden"), "event"), "started");
	json_decref(object);
	event = (struct event){ .kind = EVENT_FLOW_NEW, .now_ns = 412000, .flow = sample_flow() };
	object = eve(&event);
	common_keys(object, "tcpwarden");
	assert_null(json_object_get(object, "flow"));
	json_decref(object);
}

/* Before 1970 as after it. */
static void times_are_rounded_down(void **state)
{
	struct event event = { .kind = EVENT_STARTED };
	struct text text;

	(void)state;
	text_init(&text, buffer, sizeof(buffer));
	report_line(&text, &event, NULL, FORMAT_EVE, NULL, -1);
	assert_non_null(strstr(buffer, "\"timestamp\":\"1969-12-31T23:59:59.999999+0000\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_closed_flow_is_a_flow),
		cmocka_unit_test(states_are_in_its_words),
		cmocka_unit_test(flags_are_told_by_direction),
		cmocka_unit_test(flags_of_a_long_connection_have_its_end),
		cmocka_unit_test(a_drop_has_the_headers_of_its_packet),
		cmocka_unit_test(a_dropped_packet_is_a_drop_from_its_sender),
		cmocka_unit_test(an_icmp_error_is_no_tcp),
		cmocka_unit_test(all_others_are_our_own),
		cmocka_unit_test(times_are_rounded_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
