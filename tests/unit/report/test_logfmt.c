/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logfmt values: quoted when needed, nothing unescaped, and read back as they were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "report/logfmt.h"

static const struct {
	const char *value, *text;
} cases[] = {
	{ "plain-1.2:3/x", "plain-1.2:3/x" },
	{ "", "\"\"" },
	{ "two words", "\"two words\"" },
	{ "a=b", "\"a=b\"" },
	{ "a=b=", "\"a=b=\"" },
	{ "padded==", "padded==" },
	{ "=", "\"=\"" },
	{ "say \"no\"", "\"say \\\"no\\\"\"" },
	{ "back\\slash", "\"back\\\\slash\"" },
	{ "line\nevent=forged", "\"line\\nevent=forged\"" },
	{ "\t\r\x01\x1b[2J\x7f\xff", "\"\\t\\r\\x01\\x1b[2J\\x7f\\xff\"" },
};

static void values_are_quoted(void **state)
{
	char buffer[128];
	struct text text;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		text_init(&text, buffer, sizeof(buffer));
		logfmt_value(&text, cases[i].value);
		assert_string_equal(buffer, cases[i].text);
	}
}

static void values_are_read_back(void **state)
{
	char line[160], key_buffer[16], value_buffer[128];
	struct text text, key, value;
	const char *cursor;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		text_init(&text, line, sizeof(line));
		text_str(&text, "key=");
		logfmt_value(&text, cases[i].value);
		text_str(&text, "  next=1");
		cursor = line;
		text_init(&key, key_buffer, sizeof(key_buffer));
		text_init(&value, value_buffer, sizeof(value_buffer));
		assert_true(logfmt_next(&cursor, &key, &value));
		assert_string_equal(key_buffer, "key");
		assert_string_equal(value_buffer, cases[i].value);
		text_init(&key, key_buffer, sizeof(key_buffer));
		text_init(&value, value_buffer, sizeof(value_buffer));
		assert_true(logfmt_next(&cursor, &key, &value));
		assert_string_equal(key_buffer, "next");
		assert_string_equal(value_buffer, "1");
		assert_false(logfmt_next(&cursor, &key, &value));
	}
}

static void odd_texts_end(void **state)
{
	static const struct {
		const char *line, *key, *value;
	} odd[] = {
		{ "lonely", "lonely", "" }, { "k=\"open", "k", "open" }, { "k=\"cut\\", "k", "cut" },
		{ "=v", "", "v" },          { "k\n=v", "k_", "v" },       { "k=\"bad \\xg1\"", "k", "bad xg1" },
	};
	char key_buffer[16], value_buffer[16];
	struct text key, value;

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		const char *cursor = odd[i].line;

		text_init(&key, key_buffer, sizeof(key_buffer));
		text_init(&value, value_buffer, sizeof(value_buffer));
		assert_true(logfmt_next(&cursor, &key, &value));
		assert_string_equal(key_buffer, odd[i].key);
		assert_string_equal(value_buffer, odd[i].value);
		assert_false(logfmt_next(&cursor, &key, &value));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_quoted),
		cmocka_unit_test(values_are_read_back),
		cmocka_unit_test(odd_texts_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
