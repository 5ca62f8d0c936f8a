/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config/: one value from text, by config_set(). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "config/config.h"
#include "config/describe.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct settings settings;
static struct services services;

static void units_are_converted(void **state)
{
	static const struct {
		const char *path, *text;
		size_t offset;
		int64_t value;
	} rows[] = {
#define ROW(field, path, text, value) { path, text, offsetof(struct settings, field), value }
		ROW(tracking_timeouts_syn_sent, "tracking.timeouts.syn_sent", "120s", 120),
		ROW(tracking_timeouts_syn_sent, "tracking.timeouts.syn_sent", "2m", 120),
		ROW(tracking_timeouts_syn_sent, "tracking.timeouts.syn_sent", "2min", 120),
		ROW(tracking_timeouts_syn_sent, "tracking.timeouts.syn_sent", "5000ms", 5),
		ROW(tracking_timeouts_established, "tracking.timeouts.established", "2h4m", 7440),
		ROW(tracking_timeouts_established, "tracking.timeouts.established", "1d", 86400),
		ROW(tracking_timeouts_established, "tracking.timeouts.established", "1d 2h 3m 4s", 93784),
		ROW(syn_flood_first_syn_min, "syn_flood.first_syn_min", "500ms", 500),
		ROW(syn_flood_first_syn_min, "syn_flood.first_syn_min", "1s 500 ms", 1500),
		ROW(queue_receive_buffer, "queue.receive_buffer", "16MiB", 16777216),
		ROW(queue_receive_buffer, "queue.receive_buffer", "1GiB", 1073741824),
		ROW(queue_copy_range, "queue.copy_range", "4KiB", 4096),
		ROW(queue_copy_range, "queue.copy_range", "256 B", 256),
		ROW(syn_flood_source_rate, "syn_flood.source_rate", "100/s", 100),
		ROW(tracking_pickup_max, "tracking.pickup_max", "50%", 50),
		ROW(tracking_max_flows, "tracking.max_flows", "65536", 65536),
		ROW(tracking_max_flows, "tracking.max_flows", "0x10000", 65536),
		ROW(tracking_max_flows, "tracking.max_flows", "65536L", 65536),
#undef ROW
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char error[512] = "";

		settings_defaults(&settings);
		if (!config_set(&settings, &services, rows[i].path, rows[i].text, error, sizeof error))
			fail_msg("%s", error);
		assert_int_equal(*(int64_t *)(void *)((char *)&settings + rows[i].offset), rows[i].value);
	}
}

/* Each wrong value with the error it gives. */
static void wrong_values_are_explained(void **state)
{
	static const struct {
		const char *path, *value, *error;
	} rows[] = {
		{ "queue.number", "65536", "65536 is out of range (allowed: 0..65535)" },
		{ "queue.number", "-1", "-1 is out of range (allowed: 0..65535)" },
		{ "queue.number", "0.5", "is a fraction, not a whole number (allowed: 0..65535)" },
		{ "queue.number", "\"5\"", "is a string, not a whole number (allowed: 0..65535)" },
		{ "queue.number", "true", "is true or false, not a whole number (allowed: 0..65535)" },
		{ "tracking.timeouts.syn_sent", "11m", "660 is out of range (allowed: 1..600 s)" },
		{ "tracking.timeouts.syn_sent", "4294967416",
		  "4294967416 is out of range (allowed: 1..600 s)" },
		{ "tracking.timeouts.syn_sent", "0x100000078",
		  "4294967416 is out of range (allowed: 1..600 s)" },
		{ "tracking.timeouts.syn_sent", "99999999999999999999s",
		  "\"99999999999999999999s\" is not a number with a unit; units: ms, s, m, h, d (allowed: "
		  "1..600 s)" },
		{ "tracking.timeouts.syn_sent", "9223372036854775807d",
		  "\"9223372036854775807d\" is too large; units: ms, s, m, h, d (allowed: 1..600 s)" },
		{ "tracking.timeouts.syn_sent", "1500ms",
		  "\"1500ms\" is not a whole number of seconds; units: ms, s, m, h, d (allowed: 1..600 s)" },
		{ "tracking.timeouts.syn_sent", "\"90\"",
		  "\"90\" is not a number with a unit; units: ms, s, m, h, d (allowed: 1..600 s)" },
		{ "tracking.timeouts.syn_sent", "5MiB",
		  "\"5MiB\" is not a number with a unit; units: ms, s, m, h, d (allowed: 1..600 s)" },
		/* T-4 */
		{ "tracking.timeouts.established", "7439",
		  "7439 is out of range (allowed: 7440..31536000 s)" },
		{ "queue.copy_range", "1KiB1KiB",
		  "\"1KiB1KiB\" is not a number with a unit; units: B, KiB, MiB, GiB (allowed: 128..65535 "
		  "bytes)" },
		{ "tracking.pickup_max", "5/s",
		  "\"5/s\" is not a number with a unit; units: % (allowed: 1..100 %)" },
		{ "queue.fail_open", "1", "is a number, not true or false (allowed: true, false)" },
		{ "tracking.window", "loose", "\"loose\" is no choice (allowed: normal, strict, liberal)" },
		{ "tracking.window", "3", "is a number, not a string (allowed: normal, strict, liberal)" },
		{ "tracking.window", "{}", "is a group, not a string (allowed: normal, strict, liberal)" },
		{ "user", "(\"a\")", "is a list, not a string (allowed: a string of up to 255 characters)" },
		{ "user", "\"a\\x0ab\"",
		  "has a control character (allowed: a string of up to 255 characters)" },
		{ "queue.cpus", "(0, 1024, \"2\")",
		  "element 2: 1024 is out of range 0..1023; element 3: is a string, not a number"
		  " (allowed: a list of CPU numbers, such as (0, 2))" },
		{ "queue.cpus", "3",
		  "is a number, not a list (allowed: a list of CPU numbers, such as (0, 2))" },
		{ "log.events", "(\"flow-lost\")",
		  "element 1: \"flow-lost\" is no event"
		  " (allowed: a list of events, such as (\"flow-closed\", \"packet-dropped\"), or "
		  "(\"all\"))" },
		{ "log.events", "()",
		  "is empty"
		  " (allowed: a list of events, such as (\"flow-closed\", \"packet-dropped\"), or "
		  "(\"all\"))" },
		{ "tracking", "5", "is a group, not an option (allowed: tracking = { ... };)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char error[1024] = "", expected[1024];
		static struct settings before;

		settings_defaults(&before);
		settings = before;
		snprintf(expected, sizeof expected, "%s: %s", rows[i].path, rows[i].error);
		assert_false(config_set(&settings, &services, rows[i].path, rows[i].value, error, sizeof error));
		assert_string_equal(error, expected);
		assert_memory_equal(&settings, &before, sizeof settings);
	}
}

static void wrong_prefixes_are_explained(void **state)
{
	static const struct {
		const char *prefix, *error;
	} rows[] = {
		{ "10.0.0.1/8", "has bits set behind its prefix length" },
		{ "2001:db8::1/32", "has bits set behind its prefix length" },
		{ "10.0.0.0/33", "has a prefix length beyond 0..32" },
		{ "2001:db8::/129", "has a prefix length beyond 0..128" },
		{ "10.0.0.0/", "has a prefix length beyond 0..32" },
		{ "10.0.0.0/+8", "has a prefix length beyond 0..32" },
		{ "10.0.0/8", "is no address prefix" },
		{ "host.example/8", "is no address prefix" },
		{ "", "is no address prefix" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char value[80], error[512] = "", expected[512];

		snprintf(value, sizeof value, "(\"%s\")", rows[i].prefix);
		snprintf(expected, sizeof expected,
			 "syn_flood.allow: element 1: \"%s\" %s"
			 " (allowed: a list of prefixes, such as (\"10.0.0.0/8\", \"2001:db8::/32\"))",
			 rows[i].prefix, rows[i].error);
		assert_false(config_set(&settings, &services, "syn_flood.allow", value, error, sizeof error));
		assert_string_equal(error, expected);
	}
}

static void lists_are_bounded(void **state)
{
	char value[SETTING_LIST_MAX * 3 + 8], error[512];
	struct text list;

	(void)state;
	text_init(&list, value, sizeof value);
	text_str(&list, "(0");
	for (int i = 1; i < SETTING_LIST_MAX; i++)
		text_str(&list, ", 0");
	text_str(&list, ")");
	assert_true(config_set(&settings, &services, "queue.cpus", value, error, sizeof error));
	assert_int_equal(settings.queue_cpus.count, SETTING_LIST_MAX);
	list.len--;
	text_str(&list, ",0)");
	assert_false(config_set(&settings, &services, "queue.cpus", value, error, sizeof error));
	assert_string_equal(error, "queue.cpus: has 65 elements, more than 64"
				   " (allowed: a list of CPU numbers, such as (0, 2))");
}

static void strings_are_bounded(void **state)
{
	char value[SETTING_STRING_SIZE + 1], error[512];

	(void)state;
	memset(value, 'a', sizeof value);
	value[SETTING_STRING_SIZE] = '\0';
	assert_false(config_set(&settings, &services, "user", value, error, sizeof error));
	assert_string_equal(error, "user: is too long (allowed: a string of up to 255 characters)");
	value[SETTING_STRING_SIZE - 1] = '\0';
	assert_true(config_set(&settings, &services, "user", value, error, sizeof error));
	assert_string_equal(settings.user, value);
}

/* A value for option number `i` that is not its default, as text. */
static const char *other_value(const struct option_info *option)
{
	static char text[64];
	int64_t number = option->def_number != option->least ? option->least : option->most;

	switch (option->type) {
	case OPTION_TYPE_INT: snprintf(text, sizeof text, "%lld", (long long)number); return text;
	case OPTION_TYPE_BOOL: return option->def_number != 0 ? "false" : "true";
	case OPTION_TYPE_CHOICE:
		choice_word(option->choices, choice_find(option->choices, option->def_text) == 0, text,
			    sizeof text);
		return text;
	case OPTION_TYPE_STRING: return "stdout";
	case OPTION_TYPE_LIST: break;
	}
	switch (option->element) {
	case OPTION_ELEMENT_INT: return "(1)";
	case OPTION_ELEMENT_PREFIX: return "(\"192.0.2.0/24\")";
	case OPTION_ELEMENT_EVENT: return "(\"flow-new\")";
	}
	return NULL;
}

/* One option changes, all other bytes stay; and set to its printed default it is the default again. */
static void every_option_can_be_set(void **state)
{
	static struct settings defaults;

	(void)state;
	settings_defaults(&defaults);
	for (int i = 0; i < OPTION_COUNT; i++) {
		const struct option_info *option = &option_table[i];
		char value[256], error[512] = "";
		struct text text;

		settings = defaults;
		if (!config_set(&settings, &services, option->path, other_value(option), error, sizeof error))
			fail_msg("%s", error);
		assert_int_equal(settings.origin[i], ORIGIN_COMMAND_LINE);
		settings.origin[i] = ORIGIN_DEFAULT;
		assert_memory_not_equal(&settings, &defaults, sizeof settings);
		text_init(&text, value, sizeof value);
		describe_default(&text, option);
		if (!config_set(&settings, &services, option->path, value, error, sizeof error))
			fail_msg("%s", error);
		settings.origin[i] = ORIGIN_DEFAULT;
		assert_memory_equal(&settings, &defaults, sizeof settings);
	}
}

/* What is special in a string of libconfig is escaped: the value reads back as it is. */
static void strings_are_written_as_they_are_read(void **state)
{
	static const char path[] = "/tmp/a \\\"b\".sock";
	struct settings again;
	char data[256], error[256];
	struct text text;

	(void)state;
	settings_defaults(&settings);
	strcpy(settings.control_socket, path);
	text_init(&text, data, sizeof data);
	describe_value(&text, &option_table[OPTION_control_socket], &settings);
	settings_defaults(&again);
	assert_true(config_set(&again, &services, "control.socket", data, error, sizeof error));
	assert_string_equal(again.control_socket, path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units_are_converted),          cmocka_unit_test(wrong_values_are_explained),
		cmocka_unit_test(wrong_prefixes_are_explained), cmocka_unit_test(lists_are_bounded),
		cmocka_unit_test(strings_are_bounded),          cmocka_unit_test(every_option_can_be_set),
		cmocka_unit_test(strings_are_written_as_they_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
