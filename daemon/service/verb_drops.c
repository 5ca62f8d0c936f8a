/* SPDX-License-Identifier: GPL-2.0-or-later */
/* drops: what is dropped and who sends it; metrics: all figures as Prometheus text. */
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "report/address.h"
#include "service/verbs.h"

#define SOURCES_MOST 8192 /* drops looked at, of all workers: 160 KiB an answer */
#define SOURCES_TOLD 10

struct source {
	uint8_t address[16];
	unsigned drops;
};

/* Between the calls of the verb. */
struct sources {
	unsigned count;
	struct source source[SOURCES_MOST];
};

static void note_source(void *context, const struct drop_entry *entry)
{
	struct sources *sources = context;
	const struct drop_record *drop = &entry->drop;
	struct source *source;

	if (drop->at.family == 0 || sources->count == SOURCES_MOST)
		return;
	source = &sources->source[sources->count++];
	memcpy(source->address, drop->dir == SIDE_SERVER ? drop->at.server : drop->at.client, 16);
	source->drops = 1;
}

static int by_address(const void *a, const void *b)
{
	return memcmp(((const struct source *)a)->address, ((const struct source *)b)->address, 16);
}

static int by_drops(const void *a, const void *b)
{
	unsigned left = ((const struct source *)a)->drops, right = ((const struct source *)b)->drops;

	return left == right ? by_address(a, b) : (left < right) - (left > right);
}

/* Equal addresses become one. */
static void merge(struct sources *sources)
{
	unsigned kept = 0;

	qsort(sources->source, sources->count, sizeof sources->source[0], by_address);
	for (unsigned i = 0; i < sources->count; i++)
		if (kept > 0 && by_address(&sources->source[kept - 1], &sources->source[i]) == 0)
			sources->source[kept - 1].drops++;
		else
			sources->source[kept++] = sources->source[i];
	sources->count = kept;
	qsort(sources->source, sources->count, sizeof sources->source[0], by_drops);
}

static void answer_sources(struct reply *reply, struct sources *sources)
{
	merge(sources);
	for (unsigned i = 0; i < sources->count && i < SOURCES_TOLD; i++) {
		char data[ADDRESS_SIZE];
		struct text text;

		text_init(&text, data, sizeof data);
		address_text(&text, sources->source[i].address);
		reply_object(reply,
			     json_pack("{s:s,s:i}", "source", data, "drops", (int)sources->source[i].drops));
	}
}

/* Leaves the number of workers that do not answer in state.count. */
static void answer_reasons(struct daemon *daemon, struct reply *reply)
{
	struct metrics metrics;
	const struct engine_stats *stats = &metrics.stats;

	daemon_collect(daemon, &metrics);
	reply->state.count = metrics.silent;
	for (int i = 0; i < REASON_COUNT; i++) {
		if (stats->reason_dropped[i] == 0 && stats->reason_would_drop[i] == 0)
			continue;
		reply_object(reply,
			     json_pack("{s:s,s:I,s:I,s:I,s:s,s:s}", "reason", reason_word((enum reason)i),
				       "dropped", (json_int_t)stats->reason_dropped[i], "would_drop",
				       (json_int_t)stats->reason_would_drop[i], "per_s",
				       (json_int_t)metrics.dropped_rate[i], "setting",
				       reason_table[i].setting, "meaning", reason_table[i].help));
	}
}

void verb_drops(struct daemon *daemon, struct reply *reply)
{
	struct sources *sources = reply->state.memory;

	if (sources == NULL) {
		sources = calloc(1, sizeof *sources);
		if (sources == NULL) {
			reply_fail(reply, "out of memory");
			return;
		}
		reply->state.memory = sources;
		filter_any(&reply->state.filter);
		answer_reasons(daemon, reply);
		return;
	}
	if (sources->count < SOURCES_MOST && drops_visit(daemon, reply, note_source, sources))
		return;
	answer_sources(reply, sources);
	verbs_finish(daemon, reply, (unsigned)max_u64(reply->state.silent, reply->state.count));
}

void verb_metrics(struct daemon *daemon, struct reply *reply)
{
	struct metrics metrics;
	char *data = malloc(METRICS_TEXT_SIZE);
	struct text text;

	if (data == NULL) {
		reply_fail(reply, "out of memory");
		return;
	}
	daemon_collect(daemon, &metrics);
	text_init(&text, data, METRICS_TEXT_SIZE);
	metrics_text(&text, &metrics);
	reply_object(reply, json_pack("{s:s}", "text", data));
	reply_done(reply);
	free(data);
}
