/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of --flows: aligned text, and JSON with keys in their order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>

#include "report/flow_row.h"
#include "report/line.h"
#include "samples.h"

static char buffer[REPORT_LINE_SIZE];

static const char *row_json(const struct flow_record *flow, const char *file)
{
	struct text text;

	text_init(&text, buffer, sizeof(buffer));
	flow_row_json(&text, flow, SAMPLE_WALL, file);
	return buffer;
}

static void json_has_every_key_in_order(void **state)
{
	struct flow_record flow = sample_flow();

	(void)state;
	assert_string_equal(row_json(&flow, NULL),
			    "{\"flow\":\"" SAMPLE_ID "\",\"client\":\"128.232.110.120\",\"client_port\":34855,"
			    "\"server\":\"66.35.250.204\",\"server_port\":80,\"start\":1700000000.000412,"
			    "\"duration_us\":1500000,\"reason\":\"fin\",\"closed_by\":\"client\","
			    "\"phase\":\"TIME_WAIT\",\"client_bytes\":812,\"server_bytes\":120431,"
			    "\"client_packets\":9,\"server_packets\":88,\"client_retrans\":0,\"server_retrans\":2,"
			    "\"client_ooo\":1,\"server_ooo\":0,\"dropped\":3,\"handshake_us\":1210,\"rtt_us\":830,"
			    "\"conn_state\":\"SF\",\"history\":\"ShADadFf\",\"orig\":\"seen\","
			    "\"community_id\":\"1:LQU9qZlK+B5F3KDmev6m5PMibrg=\"}");
}

static void json_unknown_is_null(void **state)
{
	static const char *const nulls[] = { "closed_by", "handshake_us", "rtt_us", "history" };
	struct flow_record flow = sample_flow();
	json_t *object;

	(void)state;
	flow.closed_by = SIDE_NONE;
	flow.handshake_us = flow.rtt_us = UNKNOWN_US;
	flow.history[0] = '\0';
	flow.orig_guess = true;
	flow.last_ns = 0; /* before the start: no duration */
	object = json_loads(row_json(&flow, "dir/\xff.pcap"), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(object);
	for (size_t i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++)
		assert_true(json_is_null(json_object_get(object, nulls[i])));
	assert_string_equal(json_string_value(json_object_get(object, "orig")), "guess");
	assert_string_equal(json_string_value(json_object_get(object, "file")), "dir/\\xff.pcap");
	assert_int_equal(json_integer_value(json_object_get(object, "duration_us")), 0);
	json_decref(object);
}

static void text_is_aligned(void **state)
{
	struct flow_record flow = sample_flow();
	char heading[512];
	struct text text;

	(void)state;
	text_init(&text, heading, sizeof(heading));
	flow_row_heading(&text);
	text_init(&text, buffer, sizeof(buffer));
	flow_row_text(&text, &flow, SAMPLE_WALL);
	assert_string_equal(buffer, SAMPLE_ID " 128.232.110.120:34855 66.35.250.204:80      22:13:20.000412     "
			    "1.500000 fin         client SF            812/120431          9/88       0/2       3 "
			    "     830 ShADadFf");
	assert_int_equal(strstr(heading, "history") - heading, strstr(buffer, "ShADadFf") - buffer);
	assert_int_equal(strstr(heading, "start") - heading, strstr(buffer, "22:13") - buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_has_every_key_in_order),
		cmocka_unit_test(json_unknown_is_null),
		cmocka_unit_test(text_is_aligned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
