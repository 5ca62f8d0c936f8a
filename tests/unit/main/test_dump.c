/* SPDX-License-Identifier: GPL-2.0-or-later */
/* main/dump: the sample configuration, the tables, the manuals' parts and the diagram. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "main/dump.h"
#include "tables/commands.h"
#include "tables/settings.h"

/* What dump_print() writes, freed by the caller. */
static char *dump(const char *word)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_true(dump_print(word, out));
	assert_int_equal(fclose(out), 0);
	assert_int_equal(strlen(text), size);
	return text;
}

/* Loads `text` as a file. */
static void load(const char *text, struct settings *settings)
{
	char name[] = "dump-test-XXXXXX";
	struct config_errors errors = { 0 };
	struct services services;
	int fd = mkstemp(name);
	int result;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	result = config_load(settings, &services, name, NULL, 0, &errors);
	unlink(name);
	if (result != 0)
		fail_msg("%s", errors.line[0]);
}

/* Takes the '#' away in front of every option: it stands right before the name. */
static void uncomment(char *text)
{
	char *to = text;
	bool blank = true; /* only tabs since the line began */

	for (const char *p = text; *p != '\0'; p++) {
		if (blank && *p == '#' && p[1] != ' ' && p[1] != '\n')
			continue;
		blank = *p == '\n' || (blank && *p == '\t');
		*to++ = *p;
	}
	*to = '\0';
}

static void the_sample_loads_to_the_defaults(void **state)
{
	static struct settings defaults, settings;
	char *sample = dump("conf");

	(void)state;
	settings_defaults(&defaults);
	load(sample, &settings);
	assert_memory_equal(&settings, &defaults, sizeof settings);

	uncomment(sample);
	load(sample, &settings);
	for (int i = 0; i < OPTION_COUNT; i++) {
		if (settings.origin[i] != ORIGIN_FILE)
			fail_msg("%s is not in the sample", option_table[i].path);
		settings.origin[i] = ORIGIN_DEFAULT;
		settings.line[i] = 0;
	}
	assert_memory_equal(&settings, &defaults, sizeof settings);
	free(sample);
}

static void every_word_prints_something(void **state)
{
	char words[256];
	char *rest = words;
	const char *word;

	(void)state;
	strncpy(words, dump_words(), sizeof words - 1);
	words[sizeof words - 1] = '\0';
	while ((word = strsep(&rest, "|")) != NULL) {
		char *text = dump(word);

		assert_true(strlen(text) > 0);
		assert_int_equal(text[strlen(text) - 1], '\n');
		free(text);
	}
	assert_false(dump_print("nothing", stdout));
	assert_false(dump_print("", stdout));
}

/* Every line of `text` has as many tabs as the first; returns how many lines follow that one. */
static int count_rows(const char *text)
{
	int rows = 0, tabs = 0, first = -1;

	for (const char *p = text; *p != '\0'; p++) {
		tabs += *p == '\t';
		if (*p != '\n')
			continue;
		if (first < 0)
			first = tabs;
		else
			rows++;
		assert_int_equal(tabs, first);
		tabs = 0;
	}
	return rows;
}

static void tables_have_a_row_each(void **state)
{
	static const struct {
		const char *word;
		int rows;
	} tables[] = {
		{ "options", OPTION_COUNT }, { "phases", PHASE_COUNT },     { "reasons", REASON_COUNT },
		{ "events", EVENT_COUNT },   { "counters", COUNTER_COUNT },
		{ "rules", RULE_COUNT },        { "commands", COMMAND_COUNT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		char *text = dump(tables[i].word);

		assert_int_equal(count_rows(text), tables[i].rows);
		free(text);
	}
}

/* The worked example of the specification is a path through the diagram. */
static void the_diagram_has_the_phase_table(void **state)
{
	static const char *const edges[] = {
		"SYN_SENT -> SYN_RECV [label=\"< SYN+ACK\"]",
		"SYN_SENT -> SYN_SENT2 [label=\"< SYN\"]",
		"SYN_RECV -> ESTABLISHED [label=\"> ACK\\n< ACK\"]",
		"ESTABLISHED -> FIN_WAIT [label=\"> FIN\\n< FIN\"]",
		"FIN_WAIT -> HALF_CLOSED [label=\"> ACK\\n< ACK\"]",
		"FIN_WAIT -> LAST_ACK [label=\"> FIN+ACK\\n< FIN+ACK\"]",
		"FIN_WAIT -> CLOSING [label=\"> FIN\\n< FIN\"]",
		"CLOSING -> LAST_ACK [label=\"> ACK\\n< ACK\"]",
		"HALF_CLOSED -> LAST_ACK [label=\"> FIN\\n< FIN\"]",
		"LAST_ACK -> TIME_WAIT [label=\"> ACK\\n< ACK\"]",
	};
	char *text = dump("dot");

	(void)state;
	for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++)
		if (strstr(text, edges[i]) == NULL)
			fail_msg("no edge %s", edges[i]);
	assert_null(strstr(text, "TIME_WAIT ->"));
	free(text);
}

static void the_manual_parts_are_complete(void **state)
{
	static const char *const parts[] = { "options", "phases",      "reasons", "events",
					     "closes",  "conn_states", "counters", "causes", "commands" };
	char *text = dump("man");

	(void)state;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		char begin[64], end[64];

		snprintf(begin, sizeof begin, ".\\\" BEGIN %s\n", parts[i]);
		snprintf(end, sizeof end, ".\\\" END %s\n", parts[i]);
		assert_non_null(strstr(text, begin));
		assert_non_null(strstr(text, end));
	}
	for (int i = 0; i < OPTION_COUNT; i++) {
		char item[128];

		snprintf(item, sizeof item, ".It Ic %s No =", option_table[i].path);
		assert_non_null(strstr(text, item));
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sample_loads_to_the_defaults),
		cmocka_unit_test(every_word_prints_something),
		cmocka_unit_test(tables_have_a_row_each),
		cmocka_unit_test(the_diagram_has_the_phase_table),
		cmocka_unit_test(the_manual_parts_are_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
