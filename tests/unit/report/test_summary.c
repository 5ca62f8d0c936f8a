/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Summaries: statistics added up, keys that fit, worst flows in order, text and JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>

#include "report/line.h"
#include "report/summary.h"
#include "samples.h"

static char buffer[REPORT_LINE_SIZE];

static struct engine_stats sample_stats(void)
{
	struct engine_stats stats = { .flows = 12, .half_open = 3 };

	stats.counter[COUNTER_PACKETS] = 100;
	stats.counter[COUNTER_ACCEPTED] = 93;
	stats.counter[COUNTER_DROPPED] = 7;
	stats.event[EVENT_FLOW_NEW] = 2;
	stats.phase_flows[PHASE_ESTABLISHED] = 9;
	stats.reason_dropped[REASON_BAD_RST] = 2;
	stats.reason_dropped[REASON_ACK_HIGH] = 5;
	stats.reason_would_drop[REASON_BAD_FIN] = 1;
	stats.reason_accepted[REASON_OLD_SEQ] = 4;
	return stats;
}

static void workers_are_added_up(void **state)
{
	struct engine_stats sum = { 0 }, one = sample_stats();

	(void)state;
	summary_add_stats(&sum, &one);
	summary_add_stats(&sum, &one);
	assert_int_equal(sum.flows, 24);
	assert_int_equal(sum.half_open, 6);
	assert_int_equal(sum.counter[COUNTER_PACKETS], 200);
	assert_int_equal(sum.event[EVENT_FLOW_NEW], 4);
	assert_int_equal(sum.phase_flows[PHASE_ESTABLISHED], 18);
	assert_int_equal(sum.reason_dropped[REASON_ACK_HIGH], 10);
	assert_int_equal(sum.reason_accepted[REASON_OLD_SEQ], 8);
}

static void keys_name_the_worst_reasons_first(void **state)
{
	struct engine_stats stats = sample_stats();
	struct text text;

	(void)state;
	text_init(&text, buffer, sizeof(buffer));
	summary_stats_keys(&text, &stats);
	assert_string_equal(buffer, "flows=12 half_open=3 packets=100 accepted=93 dropped=7 would_drop=0 flows_new=0 "
			    "flows_closed=0 ack-high=5 bad-rst=2 bad-fin=1");
}

static void keys_that_do_not_fit_are_left_out_whole(void **state)
{
	struct engine_stats stats = sample_stats();
	struct text text;

	(void)state;
	for (size_t size = 1; size < 200; size++) {
		text_init(&text, buffer, size);
		summary_stats_keys(&text, &stats);
		assert_int_equal(strlen(buffer), text.len);
		if (text.len > 0)
			assert_in_range(buffer[text.len - 1], '0', '9');
	}
	text_init(&text, buffer, sizeof("flows=12 half_open=3 packets=10"));
	summary_stats_keys(&text, &stats);
	assert_string_equal(buffer, "flows=12 half_open=3");
}

static struct summary sample_summary(void)
{
	struct summary summary = { .frames = 120, .duration_ns = 12500000000, .stats = sample_stats() };
	struct flow_record flow = sample_flow();

	summary_add_flow(&summary, &flow);
	flow.dropped = flow.end[0].retrans = flow.end[1].retrans = 0;
	summary_add_flow(&summary, &flow); /* nothing bad about it */
	flow.close_reason = CLOSE_RESET;
	flow.conn_state = CONN_STATE_RSTO;
	flow.end[0].retrans = 9;
	summary_add_flow(&summary, &flow);
	return summary;
}

static void text_in_full(void **state)
{
	struct summary summary = sample_summary();
	struct text text;

	(void)state;
	text_init(&text, buffer, sizeof(buffer));
	summary_text(&text, &summary, "a\nb.pcap");
	assert_string_equal(buffer,
		"a\\nb.pcap\n"
		"frames: 120 in 12.500000 s\n"
		"       100  packets      packets judged\n"
		"        93  accepted     packets accepted\n"
		"         7  dropped      packets dropped\n"
		"flows: 3\n"
		"         2  fin          both ends closed in order\n"
		"         1  reset        a RST ended it\n"
		"the same by conn_state:\n"
		"         2  SF           both ends sent a FIN\n"
		"         1  RSTO         the client's RST\n"
		"drops:\n"
		"         5  ack-high                acknowledges what was never sent: the out-of-sequence ACK\n"
		"         2  bad-rst                 RST outside the window, or with a bad acknowledgement\n"
		"would-drops:\n"
		"         1  bad-fin                 a second FIN beyond the first\n"
		"remarks:\n"
		"         4  old-seq                 older than one window: the receiver acknowledges it again\n"
		"worst flows:\n"
		"  " SAMPLE_ID " 128.232.110.120:34855 > 66.35.250.204:80 dropped=3 retrans=0/2 ooo=1/0 reason=fin "
		"conn_state=SF\n"
		"  " SAMPLE_ID " 128.232.110.120:34855 > 66.35.250.204:80 dropped=0 retrans=9/0 ooo=1/0 reason=reset "
		"conn_state=RSTO\n");
}

static void json_in_full(void **state)
{
	struct summary summary = sample_summary();
	struct text text;

	(void)state;
	summary.worst_count = 1;
	text_init(&text, buffer, sizeof(buffer));
	summary_json(&text, &summary, "a.pcap");
	assert_string_equal(buffer,
		"{\"frames\":120,\"duration_us\":12500000,\"packets\":100,\"accepted\":93,\"dropped\":7,"
		"\"would_drop\":0,\"flows\":3,\"closed\":{\"fin\":2,\"reset\":1},\"conn_states\":{\"SF\":2,\"RSTO\":1},"
		"\"drops\":{\"ack-high\":5,\"bad-rst\":2},\"would_drops\":{\"bad-fin\":1},\"remarks\":{\"old-seq\":4},"
		"\"worst\":[{\"flow\":\"" SAMPLE_ID "\",\"client\":\"128.232.110.120\",\"client_port\":34855,"
		"\"server\":\"66.35.250.204\",\"server_port\":80,\"dropped\":3,\"client_retrans\":0,"
		"\"server_retrans\":2,\"client_ooo\":1,\"server_ooo\":0,\"reason\":\"fin\",\"conn_state\":\"SF\"}],"
		"\"file\":\"a.pcap\"}");
}

static void the_worst_ten_are_kept(void **state)
{
	struct summary summary = { 0 };
	struct flow_record flow = sample_flow();

	(void)state;
	for (uint32_t i = 0; i < 40; i++) {
		flow.id = i + 1;
		flow.dropped = i * 7 % 40;
		summary_add_flow(&summary, &flow);
	}
	assert_int_equal(summary.worst_count, SUMMARY_WORST);
	for (unsigned i = 0; i < SUMMARY_WORST; i++)
		assert_int_equal(summary.worst[i].dropped, 39 - i);
	assert_int_equal(summary.flows, 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(workers_are_added_up),
		cmocka_unit_test(keys_name_the_worst_reasons_first),
		cmocka_unit_test(keys_that_do_not_fit_are_left_out_whole),
		cmocka_unit_test(text_in_full),
		cmocka_unit_test(json_in_full),
		cmocka_unit_test(the_worst_ten_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
