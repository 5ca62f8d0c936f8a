/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prometheus text: every metric of the table with its type, labels and numbers; the largest text fits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "report/metrics.h"
#include "tables/tables.h"

static char buffer[METRICS_TEXT_SIZE];

static struct metrics sample_metrics(void)
{
	struct metrics metrics = { .flows_max = 1000, .half_open = 3, .flood = true, .events_lost = 8, .drops_lost = 9,
				   .queue_count = 2 };

	metrics.stats.counter[COUNTER_ACCEPTED] = 93;
	metrics.stats.counter[COUNTER_DROPPED] = 7;
	metrics.stats.counter[COUNTER_WOULD_DROP] = 3;
	metrics.stats.phase_flows[PHASE_ESTABLISHED] = 9;
	metrics.stats.reason_dropped[REASON_ACK_HIGH] = 5;
	metrics.stats.reason_would_drop[REASON_ACK_HIGH] = 3;
	metrics.stats.reason_accepted[REASON_OLD_SEQ] = 4;
	metrics.stats.event[EVENT_FLOW_NEW] = 2;
	histogram_add(&metrics.stats.handshake, 1210000, 1);
	histogram_add(&metrics.stats.handshake, 2000000, 1);
	histogram_add(&metrics.stats.handshake, UINT64_C(20000000000), 1);
	metrics.queue[0] = (struct metrics_queue){
		.number = 7, .kernel_known = true, .depth = 11, .kernel_dropped = 12, .user_dropped = 13,
	};
	metrics.queue[1] = (struct metrics_queue){ .number = 8, .user_dropped = 14 };
	return metrics;
}

static const char *print(const struct metrics *metrics)
{
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	metrics_text(&text, metrics);
	assert_false(text.truncated);
	return buffer;
}

static void has(const char *text, const char *line)
{
	char whole[256];

	snprintf(whole, sizeof whole, "\n%s\n", line);
	if (strstr(text, whole) == NULL)
		fail_msg("no line %s", line);
}

static void every_metric_has_help_and_type(void **state)
{
	struct metrics metrics = sample_metrics();
	const char *text = print(&metrics);
	char line[512];

	(void)state;
	for (int i = 0; i < METRIC_COUNT; i++) {
		const struct metric_info *info = &metric_table[i];

		snprintf(line, sizeof line, "# HELP %s %s\n# TYPE %s %s\n%s", info->name, info->help, info->name,
			 metric_type_word(info->type), info->name);
		if (strstr(text, line) == NULL)
			fail_msg("no %s", line);
	}
}

static void numbers_stand_at_their_labels(void **state)
{
	static const char *const lines[] = {
		"tcpwarden_build_info{version=\"" PACKAGE_VERSION "\"} 1",
		"tcpwarden_flows{phase=\"ESTABLISHED\"} 9",
		"tcpwarden_flows{phase=\"TIME_WAIT\"} 0",
		"tcpwarden_flows_max 1000",
		"tcpwarden_half_open 3",
		"tcpwarden_flood_mode 1",
		"tcpwarden_packets_total{verdict=\"accept\"} 90",
		"tcpwarden_packets_total{verdict=\"drop\"} 7",
		"tcpwarden_packets_total{verdict=\"would-drop\"} 3",
		"tcpwarden_segments_reason_total{reason=\"ack-high\",verdict=\"drop\"} 5",
		"tcpwarden_segments_reason_total{reason=\"ack-high\",verdict=\"would-drop\"} 3",
		"tcpwarden_segments_reason_total{reason=\"old-seq\",verdict=\"accept\"} 4",
		"tcpwarden_events_total{event=\"flow-new\"} 2",
		"tcpwarden_events_lost_total 8",
		"tcpwarden_drop_capture_lost_total 9",
		"tcpwarden_queue_depth{queue=\"7\"} 11",
		"tcpwarden_queue_kernel_dropped_total{queue=\"7\"} 12",
		"tcpwarden_queue_user_dropped_total{queue=\"7\"} 13",
		"tcpwarden_queue_user_dropped_total{queue=\"8\"} 14",
	};
	struct metrics metrics = sample_metrics();
	const char *text = print(&metrics);

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		has(text, lines[i]);
	assert_null(strstr(text, "tcpwarden_queue_depth{queue=\"8\"}"));
	assert_null(strstr(text, "tcpwarden_queue_kernel_dropped_total{queue=\"8\"}"));
}

static void buckets_are_cumulative_seconds(void **state)
{
	struct metrics metrics = sample_metrics();
	const char *text = print(&metrics);

	(void)state;
	has(text, "tcpwarden_handshake_seconds_bucket{le=\"0.000001\"} 0");
	has(text, "tcpwarden_handshake_seconds_bucket{le=\"0.001\"} 0");
	has(text, "tcpwarden_handshake_seconds_bucket{le=\"0.0025\"} 2");
	has(text, "tcpwarden_handshake_seconds_bucket{le=\"10\"} 2");
	has(text, "tcpwarden_handshake_seconds_bucket{le=\"+Inf\"} 3");
	has(text, "tcpwarden_handshake_seconds_sum 20.00321");
	has(text, "tcpwarden_handshake_seconds_count 3");
	has(text, "tcpwarden_verdict_seconds_count 0");
}

static void the_largest_text_fits(void **state)
{
	static struct metrics metrics;

	(void)state;
	memset(&metrics, 0xff, sizeof metrics);
	metrics.stats.counter[COUNTER_WOULD_DROP] = 0;
	metrics.queue_count = METRICS_QUEUES;
	for (unsigned i = 0; i < METRICS_QUEUES; i++)
		metrics.queue[i].kernel_known = true;
	metrics.flood = true;
	assert_true(strlen(print(&metrics)) < METRICS_TEXT_SIZE - 1);
}

/* --print: the text of the sample alone, for other readers of it. */
int main(int argc, char **argv)
{
	struct metrics metrics = sample_metrics();

	if (argc == 2 && strcmp(argv[1], "--print") == 0)
		return fputs(print(&metrics), stdout) < 0;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_metric_has_help_and_type),
		cmocka_unit_test(numbers_stand_at_their_labels),
		cmocka_unit_test(buckets_are_cumulative_seconds),
		cmocka_unit_test(the_largest_text_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
