/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/summary.h"

#include <stdio.h>
#include <string.h>

#include "report/address.h"
#include "report/fields.h"
#include "report/flow_fields.h"
#include "report/flow_id.h"
#include "report/logfmt.h"

#define ADD(sum, one, field)                                                       \
	for (size_t i = 0; i < sizeof((sum)->field) / sizeof((sum)->field[0]); i++) \
		(sum)->field[i] += (one)->field[i]

/* Keys of the summary event, before the reasons. */
static const enum counter key_counters[] = {
	COUNTER_PACKETS, COUNTER_ACCEPTED, COUNTER_DROPPED, COUNTER_WOULD_DROP, COUNTER_FLOWS_NEW,
	COUNTER_FLOWS_CLOSED,
};

/* What replay says about a whole capture. */
static const enum counter text_counters[] = {
	COUNTER_PACKETS, COUNTER_ACCEPTED, COUNTER_DROPPED, COUNTER_WOULD_DROP, COUNTER_OTHER, COUNTER_TAILS,
	COUNTER_BACKSCATTER,
};

/* Appends " key=number" whole or not at all. False: it does not fit. */
static bool append_key(struct text *out, const char *key, uint64_t number)
{
	struct text saved = *out;

	text_fmt(out, "%s%s=%llu", out->len > 0 ? " " : "", key, (unsigned long long)number);
	if (!out->truncated)
		return true;
	*out = saved;
	out->data[out->len] = '\0';
	return false;
}

/* The key of a counter's word: underscores as in all keys. */
static void counter_key(enum counter counter, char key[64])
{
	snprintf(key, 64, "%s", counter_word(counter));
	for (char *p = key; *p != '\0'; p++)
		if (*p == '-')
			*p = '_';
}

/* Reasons with a number, the largest first. Returns how many. */
static unsigned sort_reasons(const uint64_t number[REASON_COUNT], enum reason order[REASON_COUNT])
{
	unsigned count = 0, at;

	for (enum reason reason = 0; reason < REASON_COUNT; reason++) {
		if (number[reason] == 0)
			continue;
		for (at = count++; at > 0 && number[order[at - 1]] < number[reason]; at--)
			order[at] = order[at - 1];
		order[at] = reason;
	}
	return count;
}

/* Whether flow a is worse than flow b: more drops, then more retransmissions, then earlier. */
static bool is_worse(const struct flow_record *a, const struct flow_record *b)
{
	uint64_t retrans_a = (uint64_t)a->end[0].retrans + a->end[1].retrans;
	uint64_t retrans_b = (uint64_t)b->end[0].retrans + b->end[1].retrans;

	if (a->dropped != b->dropped)
		return a->dropped > b->dropped;
	if (retrans_a != retrans_b)
		return retrans_a > retrans_b;
	return a->started_ns < b->started_ns;
}

static void text_outcomes(struct text *out, const struct summary *summary)
{
	text_fmt(out, "flows: %llu\n", (unsigned long long)summary->flows);
	for (enum close_reason close = 0; close < CLOSE_COUNT; close++)
		if (summary->closed[close] != 0)
			text_fmt(out, "  %8llu  %-11s  %s\n", (unsigned long long)summary->closed[close],
				 close_word(close), close_help(close));
	if (summary->flows > 0)
		text_str(out, "the same by conn_state:\n");
	for (enum conn_state state = 0; state < CONN_STATE_COUNT; state++)
		if (summary->states[state] != 0)
			text_fmt(out, "  %8llu  %-11s  %s\n", (unsigned long long)summary->states[state],
				 conn_state_word(state), conn_state_help(state));
}

static void text_reasons(struct text *out, const char *title, const uint64_t number[REASON_COUNT])
{
	enum reason order[REASON_COUNT];
	unsigned count = sort_reasons(number, order);

	if (count == 0)
		return;
	text_fmt(out, "%s:\n", title);
	for (unsigned i = 0; i < count; i++)
		text_fmt(out, "  %8llu  %-22s  %s\n", (unsigned long long)number[order[i]],
			 reason_word(order[i]), reason_table[order[i]].help);
}

static void text_worst(struct text *out, const struct summary *summary)
{
	char id[FLOW_ID_SIZE];

	if (summary->worst_count > 0)
		text_str(out, "worst flows:\n");
	for (unsigned i = 0; i < summary->worst_count; i++) {
		const struct flow_record *flow = &summary->worst[i];

		flow_id_text(flow->id, id);
		text_fmt(out, "  %s ", id);
		address_port_text(out, flow->at.client, flow->at.client_port);
		text_str(out, " > ");
		address_port_text(out, flow->at.server, flow->at.server_port);
		text_fmt(out, " dropped=%lu retrans=%lu/%lu ooo=%lu/%lu reason=%s conn_state=%s\n",
			 (unsigned long)flow->dropped, (unsigned long)flow->end[0].retrans,
			 (unsigned long)flow->end[1].retrans, (unsigned long)flow->end[0].ooo,
			 (unsigned long)flow->end[1].ooo, close_word(flow->close_reason),
			 conn_state_word(flow->conn_state));
	}
}

static void set_number(json_t *object, const char *key, uint64_t number)
{
	json_object_set_new(object, key, json_integer((json_int_t)number));
}

static json_t *json_reasons(const uint64_t number[REASON_COUNT])
{
	enum reason order[REASON_COUNT];
	unsigned count = sort_reasons(number, order);
	json_t *object = json_object();

	for (unsigned i = 0; i < count; i++)
		set_number(object, reason_word(order[i]), number[order[i]]);
	return object;
}

static json_t *json_flow(const struct flow_record *flow)
{
	struct fields fields = { .object = json_object() };

	flow_fields_id(&fields, "flow", flow->id);
	flow_fields_client(&fields, "client", &flow->at);
	flow_fields_server(&fields, "server", &flow->at);
	fields_number(&fields, "dropped", flow->dropped);
	flow_fields_pair(&fields, "retrans", flow->end[0].retrans, flow->end[1].retrans);
	flow_fields_pair(&fields, "ooo", flow->end[0].ooo, flow->end[1].ooo);
	fields_word(&fields, "reason", close_word(flow->close_reason));
	fields_word(&fields, "conn_state", conn_state_word(flow->conn_state));
	return fields.object;
}

static void json_outcomes(struct fields *fields, const struct summary *summary)
{
	json_t *closed = json_object(), *states = json_object();

	for (enum close_reason close = 0; close < CLOSE_COUNT; close++)
		if (summary->closed[close] != 0)
			set_number(closed, close_word(close), summary->closed[close]);
	for (enum conn_state state = 0; state < CONN_STATE_COUNT; state++)
		if (summary->states[state] != 0)
			set_number(states, conn_state_word(state), summary->states[state]);
	json_object_set_new(fields->object, "closed", closed);
	json_object_set_new(fields->object, "conn_states", states);
}

void summary_add_stats(struct engine_stats *sum, const struct engine_stats *one)
{
	ADD(sum, one, counter);
	ADD(sum, one, event);
	ADD(sum, one, reason_accepted);
	ADD(sum, one, reason_dropped);
	ADD(sum, one, reason_would_drop);
	ADD(sum, one, phase_flows);
	sum->flows += one->flows;
	sum->half_open += one->half_open;
	histogram_merge(&sum->handshake, &one->handshake);
}

void summary_stats_keys(struct text *out, const struct engine_stats *stats)
{
	enum reason order[REASON_COUNT];
	uint64_t number[REASON_COUNT]; /* of drops, in monitor mode of those that would have been */
	unsigned count;
	char key[64];

	for (int i = 0; i < REASON_COUNT; i++)
		number[i] = stats->reason_dropped[i] + stats->reason_would_drop[i];
	count = sort_reasons(number, order);
	if (!append_key(out, "flows", stats->flows) || !append_key(out, "half_open", stats->half_open))
		return;
	for (size_t i = 0; i < sizeof(key_counters) / sizeof(key_counters[0]); i++) {
		counter_key(key_counters[i], key);
		if (!append_key(out, key, stats->counter[key_counters[i]]))
			return;
	}
	for (unsigned i = 0; i < count; i++)
		if (!append_key(out, reason_word(order[i]), number[order[i]]))
			return;
}

void summary_add_flow(struct summary *summary, const struct flow_record *flow)
{
	unsigned at = summary->worst_count;

	summary->flows++;
	if (flow->close_reason < CLOSE_COUNT)
		summary->closed[flow->close_reason]++;
	summary->states[flow->conn_state]++;
	if (flow->dropped == 0 && flow->end[0].retrans == 0 && flow->end[1].retrans == 0)
		return;
	if (at < SUMMARY_WORST)
		summary->worst_count++;
	else if (!is_worse(flow, &summary->worst[--at]))
		return;
	for (; at > 0 && is_worse(flow, &summary->worst[at - 1]); at--)
		summary->worst[at] = summary->worst[at - 1];
	summary->worst[at] = *flow;
}

void summary_text(struct text *out, const struct summary *summary, const char *file)
{
	const uint64_t *counter = summary->stats.counter;

	if (file != NULL) {
		logfmt_printable(out, file);
		text_char(out, '\n');
	}
	text_fmt(out, "frames: %llu in %.6f s\n", (unsigned long long)summary->frames,
		 (double)summary->duration_ns / 1e9);
	for (size_t i = 0; i < sizeof(text_counters) / sizeof(text_counters[0]); i++)
		if (counter[text_counters[i]] != 0)
			text_fmt(out, "  %8llu  %-11s  %s\n", (unsigned long long)counter[text_counters[i]],
				 counter_word(text_counters[i]), counter_help(text_counters[i]));
	text_outcomes(out, summary);
	text_reasons(out, "drops", summary->stats.reason_dropped);
	text_reasons(out, "would-drops", summary->stats.reason_would_drop);
	text_reasons(out, "remarks", summary->stats.reason_accepted);
	text_worst(out, summary);
}

void summary_json(struct text *out, const struct summary *summary, const char *file)
{
	const uint64_t *counter = summary->stats.counter;
	json_t *worst = json_array();
	struct fields fields;

	fields_begin(&fields, out, true);
	fields_number(&fields, "frames", summary->frames);
	fields_number(&fields, "duration_us", (uint64_t)summary->duration_ns / 1000);
	fields_number(&fields, "packets", counter[COUNTER_PACKETS]);
	fields_number(&fields, "accepted", counter[COUNTER_ACCEPTED]);
	fields_number(&fields, "dropped", counter[COUNTER_DROPPED]);
	fields_number(&fields, "would_drop", counter[COUNTER_WOULD_DROP]);
	fields_number(&fields, "flows", summary->flows);
	json_outcomes(&fields, summary);
	json_object_set_new(fields.object, "drops", json_reasons(summary->stats.reason_dropped));
	json_object_set_new(fields.object, "would_drops", json_reasons(summary->stats.reason_would_drop));
	json_object_set_new(fields.object, "remarks", json_reasons(summary->stats.reason_accepted));
	for (unsigned i = 0; i < summary->worst_count; i++)
		json_array_append_new(worst, json_flow(&summary->worst[i]));
	json_object_set_new(fields.object, "worst", worst);
	if (file != NULL)
		fields_word(&fields, "file", file);
	fields_end(&fields);
}
