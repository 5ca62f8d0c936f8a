/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of --packets: relative numbers in text, absolute ones in JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>

#include "report/line.h"
#include "report/packet_line.h"
#include "samples.h"

struct fixture {
	struct packet packet;
	struct decision decision;
	struct packet_line line;
	struct isn_table *isns;
};

static char buffer[REPORT_LINE_SIZE];

static int setup(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){ .isns = isn_table_new() };
	fixture.packet.kind = PACKET_TCP;
	fixture.decision.judged = true;
	fixture.decision.reason = REASON_NONE;
	fixture.decision.has_flow = true;
	fixture.decision.flow_id = SAMPLE_FLOW;
	fixture.decision.phase = PHASE_ESTABLISHED;
	fixture.decision.at = sample_endpoints();
	fixture.line = (struct packet_line){
		.number = 7, .wall_ns = SAMPLE_WALL + 412000, .relative_ns = 412000,
		.packet = &fixture.packet, .decision = &fixture.decision,
	};
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	isn_table_free(f->isns);
	return 0;
}

static const char *text_of(struct fixture *f)
{
	struct text text;

	text_init(&text, buffer, sizeof(buffer));
	packet_line_text(&text, &f->line, f->isns);
	return buffer;
}

static const char *json_of(struct fixture *f)
{
	struct text text;

	text_init(&text, buffer, sizeof(buffer));
	packet_line_json(&text, &f->line);
	return buffer;
}

static void set_segment(struct fixture *f, enum side dir, unsigned flags, uint32_t seq, uint32_t ack,
			uint32_t len)
{
	f->decision.dir = dir;
	f->packet.segment = (struct segment){ .flags = (uint16_t)flags, .seq = seq, .ack = ack, .len = len };
}

/* Both SYNs: the client begins at 1000, the server just before the numbers wrap. */
static void open_flow(struct fixture *f)
{
	f->decision.phase = PHASE_SYN_SENT;
	set_segment(f, SIDE_CLIENT, TCP_SYN, 1000, 0, 0);
	assert_string_equal(text_of(f), "     7     0.000412  128.232.110.120:34855 > 66.35.250.204:80"
			    "  S    seq=0 len=0  SYN_SENT  accept");
	f->decision.phase = PHASE_SYN_RECV;
	set_segment(f, SIDE_SERVER, TCP_SYN | TCP_ACK, UINT32_MAX, 1001, 0);
	assert_string_equal(text_of(f), "     7     0.000412  128.232.110.120:34855 < 66.35.250.204:80"
			    "  SA   seq=0 ack=1 len=0  SYN_RECV  accept");
	f->decision.phase = PHASE_ESTABLISHED;
}

static void numbers_are_relative(void **state)
{
	struct fixture *f = *state;

	open_flow(f);
	set_segment(f, SIDE_CLIENT, TCP_PSH | TCP_ACK, 1001, 0, 100);
	assert_string_equal(text_of(f), "     7     0.000412  128.232.110.120:34855 > 66.35.250.204:80"
			    "  PA   seq=1 ack=1 len=100  ESTABLISHED  accept");
}

static void a_drop_says_what_was_allowed(void **state)
{
	struct fixture *f = *state;

	open_flow(f);
	set_segment(f, SIDE_CLIENT, TCP_ACK, 1001, 4998, 0);
	f->decision.verdict = VERDICT_DROP;
	f->decision.reason = REASON_ACK_HIGH;
	f->decision.remarks = reason_bit(REASON_TS_MISSING) | reason_bit(REASON_ZERO_WINDOW);
	f->decision.allowed = ALLOWED_ACK;
	f->decision.allowed_low = (uint32_t)-66000;
	f->decision.allowed_high = 0;
	assert_string_equal(text_of(f), "     7     0.000412  128.232.110.120:34855 > 66.35.250.204:80"
			    "  A    seq=1 ack=4999 len=0  ESTABLISHED  drop ack-high: ack 4999 is not in -65999..1"
			    " (policy.ack_high) [ts-missing zero-window]");
}

static void foreign_syns_teach_nothing(void **state)
{
	struct fixture *f = *state;

	open_flow(f);
	set_segment(f, SIDE_CLIENT, TCP_SYN, 777000, 0, 0);
	f->decision.remarks = reason_bit(REASON_SHADOW_SYN);
	text_of(f);
	f->decision.remarks = 0;
	f->decision.reason = REASON_SHADOW_RATE;
	f->decision.verdict = VERDICT_DROP;
	text_of(f);
	assert_int_equal(isn_table_find(f->isns, SAMPLE_FLOW)->isn[SIDE_CLIENT], 1000);
}

static void without_syns_numbers_are_absolute(void **state)
{
	struct fixture *f = *state;

	set_segment(f, SIDE_SERVER, TCP_ACK, 5001, 9999, 1);
	f->decision.would_drop = true;
	f->decision.reason = REASON_BAD_RST;
	assert_string_equal(text_of(f), "     7     0.000412  128.232.110.120:34855 < 66.35.250.204:80"
			    "  A    seq=5001 ack=9999 len=1  ESTABLISHED  would-drop bad-rst");
}

static void json_as_documented(void **state)
{
	struct fixture *f = *state;

	set_segment(f, SIDE_CLIENT, TCP_PSH | TCP_ACK, 1001, 5001, 100);
	f->decision.remarks = reason_bit(REASON_OLD_SEQ) | reason_bit(REASON_PAWS);
	assert_string_equal(json_of(f), "{\"n\":7,\"ts\":1700000000.000412,\"flow\":\"" SAMPLE_ID "\","
			    "\"client\":\"128.232.110.120\",\"client_port\":34855,\"server\":\"66.35.250.204\","
			    "\"server_port\":80,\"dir\":\">\",\"flags\":\"PA\",\"seq\":1001,\"ack\":5001,\"len\":100,"
			    "\"phase\":\"ESTABLISHED\",\"verdict\":\"accept\",\"reason\":null,"
			    "\"reasons\":[\"old-seq\",\"paws\"]}");
	f->line.file = "x.pcap";
	f->decision.would_drop = true;
	f->decision.reason = REASON_ACK_HIGH;
	f->decision.remarks = 0;
	set_segment(f, SIDE_SERVER, TCP_SYN, 1001, 5001, 100);
	assert_non_null(strstr(json_of(f), "\"dir\":\"<\",\"flags\":\"S\",\"seq\":1001,\"ack\":null,\"len\":100,"
			       "\"phase\":\"ESTABLISHED\",\"verdict\":\"would-drop\",\"reason\":\"ack-high\","
			       "\"reasons\":[],\"file\":\"x.pcap\"}"));
}

static void json_without_flow(void **state)
{
	struct fixture *f = *state;

	set_segment(f, SIDE_NONE, 0, 1, 2, 3);
	f->decision.has_flow = false;
	f->decision.verdict = VERDICT_DROP;
	f->decision.reason = REASON_NO_FLOW;
	f->decision.phase = PHASE_COUNT;
	assert_string_equal(json_of(f), "{\"n\":7,\"ts\":1700000000.000412,\"flow\":null,"
			    "\"client\":\"128.232.110.120\",\"client_port\":34855,\"server\":\"66.35.250.204\","
			    "\"server_port\":80,\"dir\":null,\"flags\":\"\",\"seq\":1,\"ack\":null,\"len\":3,"
			    "\"phase\":null,\"verdict\":\"drop\",\"reason\":\"no-flow\",\"reasons\":[]}");
	assert_string_equal(text_of(f), "     7     0.000412  128.232.110.120:34855 > 66.35.250.204:80"
			    "  -    seq=1 len=3  -  drop no-flow (tracking.pickup)");
}

static void short_and_foreign_frames(void **state)
{
	struct fixture *f = *state;

	f->line.decision = NULL;
	f->packet.kind = PACKET_SHORT;
	f->packet.has_addresses = true;
	f->packet.family = 4;
	memcpy(f->packet.src, f->decision.at.client, 16);
	memcpy(f->packet.dst, f->decision.at.server, 16);
	assert_string_equal(json_of(f), "{\"n\":7,\"ts\":1700000000.000412,\"flow\":null,"
			    "\"client\":\"128.232.110.120\",\"client_port\":null,\"server\":\"66.35.250.204\","
			    "\"server_port\":null,\"dir\":null,\"flags\":null,\"seq\":null,\"ack\":null,\"len\":null,"
			    "\"phase\":null,\"verdict\":null,\"reason\":null,\"reasons\":[],\"note\":\"short\"}");
	assert_string_equal(text_of(f), "     7     0.000412  128.232.110.120 > 66.35.250.204"
			    "  cut short by the capture");
	f->line.packet = NULL;
	assert_string_equal(text_of(f), "     7     0.000412  -  not IP");
	assert_null(strstr(json_of(f), "note"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbers_are_relative),
		TEST(a_drop_says_what_was_allowed),
		TEST(foreign_syns_teach_nothing),
		TEST(without_syns_numbers_are_absolute),
		TEST(json_as_documented),
		TEST(json_without_flow),
		TEST(short_and_foreign_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
