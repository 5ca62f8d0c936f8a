/* SPDX-License-Identifier: GPL-2.0-or-later */
/* drops: what is dropped and who sends it; metrics: all figures as Prometheus text. */
#include <stdlib.h>

#include "base/units.h"
#include "report/address.h"
#include "service/drop_sources.h"
#include "service/verbs.h"

#define SOURCES_TOLD 10

static void note_source(void *context, const struct drop_entry *entry)
{
	const struct drop_record *drop = &entry->drop;

	if (drop->at.family != 0)
		drop_sources_add(context, drop->dir == SIDE_SERVER ? drop->at.server : drop->at.client);
}

static void answer_sources(struct reply *reply, struct drop_sources *sources)
{
	drop_sources_rank(sources);
	for (uint32_t i = 0; i < sources->count && i < SOURCES_TOLD; i++) {
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
	struct drop_sources *sources = reply->state.memory; /* between the calls */

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
	if (drops_visit(daemon, reply, note_source, sources))
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
