/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tables/tables.h"

#include <stddef.h>
#include <string.h>

const struct reason_info reason_table[REASON_COUNT] = {
#define REASON(name, word, class, verdict, rule, setting, help) \
	[REASON_##name] = { word, REASON_CLASS_##class, VERDICT_##verdict, rule, setting, help },
#include "tables/reasons.def"
#undef REASON
};

enum { CAUSE_QUIET, CAUSE_HINT };

const struct cause_info cause_table[CAUSE_COUNT] = {
#define CAUSE(name, word, setting, hint, help) [CAUSE_##name] = { word, setting, CAUSE_##hint, help },
#include "tables/causes.def"
#undef CAUSE
};

const struct event_info event_table[EVENT_COUNT] = {
#define EVENT(name, word, group, severity, help) \
	[EVENT_##name] = { word, EVENT_GROUP_##group, SEVERITY_##severity, help },
#include "tables/events.def"
#undef EVENT
};

const struct metric_info metric_table[METRIC_COUNT] = {
#define METRIC(name, word, type, labels, help) [METRIC_##name] = { word, METRIC_TYPE_##type, labels, help },
#include "tables/metrics.def"
#undef METRIC
};

const struct rule_info rule_table[RULE_COUNT] = {
#define RULE(id, help, source) { id, help, source },
#include "tables/rules.def"
#undef RULE
};

struct word {
	const char *word;
	const char *help;
};

static const struct word phase_words[] = {
#define PHASE(name, help) { #name, help },
#include "tables/phases.def"
#undef PHASE
};

static const struct word counter_words[] = {
#define COUNTER(name, word, help) { word, help },
#include "tables/counters.def"
#undef COUNTER
};

static const struct word close_words[] = {
#define CLOSE(name, word, help) { word, help },
#include "tables/closes.def"
#undef CLOSE
};

static const struct word conn_state_words[] = {
#define CONN_STATE(name, help) { #name, help },
#include "tables/conn_states.def"
#undef CONN_STATE
};

static int word_find(const struct word *words, int count, const char *word)
{
	for (int i = 0; i < count; i++)
		if (strcmp(words[i].word, word) == 0)
			return i;
	return -1;
}

const char *verdict_word(enum verdict verdict)
{
	return verdict == VERDICT_DROP ? "drop" : "accept";
}

const char *side_word(enum side side)
{
	static const char *const words[] = { "client", "server", "-" };

	return words[side];
}

const char *reason_word(enum reason reason)
{
	return reason < REASON_COUNT ? reason_table[reason].word : "-";
}

const char *reason_setting(enum reason reason, enum limiter limiter)
{
	static const char *const actions[LIMITER_COUNT] = {
		[LIMITER_SOURCE] = "syn_flood.source_action",
		[LIMITER_CONN] = "syn_flood.conn_action",
		[LIMITER_DESTINATION] = "syn_flood.destination_action",
		[LIMITER_HALF_OPEN] = "syn_flood.half_open_action",
		[LIMITER_MODE] = "syn_flood.mode_action",
	};

	if (reason >= REASON_COUNT)
		return "-";
	if ((reason == REASON_FIRST_SYN || reason == REASON_CHALLENGED) && limiter < LIMITER_COUNT &&
	    actions[limiter] != NULL)
		return actions[limiter];
	return reason_table[reason].setting;
}

const char *reason_class_word(enum reason_class class)
{
	static const char *const words[] = { "decode", "track", "limit", "icmp" };

	return words[class];
}

const char *phase_word(enum phase phase)
{
	return phase < PHASE_COUNT ? phase_words[phase].word : "-";
}

const char *phase_help(enum phase phase)
{
	return phase_words[phase].help;
}

const char *event_word(enum event_kind event)
{
	return event_table[event].word;
}

const char *severity_word(enum severity severity)
{
	static const char *const words[] = { "err", "warning", "notice", "info", "debug" };

	return words[severity];
}

const char *counter_word(enum counter counter)
{
	return counter_words[counter].word;
}

const char *counter_help(enum counter counter)
{
	return counter_words[counter].help;
}

const char *metric_type_word(enum metric_type type)
{
	static const char *const words[] = { "gauge", "counter", "histogram" };

	return words[type];
}

const char *close_word(enum close_reason reason)
{
	return reason < CLOSE_COUNT ? close_words[reason].word : "-";
}

const char *close_help(enum close_reason reason)
{
	return close_words[reason].help;
}

const char *conn_state_word(enum conn_state state)
{
	return conn_state_words[state].word;
}

const char *conn_state_help(enum conn_state state)
{
	return conn_state_words[state].help;
}

int reason_find(const char *word)
{
	for (int i = 0; i < REASON_COUNT; i++)
		if (strcmp(reason_table[i].word, word) == 0)
			return i;
	return -1;
}

int phase_find(const char *word)
{
	return word_find(phase_words, PHASE_COUNT, word);
}

int event_find(const char *word)
{
	for (int i = 0; i < EVENT_COUNT; i++)
		if (strcmp(event_table[i].word, word) == 0)
			return i;
	return -1;
}

int counter_find(const char *word)
{
	return word_find(counter_words, COUNTER_COUNT, word);
}

int close_find(const char *word)
{
	return word_find(close_words, CLOSE_COUNT, word);
}

int conn_state_find(const char *word)
{
	return word_find(conn_state_words, CONN_STATE_COUNT, word);
}

int rule_find(const char *id)
{
	for (int i = 0; i < RULE_COUNT; i++)
		if (strcmp(rule_table[i].id, id) == 0)
			return i;
	return -1;
}
