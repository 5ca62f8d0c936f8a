/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of words: every word maps both ways, stands once, and has its line of help. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tables/settings.h"
#include "tables/tables.h"

/* One table of words, in numbers: the enum itself is gone. */
struct words {
	const char *name;
	int count;
	const char *(*word)(int value);
	const char *(*help)(int value);
	int (*find)(const char *word);
	const char *alphabet; /* of its words */
};

#define LOWER  "abcdefghijklmnopqrstuvwxyz0123456789-"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

static const char *word_of_phase(int value) { return phase_word((enum phase)value); }
static const char *help_of_phase(int value) { return phase_help((enum phase)value); }
static const char *word_of_reason(int value) { return reason_word((enum reason)value); }
static const char *help_of_reason(int value) { return reason_table[value].help; }
static const char *word_of_event(int value) { return event_word((enum event_kind)value); }
static const char *help_of_event(int value) { return event_table[value].help; }
static const char *word_of_counter(int value) { return counter_word((enum counter)value); }
static const char *help_of_counter(int value) { return counter_help((enum counter)value); }
static const char *word_of_close(int value) { return close_word((enum close_reason)value); }
static const char *help_of_close(int value) { return close_help((enum close_reason)value); }
static const char *word_of_conn_state(int value) { return conn_state_word((enum conn_state)value); }
static const char *help_of_conn_state(int value) { return conn_state_help((enum conn_state)value); }
static const char *word_of_rule(int value) { return rule_table[value].id; }
static const char *help_of_rule(int value) { return rule_table[value].help; }

static const struct words tables[] = {
	{ "phase", PHASE_COUNT, word_of_phase, help_of_phase, phase_find, UPPER },
	{ "reason", REASON_COUNT, word_of_reason, help_of_reason, reason_find, LOWER },
	{ "event", EVENT_COUNT, word_of_event, help_of_event, event_find, LOWER },
	{ "counter", COUNTER_COUNT, word_of_counter, help_of_counter, counter_find, LOWER "_" },
	{ "close", CLOSE_COUNT, word_of_close, help_of_close, close_find, LOWER },
	{ "conn_state", CONN_STATE_COUNT, word_of_conn_state, help_of_conn_state, conn_state_find, UPPER },
	{ "rule", RULE_COUNT, word_of_rule, help_of_rule, rule_find, UPPER "-w" },
};

#define EACH_TABLE(t) \
	for (const struct words *t = tables; t < tables + sizeof(tables) / sizeof(tables[0]); t++)

static void every_word_maps_both_ways(void **state)
{
	(void)state;
	EACH_TABLE(t) {
		assert_true(t->count > 0);
		for (int i = 0; i < t->count; i++) {
			if (t->find(t->word(i)) != i)
				fail_msg("%s %d \"%s\" is found as %d", t->name, i, t->word(i), t->find(t->word(i)));
		}
	}
}

static void every_word_is_one_word(void **state)
{
	(void)state;
	EACH_TABLE(t) {
		for (int i = 0; i < t->count; i++) {
			const char *word = t->word(i);

			if (word[0] == '\0' || word[strspn(word, t->alphabet)] != '\0')
				fail_msg("%s \"%s\" has letters of another alphabet", t->name, word);
		}
	}
}

static void every_word_has_help(void **state)
{
	(void)state;
	EACH_TABLE(t) {
		for (int i = 0; i < t->count; i++) {
			const char *help = t->help(i);

			if (help == NULL || help[0] == '\0' || help[strlen(help) - 1] == '.')
				fail_msg("%s \"%s\": help is a phrase without a full stop", t->name, t->word(i));
		}
	}
}

static void no_other_word_is_found(void **state)
{
	static const char *const others[] = { "", "-", "fin ", "FIN", "no such word" };

	(void)state;
	EACH_TABLE(t) {
		for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
			assert_int_equal(t->find(others[i]), -1);
	}
}

static void what_is_nothing_prints_a_dash(void **state)
{
	(void)state;
	assert_string_equal(reason_word(REASON_NONE), "-");
	assert_string_equal(close_word(CLOSE_NONE), "-");
	assert_string_equal(phase_word(PHASE_COUNT), "-");
	assert_string_equal(side_word(SIDE_NONE), "-");
}

/* The setting that would have passed a segment is an option of the table. */
static void settings_of_reasons_exist(void **state)
{
	(void)state;
	for (int i = 0; i < REASON_COUNT; i++) {
		const char *setting = reason_table[i].setting;

		if (strcmp(setting, "-") != 0 && option_find(setting) < 0)
			fail_msg("reason %s names no option: %s", reason_table[i].word, setting);
	}
}

static void rules_of_reasons_exist(void **state)
{
	(void)state;
	for (int i = 0; i < REASON_COUNT; i++)
		if (rule_find(reason_table[i].rule) < 0)
			fail_msg("reason %s names no rule: %s", reason_table[i].word, reason_table[i].rule);
}

static void rules_name_their_source(void **state)
{
	(void)state;
	for (int i = 0; i < RULE_COUNT; i++)
		if (rule_table[i].source == NULL || rule_table[i].source[0] == '\0')
			fail_msg("rule %s has no source", rule_table[i].id);
}

static void small_words(void **state)
{
	(void)state;
	assert_string_equal(verdict_word(VERDICT_ACCEPT), "accept");
	assert_string_equal(verdict_word(VERDICT_DROP), "drop");
	assert_string_equal(side_word(SIDE_CLIENT), "client");
	assert_string_equal(side_word(SIDE_SERVER), "server");
	assert_int_equal(side_other(SIDE_CLIENT), SIDE_SERVER);
	assert_int_equal(side_other(SIDE_SERVER), SIDE_CLIENT);
	assert_string_equal(reason_class_word(REASON_CLASS_DECODE), "decode");
	assert_string_equal(reason_class_word(REASON_CLASS_ICMP), "icmp");
	assert_string_equal(severity_word(SEVERITY_ERR), "err");
	assert_string_equal(severity_word(SEVERITY_DEBUG), "debug");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_maps_both_ways),	 cmocka_unit_test(every_word_is_one_word),
		cmocka_unit_test(every_word_has_help),		 cmocka_unit_test(no_other_word_is_found),
		cmocka_unit_test(what_is_nothing_prints_a_dash), cmocka_unit_test(settings_of_reasons_exist),
		cmocka_unit_test(rules_of_reasons_exist),
		cmocka_unit_test(rules_name_their_source),	 cmocka_unit_test(small_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
