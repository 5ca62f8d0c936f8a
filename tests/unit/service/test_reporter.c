/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reporter writes into a named pipe that the test reads, or for a while does not read. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "service/reporter.h"
#include "service/sink.h"

#define RINGS 2

struct fixture {
	char folder[32], pipe[48];
	FILE *read;
	struct reporter *reporter;
	struct sink sink[RINGS];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct settings settings;
	char error[256];

	strcpy(f->folder, "/tmp/test_reporter.XXXXXX");
	if (mkdtemp(f->folder) == NULL)
		return -1;
	snprintf(f->pipe, sizeof f->pipe, "%s/log", f->folder);
	if (mkfifo(f->pipe, 0600) < 0)
		return -1;
	f->read = fdopen(open(f->pipe, O_RDWR | O_CLOEXEC),
			 "r"); /* with a reader, opening for writing waits for nobody */
	settings_defaults(&settings);
	snprintf(settings.log_target, sizeof settings.log_target, "file:%s", f->pipe);
	struct output *output = output_open(&settings, error, sizeof error);
	f->reporter = output == NULL ? NULL : reporter_new(output, RINGS);
	if (f->reporter == NULL)
		return -1;
	for (unsigned i = 0; i < RINGS; i++)
		f->sink[i] = (struct sink){ .ring = reporter_ring(f->reporter, i), .reporter = f->reporter };
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	reporter_free(f->reporter);
	fclose(f->read);
	unlink(f->pipe);
	rmdir(f->folder);
	free(f);
	return 0;
}

static void emit(struct sink *sink, unsigned number)
{
	struct event event = { .kind = EVENT_SUMMARY };

	snprintf(event.notice.text, sizeof event.notice.text, "n=%u", number);
	sink_emit(sink, &event);
	sink_wake(sink);
}

static void expect_line(struct fixture *f, const char *expected)
{
	char line[4096];

	assert_non_null(fgets(line, sizeof line, f->read));
	assert_non_null(strstr(line, expected));
}

static void writes_in_order(void **state)
{
	struct fixture *f = *state;
	char expected[32];

	assert_int_equal(reporter_start(f->reporter), 0);
	for (unsigned i = 0; i < 1000; i++) {
		emit(&f->sink[i % RINGS], i);
		snprintf(expected, sizeof expected, "event=summary n=%u", i);
		expect_line(f, expected); /* so the reporter sleeps or is about to, each time */
	}
	assert_true(reporter_stop(f->reporter, 60000));
}

static void a_stop_writes_what_is_left(void **state)
{
	struct fixture *f = *state;
	char expected[32];

	for (unsigned i = 0; i < 100; i++)
		emit(&f->sink[0], i);
	assert_int_equal(reporter_start(f->reporter), 0);
	assert_true(reporter_stop(f->reporter, 60000));
	for (unsigned i = 0; i < 100; i++) {
		snprintf(expected, sizeof expected, "event=summary n=%u", i);
		expect_line(f, expected);
	}
}

/* Nobody reads: producers go on, a stop gives up, and afterwards every event was written or counted as lost. */
static void a_hanging_log_loses_by_count(void **state)
{
	struct fixture *f = *state;
	unsigned emitted = 40000, written = 0;
	unsigned long long lost = 0;
	char line[4096];

	assert_int_equal(reporter_start(f->reporter), 0);
	for (unsigned i = 0; i < emitted; i++)
		emit(&f->sink[0], i);
	assert_false(reporter_stop(f->reporter, 10));
	while (lost == 0 && fgets(line, sizeof line, f->read) != NULL)
		if (sscanf(line, "%*s event=events-lost count=%llu", &lost) != 1)
			written++;
	assert_true(reporter_stop(f->reporter, 60000));
	assert_true(lost > 0);
	assert_int_equal(written + lost, emitted);
}

/* More messages than may wait: the rest is counted, and told after those that did. */
static void messages_are_lost_by_count(void **state)
{
	struct fixture *f = *state;
	const unsigned said = 1000;
	unsigned written = 0, lost = 0;
	int stderr_fd = dup(STDERR_FILENO);
	FILE *log = tmpfile();
	char line[4096];

	assert_non_null(log);
	for (unsigned i = 0; i < said; i++)
		reporter_say(f->reporter, SEVERITY_ERR, "message %u", i);
	dup2(fileno(log), STDERR_FILENO);
	assert_int_equal(reporter_start(f->reporter), 0);
	assert_true(reporter_stop(f->reporter, 60000));
	dup2(stderr_fd, STDERR_FILENO);
	close(stderr_fd);
	rewind(log);
	while (fgets(line, sizeof line, log) != NULL)
		if (sscanf(line, "%*s %u more messages were lost", &lost) != 1)
			written++;
	assert_true(lost > 0);
	assert_int_equal(written + lost, said);
	fclose(log);
}

/* Where the file cannot be opened again the old one stays in use; who asked is told. */
static void a_reload_says_what_it_could_not_open(void **state)
{
	struct fixture *f = *state;
	struct settings settings;
	static const struct services services;
	char error[256], moved[64];

	settings_defaults(&settings);
	snprintf(moved, sizeof moved, "%s/moved", f->folder);
	reporter_reload(f->reporter, &settings, &services);
	assert_false(reporter_reloaded(f->reporter, 1, error, sizeof error)); /* it does not run yet */
	assert_string_equal(error, "the log hangs: its file is opened again when it takes lines again");
	assert_int_equal(reporter_start(f->reporter), 0);
	assert_true(reporter_reloaded(f->reporter, 60000, error, sizeof error));
	assert_int_equal(rename(f->pipe, moved), 0);
	assert_int_equal(mkdir(f->pipe, 0700), 0);
	reporter_reload(f->reporter, &settings, &services);
	assert_false(reporter_reloaded(f->reporter, 60000, error, sizeof error));
	assert_non_null(strstr(error, "cannot open"));
	assert_non_null(strstr(error, f->pipe));
	emit(&f->sink[0], 1);
	expect_line(f, "event=summary n=1");
	assert_int_equal(rmdir(f->pipe), 0);
	assert_int_equal(rename(moved, f->pipe), 0);
	reporter_reload(f->reporter, &settings, &services);
	assert_true(reporter_reloaded(f->reporter, 60000, error, sizeof error));
	assert_true(reporter_stop(f->reporter, 60000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(writes_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_stop_writes_what_is_left, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_hanging_log_loses_by_count, set_up, tear_down),
		cmocka_unit_test_setup_teardown(messages_are_lost_by_count, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_reload_says_what_it_could_not_open, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
