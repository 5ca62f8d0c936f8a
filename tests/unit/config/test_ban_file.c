/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syn_flood.ban_file: read when settings are checked, and when they are applied, again and again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/ban_file.h"
#include "config/config.h"

static struct settings settings;
static struct services services;
static struct config_errors errors;
static char file_name[] = "ban-test-XXXXXX";

static int make_file(void **state)
{
	int fd = mkstemp(file_name);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	config_errors_fini(&errors);
	return unlink(file_name);
}

static int load(const char *text, const char *entries)
{
	char path[64];
	const char *sets[2] = { path, entries };
	FILE *file = fopen(file_name, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	snprintf(path, sizeof path, "syn_flood.ban_file=\"%s\"", file_name);
	config_errors_fini(&errors);
	return config_load(&settings, &services, NULL, sets, entries != NULL ? 2 : 1, &errors);
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
	assert_int_equal(load("# known bad\n\n 10.1.0.0/16 # spaces\n10.2.3.1\n2001:db8::/32\n", NULL), 0);
	assert_true(ban_file_apply(&settings, ban));
	assert_int_equal(ban_count(ban), 3);
	assert_true(bans(ban, 1, 7) && bans(ban, 2, 3) && !bans(ban, 2, 4));
	assert_int_equal(load("10.2.0.0/15", NULL), 0);
	assert_true(ban_file_apply(&settings, ban));
	assert_true(!bans(ban, 1, 7) && bans(ban, 3, 4));
	settings.syn_flood_ban_file[0] = '\0';
	assert_true(ban_file_apply(&settings, ban));
	assert_int_equal(ban_count(ban), 0);
	strcpy(settings.syn_flood_ban_file, "no-such-file");
	assert_false(ban_file_apply(&settings, ban));
	assert_int_equal(load("10.1.0.0/16", NULL), 0);
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
	assert_int_equal(load("10.0.0.0/8\n10.1.2.3/8\nnonsense\n", NULL), -EINVAL);
	assert_int_equal(errors.count, 2);
	snprintf(expected, sizeof expected, "--set: syn_flood.ban_file: %s:2: \"10.1.2.3/8\" has bits set behind its prefix length",
		 file_name);
	assert_string_equal(errors.line[0], expected);
	snprintf(expected, sizeof expected, "--set: syn_flood.ban_file: %s:3: \"nonsense\" is no address prefix", file_name);
	assert_string_equal(errors.line[1], expected);
}

static void a_folder_is_no_file(void **state)
{
	const char *sets[] = { "syn_flood.ban_file=\".\"" };

	(void)state;
	config_errors_fini(&errors);
	assert_int_equal(config_load(&settings, &services, NULL, sets, 1, &errors), -EINVAL);
	assert_int_equal(errors.count, 1);
	assert_string_equal(errors.line[0], "--set: syn_flood.ban_file: . cannot be read: Is a directory");
}

static void too_many_are_refused(void **state)
{
	char text[17 * 16] = "", expected[256];

	(void)state;
	for (unsigned i = 0; i < 17; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "10.0.0.%u\n", i);
	assert_int_equal(load(text, "syn_flood.ban_entries=16"), -EINVAL);
	snprintf(expected, sizeof expected, "--set: syn_flood.ban_file: %s:17: more than syn_flood.ban_entries = 16 prefixes",
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
