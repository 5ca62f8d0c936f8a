/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of options: paths, defaults, ranges, choices; and the settings they make. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tables/settings.h"

#define EACH_OPTION(o) \
	for (const struct option_info *o = option_table; o < option_table + OPTION_COUNT; o++)

static void paths_map_both_ways(void **state)
{
	(void)state;
	for (int i = 0; i < OPTION_COUNT; i++) {
		assert_non_null(option_table[i].path);
		if (option_find(option_table[i].path) != i)
			fail_msg("%s stands twice", option_table[i].path);
	}
	assert_int_equal(option_find("tracking"), -1);
	assert_int_equal(option_find(""), -1);
}

static void paths_are_lower_case(void **state)
{
	(void)state;
	EACH_OPTION(o) {
		if (o->path[strspn(o->path, "abcdefghijklmnopqrstuvwxyz0123456789_.")] != '\0')
			fail_msg("%s", o->path);
	}
}

/* libconfig: what is a group cannot be a value as well. */
static void no_path_is_a_group_of_another(void **state)
{
	(void)state;
	EACH_OPTION(outer) {
		size_t length = strlen(outer->path);

		EACH_OPTION(inner) {
			if (strncmp(inner->path, outer->path, length) == 0 && inner->path[length] == '.')
				fail_msg("%s lies within %s", inner->path, outer->path);
		}
	}
}

static void numbers_default_within_their_range(void **state)
{
	(void)state;
	EACH_OPTION(o) {
		if (o->type != OPTION_TYPE_INT)
			continue;
		if (o->least > o->def_number || o->def_number > o->most || o->least >= o->most)
			fail_msg("%s: %lld not in %lld..%lld", o->path, (long long)o->def_number,
				 (long long)o->least, (long long)o->most);
	}
}

static void choices_contain_their_default(void **state)
{
	char word[64];

	(void)state;
	EACH_OPTION(o) {
		int count = 0;

		if (o->type != OPTION_TYPE_CHOICE)
			continue;
		if (choice_find(o->choices, o->def_text) < 0)
			fail_msg("%s: %s is none of %s", o->path, o->def_text, o->choices);
		while (choice_word(o->choices, count, word, sizeof(word))) {
			assert_int_equal(choice_find(o->choices, word), count);
			count++;
		}
		assert_true(count >= 2);
	}
}

static void choices_by_word(void **state)
{
	char word[8];

	(void)state;
	assert_int_equal(choice_find("one|two|three", "one"), 0);
	assert_int_equal(choice_find("one|two|three", "three"), 2);
	assert_int_equal(choice_find("one|two|three", "thre"), -1);
	assert_int_equal(choice_find("one|two|three", "two|three"), -1);
	assert_int_equal(choice_find("one|two|three", ""), -1);
	assert_true(choice_word("one|two|three", 1, word, sizeof(word)));
	assert_string_equal(word, "two");
	assert_false(choice_word("one|two|three", 3, word, sizeof(word)));
	assert_true(choice_word("one|two|three", 2, word, 4));
	assert_string_equal(word, "thr");
}

static void every_option_has_help_and_rule(void **state)
{
	(void)state;
	EACH_OPTION(o) {
		assert_non_null(o->help);
		assert_non_null(o->rule);
		if (o->help[0] == '\0' || o->help[strlen(o->help) - 1] == '.')
			fail_msg("%s: help is a phrase without a full stop", o->path);
		assert_non_null(option_unit_word(o->unit));
	}
}

static void fields_do_not_overlap(void **state)
{
	static uint8_t owner[sizeof(struct settings)];
	static const size_t sizes[] = {
		[OPTION_TYPE_INT] = sizeof(int64_t),
		[OPTION_TYPE_BOOL] = sizeof(bool),
		[OPTION_TYPE_CHOICE] = sizeof(int),
		[OPTION_TYPE_STRING] = SETTING_STRING_SIZE,
		[OPTION_TYPE_LIST] = sizeof(struct setting_list),
	};

	(void)state;
	EACH_OPTION(o) {
		assert_true(o->offset + sizes[o->type] <= offsetof(struct settings, origin));
		for (size_t i = 0; i < sizes[o->type]; i++)
			assert_int_equal(owner[o->offset + i]++, 0);
	}
}

static void defaults_fill_the_settings(void **state)
{
	static struct settings settings;
	const char *base = (const char *)&settings;

	(void)state;
	memset(&settings, 0x5a, sizeof(settings));
	settings_defaults(&settings);
	EACH_OPTION(o) {
		const char *at = base + o->offset;

		if (o->type == OPTION_TYPE_INT)
			assert_true(*(const int64_t *)(const void *)at == o->def_number);
		else if (o->type == OPTION_TYPE_BOOL)
			assert_int_equal(*(const bool *)(const void *)at, o->def_number != 0);
		else if (o->type == OPTION_TYPE_CHOICE)
			assert_int_equal(*(const int *)(const void *)at, choice_find(o->choices, o->def_text));
		else if (o->type == OPTION_TYPE_STRING)
			assert_string_equal(at, o->def_text);
		assert_int_equal(settings.origin[o - option_table], ORIGIN_DEFAULT);
	}
}

/* M-11: 2MSL is 120 s, under the strict window 240 s unless somebody set it. */
static void time_wait_follows_the_window(void **state)
{
	static struct settings settings;

	(void)state;
	settings_defaults(&settings);
	assert_int_equal(settings_time_wait_s(&settings), 120);
	settings.tracking_window = WINDOW_STRICT;
	assert_int_equal(settings_time_wait_s(&settings), 240);
	settings.origin[OPTION_tracking_timeouts_time_wait] = ORIGIN_FILE;
	settings.tracking_timeouts_time_wait = 30;
	assert_int_equal(settings_time_wait_s(&settings), 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_map_both_ways),	      cmocka_unit_test(paths_are_lower_case),
		cmocka_unit_test(no_path_is_a_group_of_another), cmocka_unit_test(numbers_default_within_their_range),
		cmocka_unit_test(choices_contain_their_default), cmocka_unit_test(choices_by_word),
		cmocka_unit_test(every_option_has_help_and_rule), cmocka_unit_test(fields_do_not_overlap),
		cmocka_unit_test(defaults_fill_the_settings),  cmocka_unit_test(time_wait_follows_the_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
