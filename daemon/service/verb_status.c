/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <unistd.h>

#include "service/clock.h"
#include "service/verbs.h"

static json_t *number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static json_t *phases(const struct engine_stats *stats)
{
	json_t *object = json_object();

	for (int i = 0; i < PHASE_COUNT; i++)
		json_object_set_new(object, phase_word((enum phase)i), number(stats->phase_flows[i]));
	return object;
}

static json_t *known(bool is_known, uint64_t value)
{
	return is_known ? number(value) : json_null();
}

static json_t *queues(const struct daemon *daemon, const struct metrics *metrics)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < metrics->queue_count; i++) {
		const struct metrics_queue *queue = &metrics->queue[i];

		json_array_append_new(
			list,
			json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "queue", number(queue->number),
				  "packets_per_s", number(queue->packets_rate), "depth",
				  known(queue->kernel_known, queue->depth), "length",
				  number((uint64_t)daemon->settings.queue_length), "kernel_dropped",
				  known(queue->kernel_known, queue->kernel_dropped), "user_dropped",
				  number(queue->user_dropped), "no_buffers", number(queue->no_buffers),
				  "verdict_errors", number(queue->verdict_errors), "damaged",
				  number(queue->damaged), "receive_buffer", number(queue->receive_buffer)));
	}
	return list;
}

static uint64_t packets_rate(const struct metrics *metrics)
{
	uint64_t rate = 0;

	for (unsigned i = 0; i < metrics->queue_count; i++)
		rate += metrics->queue[i].packets_rate;
	return rate;
}

/* Microseconds, null before the first packet. */
static json_t *latency(const struct metrics *metrics, unsigned percent)
{
	uint64_t ns = histogram_quantile_ns(&metrics->verdict, percent);

	return ns != 0 && ns != UINT64_MAX ? number(ns / NS_PER_US) : json_null();
}

static void put(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

void verb_status(struct daemon *daemon, struct reply *reply)
{
	struct metrics metrics;
	const struct engine_stats *stats = &metrics.stats;
	json_t *object = json_object();

	daemon_collect(daemon, &metrics);
	put(object, "version", json_string(PACKAGE_VERSION));
	put(object, "pid", number((uint64_t)getpid()));
	put(object, "uptime_s", number((clock_monotonic_ns() - daemon->started_ns) / NS_PER_S));
	put(object, "mode",
	    json_string(daemon->settings.policy_mode == MODE_MONITOR ? "monitor" : "enforce"));
	put(object, "flows", number(stats->flows));
	put(object, "flows_max", number(metrics.flows_max));
	put(object, "fill_percent", number(stats->flows * UINT64_C(100) / metrics.flows_max));
	put(object, "phases", phases(stats));
	put(object, "half_open", number(metrics.half_open));
	put(object, "flood", json_boolean(metrics.flood));
	put(object, "packets", number(stats->counter[COUNTER_PACKETS]));
	put(object, "packets_per_s", number(packets_rate(&metrics)));
	put(object, "dropped", number(stats->counter[COUNTER_DROPPED]));
	put(object, "would_drop", number(stats->counter[COUNTER_WOULD_DROP]));
	put(object, "verdict_p50_us", latency(&metrics, 50));
	put(object, "verdict_p99_us", latency(&metrics, 99));
	put(object, "events_lost", number(metrics.events_lost));
	put(object, "queues", queues(daemon, &metrics));
	put(object, "advice", advice_list(daemon, &metrics));
	reply_object(reply, object);
	reply_done(reply);
}
