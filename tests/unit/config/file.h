/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that config/ reads, what comes of it, and its errors; for the tests of config/. Included behind cmocka.h,
 * once a program, with make_file() and remove_file() as the set-up and tear-down of the group.
 */
#pragma once

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"

static struct settings settings;
static struct services services;
static struct config_errors errors;
static char file_name[] = "/tmp/config-test-XXXXXX";

static inline int make_file(void **state)
{
	int fd = mkstemp(file_name);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static inline int remove_file(void **state)
{
	(void)state;
	config_errors_fini(&errors);
	return unlink(file_name);
}

static inline void write_file(const char *text, size_t size)
{
	FILE *file = fopen(file_name, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

/* Loads the file at `path` (NULL: none) and the texts of --set up to NULL; sets may be NULL. Old errors go. */
static inline int load_with(const char *path, const char *const *sets)
{
	size_t nsets = 0;

	while (sets != NULL && sets[nsets] != NULL)
		nsets++;
	config_errors_fini(&errors);
	return config_load(&settings, &services, path, sets, nsets, &errors);
}

/* The same with `text` as the file. */
static inline int load(const char *text, const char *const *sets)
{
	write_file(text, strlen(text));
	return load_with(file_name, sets);
}

/* Error number `index` is `expected`, in which a leading ':' stands for the file's name and a colon. */
static inline void assert_error(size_t index, const char *expected)
{
	char line[2048];

	assert_true(index < errors.count);
	snprintf(line, sizeof line, "%s%s", *expected == ':' ? file_name : "", expected);
	assert_string_equal(errors.line[index], line);
}

/* Error number `index` begins as assert_error() has it, and has a list of what is allowed to its end. */
static inline void assert_error_begins(size_t index, const char *expected)
{
	char line[2048];
	int length = snprintf(line, sizeof line, "%s%s", *expected == ':' ? file_name : "", expected);

	assert_true(index < errors.count);
	assert_memory_equal(errors.line[index], line, (size_t)length);
	assert_string_equal(errors.line[index] + strlen(errors.line[index]) - 1, ")");
}

static inline void assert_only_error(const char *expected)
{
	assert_int_equal(errors.count, 1);
	assert_error(0, expected);
}
