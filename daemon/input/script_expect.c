/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "input/script_fields.h"

#include <string.h>

#include "input/script_text.h"

enum value_type {
	VALUE_NOTHING, /* the word alone */
	VALUE_NUMBER,
	VALUE_SECONDS,
	VALUE_WORD, /* of a table: find() */
	VALUE_PHASE,
	VALUE_SIDE,
};

struct expectation {
	const char *word;
	enum script_expect_kind kind;
	enum value_type type;
	bool packet;   /* speaks of a packet that was judged */
	bool again;    /* may stand more than once on a line */
	uint64_t number; /* VALUE_NOTHING */
	int (*find)(const char *word);
};

static const struct expectation expectations[] = {
	{ "accept", EXPECT_VERDICT, VALUE_NOTHING, true, false, VERDICT_ACCEPT, NULL },
	{ "drop", EXPECT_VERDICT, VALUE_NOTHING, true, false, VERDICT_DROP, NULL },
	{ "accepted", EXPECT_ACCEPTED, VALUE_NUMBER, true, false, 0, NULL },
	{ "dropped", EXPECT_DROPPED, VALUE_NUMBER, true, false, 0, NULL },
	{ "reason", EXPECT_REASON, VALUE_WORD, true, true, 0, reason_find },
	{ "no-reason", EXPECT_NO_REASON, VALUE_NOTHING, true, false, 0, NULL },
	{ "event", EXPECT_EVENT, VALUE_WORD, false, true, 0, event_find },
	{ "no-event", EXPECT_NO_EVENT, VALUE_NOTHING, false, false, 0, NULL },
	{ "closed", EXPECT_CLOSED, VALUE_WORD, false, true, 0, close_find },
	{ "phase", EXPECT_PHASE, VALUE_PHASE, false, false, 0, NULL },
	{ "half", EXPECT_HALF, VALUE_SIDE, false, false, 0, NULL },
	{ "timer", EXPECT_TIMER, VALUE_SECONDS, false, false, 0, NULL },
	{ "flows", EXPECT_FLOWS, VALUE_NUMBER, false, false, 0, NULL },
	{ "half-open", EXPECT_HALF_OPEN, VALUE_NUMBER, false, false, 0, NULL },
	{ "drops", EXPECT_DROPS, VALUE_NUMBER, false, false, 0, NULL },
};

static const char *const end_fields[] = {
	[END_FIELD_PACKETS] = "packets",
	[END_FIELD_BYTES] = "bytes",
	[END_FIELD_RETRANS] = "retrans",
	[END_FIELD_OOO] = "ooo",
};

static bool find_word(const struct expectation *row, const char *value, struct script_expect *expect,
		      char *error)
{
	int found = row->find(value);

	if (found < 0)
		return script_fail(error, "%s=%s: there is no such %s", row->word, value, row->word);
	expect->number = (uint64_t)found;
	return true;
}

static bool find_phase(const char *value, struct script_expect *expect, char *error)
{
	int found = strcmp(value, "-") == 0 ? PHASE_COUNT : phase_find(value);

	if (found < 0)
		return script_fail(error, "phase=%s: there is no such phase (- where no flow is left)",
				   value);
	expect->number = (uint64_t)found;
	return true;
}

static bool find_side(const char *value, struct script_expect *expect, char *error)
{
	for (enum side side = SIDE_CLIENT; side <= SIDE_NONE; side++) {
		if (strcmp(side_word(side), value) == 0) {
			expect->number = side;
			return true;
		}
	}
	return script_fail(error, "half=%s: there is no such end (allowed: client, server, -)", value);
}

static bool parse_value(const struct expectation *row, const char *value, struct script_expect *expect,
			char *error)
{
	expect->kind = row->kind;
	expect->number = row->number;
	if (row->type == VALUE_NOTHING)
		return value == NULL || script_fail(error, "%s takes no value", row->word);
	if (value == NULL)
		return script_fail(error, "%s needs a value", row->word);
	switch (row->type) {
	case VALUE_NOTHING:
	case VALUE_NUMBER:
		break;
	case VALUE_SECONDS:
		return script_seconds("timer=", value, &expect->number, error);
	case VALUE_WORD:
		return find_word(row, value, expect, error);
	case VALUE_PHASE:
		return find_phase(value, expect, error);
	case VALUE_SIDE:
		return find_side(value, expect, error);
	}
	return script_number(row->word, value, 0, UINT64_MAX, &expect->number, error);
}

/* counter.NAME, a reason, a counter of the engine or an event; two reasons are called as an event is. */
static bool parse_counter(const char *name, const char *value, struct script_expect *expect, char *error)
{
	int found = reason_find(name);

	expect->kind = EXPECT_REASON_COUNT;
	if (found < 0) {
		found = counter_find(name);
		expect->kind = EXPECT_COUNTER;
	}
	if (found < 0) {
		found = event_find(name);
		expect->kind = EXPECT_EVENT_COUNT;
	}
	if (found < 0)
		return script_fail(error, "counter.%s: there is no such reason, counter or event", name);
	if (value == NULL)
		return script_fail(error, "counter.%s needs a value", name);
	expect->which = (uint8_t)found;
	return script_number("counter", value, 0, UINT64_MAX, &expect->number, error);
}

/* client.NAME and server.NAME */
static bool parse_end(enum side side, const char *name, const char *value, struct script_expect *expect,
		      char *error)
{
	expect->kind = EXPECT_END;
	expect->side = (uint8_t)side;
	for (size_t i = 0; i < sizeof(end_fields) / sizeof(end_fields[0]); i++) {
		if (strcmp(end_fields[i], name) != 0)
			continue;
		if (value == NULL)
			return script_fail(error, "%s.%s needs a value", side_word(side), name);
		expect->which = (uint8_t)i;
		return script_number(name, value, 0, UINT64_MAX, &expect->number, error);
	}
	return script_fail(error, "%s.%s: there is no such number (allowed: packets, bytes, retrans, ooo)",
			   side_word(side), name);
}

static bool is_given(const struct script_step *step, enum script_expect_kind kind)
{
	for (unsigned i = 0; i < step->expects; i++)
		if (step->expect[i].kind == kind)
			return true;
	return false;
}

static bool parse_row(const char *word, const char *value, const struct script_step *step,
		      struct script_expect *expect, char *error)
{
	bool packet = step->kind == SCRIPT_SEGMENT || step->kind == SCRIPT_ICMP;

	for (size_t i = 0; i < sizeof(expectations) / sizeof(expectations[0]); i++) {
		const struct expectation *row = &expectations[i];

		if (strcmp(row->word, word) != 0)
			continue;
		if (row->packet && !packet)
			return script_fail(error, "%s needs a segment on its line", word);
		if (!row->again && is_given(step, row->kind))
			return script_fail(error, "%s: there is already one on this line", word);
		return parse_value(row, value, expect, error);
	}
	return script_fail(error, "unknown expectation '%s'", word);
}

static bool parse_one(char *word, struct script_step *step, char *error)
{
	struct script_expect expect = { 0 };
	char *value = strchr(word, '=');
	bool fine;

	if (step->expects == SCRIPT_EXPECT_MAX)
		return script_fail(error, "more than %d expectations", SCRIPT_EXPECT_MAX);
	if (value != NULL)
		*value++ = '\0';
	if (strncmp(word, "counter.", 8) == 0)
		fine = parse_counter(word + 8, value, &expect, error);
	else if (strncmp(word, "client.", 7) == 0)
		fine = parse_end(SIDE_CLIENT, word + 7, value, &expect, error);
	else if (strncmp(word, "server.", 7) == 0)
		fine = parse_end(SIDE_SERVER, word + 7, value, &expect, error);
	else
		fine = parse_row(word, value, step, &expect, error);
	if (fine)
		step->expect[step->expects++] = expect;
	return fine;
}

bool script_parse_expects(char *rest, struct script_step *step, char *error)
{
	char *word;

	while ((word = script_word(&rest)) != NULL)
		if (!parse_one(word, step, error))
			return false;
	if (step->expects == 0)
		return script_fail(error, "nothing is expected");
	return true;
}
