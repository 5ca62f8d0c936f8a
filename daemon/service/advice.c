/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands out in the figures, in words, and the setting to change: one row of the table each. */
#include <stdio.h>
#include <string.h>

#include "service/clock.h"
#include "service/verbs.h"

#define FILL_PERCENT 80               /* of the table, from which on its size is worth a word */
#define SLOW_NS      (50 * NS_PER_MS) /* of a verdict, 99 in 100 */
#define QUIET_NS     (10 * NS_PER_S)  /* after the start, without a packet */

struct view {
	const struct daemon *daemon;
	const struct metrics *metrics;
};

/* Each gives the number that its sentence has in it, 0: nothing to say. */

static uint64_t workers_silent(const struct view *view)
{
	return view->metrics->silent;
}

static uint64_t no_packets(const struct view *view)
{
	bool waited = clock_monotonic_ns() - view->daemon->started_ns >= QUIET_NS;

	return waited && view->metrics->stats.counter[COUNTER_PACKETS] == 0;
}

static uint64_t table_fill(const struct view *view)
{
	uint64_t percent = view->metrics->stats.flows * UINT64_C(100) / view->metrics->flows_max;

	return percent >= FILL_PERCENT ? percent : 0;
}

static uint64_t table_full(const struct view *view)
{
	const struct engine_stats *stats = &view->metrics->stats;

	return stats->reason_dropped[REASON_TABLE_FULL] + stats->reason_would_drop[REASON_TABLE_FULL];
}

static uint64_t flood(const struct view *view)
{
	return view->metrics->flood ? view->metrics->half_open : 0;
}

#define SUM_OF_QUEUES(name, field)                                        \
	static uint64_t name(const struct view *view)                     \
	{                                                                 \
		uint64_t sum = 0;                                         \
                                                                          \
		for (unsigned i = 0; i < view->metrics->queue_count; i++) \
			sum += view->metrics->queue[i].field;             \
		return sum;                                               \
	}

SUM_OF_QUEUES(kernel_dropped, kernel_dropped)
SUM_OF_QUEUES(user_dropped, user_dropped)
SUM_OF_QUEUES(verdict_errors, verdict_errors)
SUM_OF_QUEUES(kernel_unknown, kernel_known == false)

static uint64_t small_buffer(const struct view *view)
{
	uint64_t wanted = (uint64_t)view->daemon->settings.queue_receive_buffer;

	for (unsigned i = 0; i < view->metrics->queue_count; i++)
		if (view->metrics->queue[i].receive_buffer < wanted)
			return view->metrics->queue[i].receive_buffer;
	return 0;
}

static uint64_t slow_verdicts(const struct view *view)
{
	uint64_t ns = histogram_quantile_ns(&view->metrics->verdict, 99);

	return ns >= SLOW_NS && ns != UINT64_MAX ? ns / NS_PER_MS : 0;
}

static uint64_t events_lost(const struct view *view)
{
	return view->metrics->events_lost;
}

static uint64_t monitor(const struct view *view)
{
	return view->daemon->settings.policy_mode == MODE_MONITOR
		       ? view->metrics->stats.counter[COUNTER_WOULD_DROP] + 1
		       : 0;
}

static uint64_t tracked_one_way(const struct view *view)
{
	const struct engine_stats *stats = &view->metrics->stats;
	uint64_t dropped =
		stats->reason_dropped[REASON_NO_SYNACK] + stats->reason_would_drop[REASON_NO_SYNACK];

	return dropped >= 100 && dropped * 10 >= stats->counter[COUNTER_FLOWS_NEW] ? dropped : 0;
}

static const struct {
	uint64_t (*number)(const struct view *view);
	const char *setting; /* "-": none */
	const char *text;    /* '#': the number */
} rows[] = {
	{ workers_silent, "-", "# worker(s) do not answer: their figures are missing" },
	{ no_packets, "-",
	  "no packet has come yet: are the gateway rules loaded (gateway-iptables.sh apply)?" },
	{ kernel_dropped, "queue.length",
	  "the kernel dropped # packets because a queue was full: more queues (queue.count), or a longer "
	  "one" },
	{ user_dropped, "queue.receive_buffer", "# packets were lost for want of room in a socket's buffer" },
	{ small_buffer, "queue.receive_buffer",
	  "a socket's buffer has only # bytes: raise net.core.rmem_max, or start as root" },
	{ verdict_errors, "-", "the kernel refused # verdicts: another program on the same queue?" },
	{ kernel_unknown, "-",
	  "what the kernel dropped is not known for # queue(s): /proc/net/netfilter/nfnetlink_queue wants "
	  "group root" },
	{ slow_verdicts, "queue.count",
	  "one verdict in a hundred takes # ms or more: more queues, or queue.cpus" },
	{ table_full, "tracking.max_flows", "# new flows found no room in the table" },
	{ table_fill, "tracking.max_flows",
	  "the table is # % full: timers shrink from tracking.adaptive.start on" },
	{ flood, "syn_flood.mode_action", "SYN flood: # half-open flows" },
	{ tracked_one_way, "tracking.async",
	  "# segments came before any SYN+ACK: do both directions pass this gateway?" },
	{ events_lost, "log.events", "# log lines were lost: the log is too slow for so many" },
	{ monitor, "policy.mode", "monitor mode: nothing is dropped (would be: see tcpwardenctl drops)" },
};

/* The sentence, the number in the place of its '#'. */
static void fill_in(char *text, size_t size, const char *sentence, uint64_t number)
{
	const char *place = strchr(sentence, '#');

	if (place == NULL)
		snprintf(text, size, "%s", sentence);
	else
		snprintf(text, size, "%.*s%llu%s", (int)(place - sentence), sentence,
			 (unsigned long long)number, place + 1);
}

json_t *advice_list(const struct daemon *daemon, const struct metrics *metrics)
{
	const struct view view = { daemon, metrics };
	json_t *list = json_array();
	char text[256];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint64_t number = rows[i].number(&view);

		if (number == 0)
			continue;
		fill_in(text, sizeof text, rows[i].text, number);
		json_array_append_new(list, json_pack("{s:s,s:s}", "text", text, "setting", rows[i].setting));
	}
	return list;
}
