/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/metrics.h"

#include "base/units.h"
#include "tables/tables.h"

/* Lines of one metric without labels, or with those that the caller wrote. */
static void sample(struct text *out, enum metric metric, const char *labels, uint64_t value)
{
	text_fmt(out, "%s%s %llu\n", metric_table[metric].name, labels, (unsigned long long)value);
}

static void labelled(struct text *out, enum metric metric, const char *label, const char *word, uint64_t value)
{
	text_fmt(out, "%s{%s=\"%s\"} %llu\n", metric_table[metric].name, label, word, (unsigned long long)value);
}

static void print_build_info(struct text *out, enum metric metric, const struct metrics *metrics)
{
	(void)metrics;
	labelled(out, metric, "version", PACKAGE_VERSION, 1);
}

static void print_flows(struct text *out, enum metric metric, const struct metrics *metrics)
{
	for (int i = 0; i < PHASE_COUNT; i++)
		labelled(out, metric, "phase", phase_word((enum phase)i), metrics->stats.phase_flows[i]);
}

static void print_flows_max(struct text *out, enum metric metric, const struct metrics *metrics)
{
	sample(out, metric, "", metrics->flows_max);
}

static void print_half_open(struct text *out, enum metric metric, const struct metrics *metrics)
{
	sample(out, metric, "", metrics->half_open);
}

static void print_flood_mode(struct text *out, enum metric metric, const struct metrics *metrics)
{
	sample(out, metric, "", metrics->flood);
}

/* The verdicts add up to all packets, so what monitor mode let pass is taken from the accepted ones. */
static void print_packets(struct text *out, enum metric metric, const struct metrics *metrics)
{
	const uint64_t *counter = metrics->stats.counter;
	uint64_t would_drop = counter[COUNTER_WOULD_DROP];

	labelled(out, metric, "verdict", "accept", counter[COUNTER_ACCEPTED] - would_drop);
	labelled(out, metric, "verdict", "drop", counter[COUNTER_DROPPED]);
	labelled(out, metric, "verdict", "would-drop", would_drop);
}

static void print_reasons(struct text *out, enum metric metric, const struct metrics *metrics)
{
	const struct {
		const char *verdict;
		const uint64_t *number;
	} rows[] = {
		{ "accept", metrics->stats.reason_accepted },
		{ "drop", metrics->stats.reason_dropped },
		{ "would-drop", metrics->stats.reason_would_drop },
	};

	for (int i = 0; i < REASON_COUNT; i++)
		for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++)
			text_fmt(out, "%s{reason=\"%s\",verdict=\"%s\"} %llu\n", metric_table[metric].name,
				 reason_word((enum reason)i), rows[row].verdict,
				 (unsigned long long)rows[row].number[i]);
}

static void print_events(struct text *out, enum metric metric, const struct metrics *metrics)
{
	for (int i = 0; i < EVENT_COUNT; i++)
		labelled(out, metric, "event", event_word((enum event_kind)i), metrics->stats.event[i]);
}

static void print_drops_lost(struct text *out, enum metric metric, const struct metrics *metrics)
{
	sample(out, metric, "", metrics->drops_lost);
}

static void print_events_lost(struct text *out, enum metric metric, const struct metrics *metrics)
{
	sample(out, metric, "", metrics->events_lost);
}

static void print_answers(struct text *out, enum metric metric, const struct metrics *metrics)
{
	labelled(out, metric, "result", "sent", metrics->answers);
	labelled(out, metric, "result", "failed", metrics->answers_failed);
}

/* Nanoseconds as seconds, as short as they are exact. */
static void seconds(struct text *out, uint64_t ns)
{
	uint64_t part = ns % NS_PER_S;
	int digits = 9;

	text_fmt(out, "%llu", (unsigned long long)(ns / NS_PER_S));
	if (part == 0)
		return;
	for (; part % 10 == 0; digits--)
		part /= 10;
	text_fmt(out, ".%0*llu", digits, (unsigned long long)part);
}

/* Buckets are cumulative there. */
static void print_histogram(struct text *out, enum metric metric, const struct histogram *histogram)
{
	const char *name = metric_table[metric].name;
	uint64_t count = 0;

	for (size_t i = 0; i < HISTOGRAM_BOUNDS; i++) {
		count += histogram->count[i];
		text_fmt(out, "%s_bucket{le=\"", name);
		seconds(out, histogram_bound_ns[i]);
		text_fmt(out, "\"} %llu\n", (unsigned long long)count);
	}
	count += histogram->count[HISTOGRAM_BOUNDS];
	text_fmt(out, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum ", name, (unsigned long long)count, name);
	seconds(out, histogram->sum_ns);
	text_fmt(out, "\n%s_count %llu\n", name, (unsigned long long)count);
}

static void print_handshake(struct text *out, enum metric metric, const struct metrics *metrics)
{
	print_histogram(out, metric, &metrics->stats.handshake);
}

static void print_verdict(struct text *out, enum metric metric, const struct metrics *metrics)
{
	print_histogram(out, metric, &metrics->verdict);
}

static void queue_sample(struct text *out, enum metric metric, const struct metrics_queue *queue, uint64_t value)
{
	text_fmt(out, "%s{queue=\"%u\"} %llu\n", metric_table[metric].name, (unsigned)queue->number,
		 (unsigned long long)value);
}

/* What could not be read has no line: nobody takes it for none. */
static void print_queue_depth(struct text *out, enum metric metric, const struct metrics *metrics)
{
	for (unsigned i = 0; i < metrics->queue_count; i++)
		if (metrics->queue[i].kernel_known)
			queue_sample(out, metric, &metrics->queue[i], metrics->queue[i].depth);
}

static void print_kernel_dropped(struct text *out, enum metric metric, const struct metrics *metrics)
{
	for (unsigned i = 0; i < metrics->queue_count; i++)
		if (metrics->queue[i].kernel_known)
			queue_sample(out, metric, &metrics->queue[i], metrics->queue[i].kernel_dropped);
}

static void print_user_dropped(struct text *out, enum metric metric, const struct metrics *metrics)
{
	for (unsigned i = 0; i < metrics->queue_count; i++)
		queue_sample(out, metric, &metrics->queue[i], metrics->queue[i].user_dropped);
}

static void (*const print[])(struct text *out, enum metric metric, const struct metrics *metrics) = {
	[METRIC_BUILD_INFO] = print_build_info,
	[METRIC_FLOWS] = print_flows,
	[METRIC_FLOWS_MAX] = print_flows_max,
	[METRIC_HALF_OPEN] = print_half_open,
	[METRIC_FLOOD_MODE] = print_flood_mode,
	[METRIC_PACKETS] = print_packets,
	[METRIC_SEGMENTS_REASON] = print_reasons,
	[METRIC_EVENTS] = print_events,
	[METRIC_EVENTS_LOST] = print_events_lost,
	[METRIC_DROPS_LOST] = print_drops_lost,
	[METRIC_ANSWERS] = print_answers,
	[METRIC_HANDSHAKE] = print_handshake,
	[METRIC_VERDICT] = print_verdict,
	[METRIC_QUEUE_DEPTH] = print_queue_depth,
	[METRIC_QUEUE_KERNEL_DROPPED] = print_kernel_dropped,
	[METRIC_QUEUE_USER_DROPPED] = print_user_dropped,
};

void metrics_text(struct text *out, const struct metrics *metrics)
{
	for (int i = 0; i < METRIC_COUNT; i++) {
		const struct metric_info *info = &metric_table[i];

		text_fmt(out, "# HELP %s %s\n# TYPE %s %s\n", info->name, info->help, info->name,
			 metric_type_word(info->type));
		print[i](out, (enum metric)i, metrics);
	}
}
