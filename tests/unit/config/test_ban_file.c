/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syn_flood.ban_file: read when settings are checked, and when they are applied, again and again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "config/ban_file.h"
#include "file.h"

/* `text` as the file of prefixes, with no file of settings. entries: a further text of --set, or NULL. */
static int load_bans(const char *text, const char *entries)
{
	char path[64];
	const char *sets[] = { path, entries, NULL };

	write_file(text, strlen(text));
	snprintf(path, sizeof path, "syn_flood.ban_file=\"%s\"", file_name);
	return load_with(NULL, sets);
}

static bool bans(const struct ban *ban, uint8_t a, uint8_t b)
{
	const uint8_t address[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [13] = a, [14] = b, [15] = 1 };

	return ban_has(ban, address, 0);
}

static void prefixes_come_and_go(void **state)
{
	static const struct hash_key key = { 1, 2 };
	struct ban *ban = ban_new(16, &key);

	(void)state;
	assert_int_equal(load_bans("# known bad\n\n 10.1.0.0/16 # spaces\n10.2.3.1\n2001:db8::/32\n", NULL), 0);
	assert_true(ban_file_apply(&settings, ban));
	assert_int_equal(ban_count(ban), 3);
	assert_true(bans(ban, 1, 7) && bans(ban, 2, 3) && !bans(ban, 2, 4));
	assert_int_equal(load_bans("10.2.0.0/15", NULL), 0);
	assert_true(ban_file_apply(&settings, ban));
	assert_true(!bans(ban, 1, 7) && bans(ban, 3, 4));
	settings.syn_flood_ban_file[0] = '\0';
	assert_true(ban_file_apply(&settings, ban));
	assert_int_equal(ban_count(ban), 0);
	strcpy(settings.syn_flood_ban_file, "no-such-file");
	assert_false(ban_file_apply(&settings, ban));
	assert_int_equal(load_bans("10.1.0.0/16", NULL), 0);
	assert_true(ban_file_apply(&settings, ban));
	strcpy(settings.syn_flood_ban_file, "."); /* opens, but cannot be read */
	assert_false(ban_file_apply(&settings, ban));
	assert_int_equal(ban_count(ban), 1);
	ban_free(ban);
}

static void errors_name_file_and_line(void **state)
{
	char expected[256];

	(void)state;
	assert_int_equal(load_bans("10.0.0.0/8\n10.1.2.3/8\nnonsense\n", NULL), -EINVAL);
	assert_int_equal(errors.count, 2);
	snprintf(expected, sizeof expected,
		 "--set: syn_flood.ban_file: %s:2: \"10.1.2.3/8\" has bits set behind its prefix length",
		 file_name);
	assert_string_equal(errors.line[0], expected);
	snprintf(expected, sizeof expected,
		 "--set: syn_flood.ban_file: %s:3: \"nonsense\" is no address prefix", file_name);
	assert_string_equal(errors.line[1], expected);
}

static void a_folder_is_no_file(void **state)
{
	const char *sets[] = { "syn_flood.ban_file=/", NULL };

	(void)state;
	assert_int_equal(load_with(NULL, sets), -EINVAL);
	assert_only_error("--set: syn_flood.ban_file: / cannot be read: Is a directory");
}

static void too_many_are_refused(void **state)
{
	char text[17 * 16] = "", expected[256];

	(void)state;
	for (unsigned i = 0; i < 17; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "10.0.0.%u\n", i);
	assert_int_equal(load_bans(text, "syn_flood.ban_entries=16"), -EINVAL);
	snprintf(expected, sizeof expected,
		 "--set: syn_flood.ban_file: %s:17: more than syn_flood.ban_entries = 16 prefixes",
		 file_name);
	assert_string_equal(errors.line[0], expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes_come_and_go),
		cmocka_unit_test(errors_name_file_and_line),
		cmocka_unit_test(a_folder_is_no_file),
		cmocka_unit_test(too_many_are_refused),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
