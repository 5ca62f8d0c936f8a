/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The event log: targets, filters, reopening, errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "../folder.h"
#include "report/output.h"
#include "report/syslog_socket.h"

/* How a line of logfmt in a file begins, with the time of emit(). */
#define TIME "1970-01-01T00:00:00.000412Z "

static char content[4096];
static struct settings settings;
static struct services services;

/* In place of report/syslog_socket.c: remembers what would have been sent. */
static int sent_priority;
static char sent[4096];
static bool is_dead;

void syslog_socket_init(struct syslog_socket *log, const char *at)
{
	*log = (struct syslog_socket){ .path = at, .fd = -1 };
}

void syslog_socket_fini(struct syslog_socket *log)
{
	(void)log;
}

bool syslog_socket_send(struct syslog_socket *log, int priority, const char *line)
{
	assert_string_equal(log->path, "/dev/log");
	if (is_dead)
		return false;
	sent_priority = priority;
	snprintf(sent + strlen(sent), sizeof(sent) - strlen(sent), "%s\n", line);
	return true;
}

static int setup(void **state)
{
	if (make_folder(state) < 0)
		return -1;
	settings_defaults(&settings);
	snprintf(settings.log_target, sizeof(settings.log_target), "file:%s", path);
	sent[0] = '\0';
	is_dead = false;
	return 0;
}

static const char *read_file(const char *name)
{
	int fd = open(name, O_RDONLY);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, content, sizeof(content) - 1);
	assert_true(n >= 0);
	content[n] = '\0';
	close(fd);
	return content;
}

static struct output *open_output(void)
{
	char error[256] = "";
	struct output *output = output_open(&settings, error, sizeof(error));

	assert_string_equal(error, "");
	assert_non_null(output);
	return output;
}

static void emit(struct output *output, enum event_kind kind)
{
	struct event event = { .kind = kind, .now_ns = 412000 };

	output_event(output, &event, 0);
}

static void a_file_gets_lines(void **state)
{
	struct output *output = open_output();

	(void)state;
	emit(output, EVENT_EVENTS_LOST);
	emit(output, EVENT_STOPPING);
	assert_string_equal(read_file(path), TIME "event=events-lost count=0\n" TIME "event=stopping\n");
	assert_false(output_is_stdout(output));
	assert_int_equal(output_errors(output), 0);
	output_close(output);
}

static void settings_choose(void **state)
{
	struct output *output = open_output();

	(void)state;
	emit(output, EVENT_PACKET_REMARKED); /* log.remarks is off */
	assert_string_equal(read_file(path), "");
	settings.log_level = SEVERITY_WARNING;
	output_set_settings(output, &settings, &services);
	emit(output, EVENT_STOPPING); /* a notice */
	assert_string_equal(read_file(path), "");
	settings.log_events.count = 1;
	settings.log_events.event[0] = EVENT_CONFIG_REJECTED;
	output_set_settings(output, &settings, &services);
	emit(output, EVENT_EVENTS_LOST); /* not chosen */
	emit(output, EVENT_CONFIG_REJECTED);
	assert_string_equal(read_file(path), TIME "event=config-rejected\n");
	output_close(output);
}

static void remarks_and_json_can_be_switched_on(void **state)
{
	struct output *output = open_output();

	(void)state;
	settings.log_remarks = true;
	settings.log_format = FORMAT_JSON;
	output_set_settings(output, &settings, &services);
	emit(output, EVENT_PACKET_REMARKED);
	assert_memory_equal(read_file(path), "{\"event\":\"packet-remarked\",\"ts\":0.000412,", 41);
	output_close(output);
}

static void a_moved_file_is_opened_again(void **state)
{
	struct output *output = open_output();
	char error[256];

	(void)state;
	emit(output, EVENT_STOPPING);
	assert_int_equal(rename(path, moved), 0);
	emit(output, EVENT_STOPPING);
	assert_true(output_reopen(output, error, sizeof(error)));
	emit(output, EVENT_EVENTS_LOST);
	assert_string_equal(read_file(moved), TIME "event=stopping\n" TIME "event=stopping\n");
	assert_string_equal(read_file(path), TIME "event=events-lost count=0\n");
	output_close(output);
}

static void a_failed_reopen_keeps_the_old_file(void **state)
{
	struct output *output = open_output();
	char error[256] = "", expected[256];

	(void)state;
	assert_int_equal(rename(path, moved), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_false(output_reopen(output, error, sizeof(error)));
	snprintf(expected, sizeof(expected), "log.target: cannot open %s: Is a directory", path);
	assert_string_equal(error, expected);
	emit(output, EVENT_STOPPING);
	assert_string_equal(read_file(moved), TIME "event=stopping\n");
	output_close(output);
	rmdir(path);
}

static void bad_targets_are_explained(void **state)
{
	char error[256], expected[256];

	(void)state;
	snprintf(settings.log_target, sizeof(settings.log_target), "file:%s/none/log", folder);
	assert_null(output_open(&settings, error, sizeof(error)));
	snprintf(expected, sizeof(expected), "log.target: cannot open %s/none/log: No such file or directory", folder);
	assert_string_equal(error, expected);
	snprintf(settings.log_target, sizeof(settings.log_target), "nowhere");
	assert_null(output_open(&settings, error, sizeof(error)));
	assert_string_equal(
		error,
		"log.target: \"nowhere\" is not known (allowed: \"\", \"syslog\", \"journal\", \"stdout\", "
		"\"file:/PATH\")");
}

/* Of eight flows two are written, whole, and say so; what is no flow always is. */
static void flows_are_sampled(void **state)
{
	struct event event = { .kind = EVENT_FLOW_NEW, .now_ns = 412000 };
	struct output *output = open_output();
	unsigned lines = 0;

	(void)state;
	settings.log_sample = 4;
	output_set_settings(output, &settings, &services);
	for (event.flow.id = 1; event.flow.id <= 8; event.flow.id++)
		for (int i = 0; i < 2; i++)
			output_event(output, &event, 0);
	emit(output, EVENT_STOPPING);
	read_file(path);
	for (const char *p = content; (p = strstr(p, " sample=4\n")) != NULL; p++)
		lines++;
	assert_int_equal(lines, 4);
	assert_null(strstr(content, "phase=SYN_SENT\n"));
	assert_non_null(strstr(content, "event=stopping\n"));
	output_close(output);
}

/* A noisy service says only what was dropped, one under suspicion all it can; everything else is as without them. */
static void a_service_has_filters_of_its_own(void **state)
{
	const struct endpoints at = { .family = 4, .client_port = 9 };
	struct event flow = { .kind = EVENT_FLOW_NEW, .flow = { .id = 1, .at = at } };
	struct event remark = { .kind = EVENT_PACKET_REMARKED, .drop = { .flow = 1, .at = at } };
	struct output *output = open_output();
	unsigned lines = 0;

	(void)state;
	services.count = 2;
	for (unsigned i = 0; i < 2; i++) {
		services.service[i] = (struct service){ .ports = 1, .port = { { (uint16_t)i, (uint16_t)i } } };
		services.service[i].settings = settings;
	}
	services.service[0].settings.log_events.count = 1;
	services.service[0].settings.log_events.event[0] = EVENT_PACKET_DROPPED;
	services.service[1].settings.log_remarks = true;
	output_set_settings(output, &settings, &services);
	for (uint16_t port = 0; port < 3; port++) {
		flow.flow.at.server_port = remark.drop.at.server_port = port;
		output_event(output, &flow, 0);
		output_event(output, &remark, 0);
	}
	emit(output, EVENT_STOPPING); /* of no service */
	read_file(path);
	for (const char *p = content; (p = strchr(p, '\n')) != NULL; p++)
		lines++;
	assert_int_equal(lines, 4);
	assert_null(strstr(content, ":0 "));
	assert_non_null(strstr(content, ":1 phase=SYN_SENT\n"));
	assert_non_null(strstr(content, "event=packet-remarked"));
	assert_non_null(strstr(content, ":2 phase=SYN_SENT\n"));
	services.count = 0;
	output_close(output);
}

static void syslog_gets_severity_and_facility(void **state)
{
	struct output *output;
	char error[256];

	(void)state;
	snprintf(settings.log_target, sizeof(settings.log_target), "syslog");
	settings.log_facility = 4; /* local3 */
	output = open_output();
	emit(output, EVENT_CONFIG_REJECTED);
	assert_int_equal(sent_priority, LOG_LOCAL3 | LOG_ERR);
	assert_string_equal(sent, "event=config-rejected\n");
	emit(output, EVENT_EVENTS_LOST);
	assert_int_equal(sent_priority, LOG_LOCAL3 | LOG_WARNING);
	assert_true(output_reopen(output, error, sizeof(error)));
	output_close(output);
}

/* A target that takes nothing: errors are counted, the lines are lost. */
static void write_errors_are_counted(void **state)
{
	struct output *output;

	(void)state;
	snprintf(settings.log_target, sizeof(settings.log_target), "file:/dev/full");
	output = open_output();
	emit(output, EVENT_STOPPING);
	emit(output, EVENT_STOPPING);
	assert_int_equal(output_errors(output), 2);
	output_close(output);
}

/* A full disk: only lines that did not fit are lost, and their number follows. */
static void what_a_full_file_lost_is_told(void **state)
{
	struct rlimit limit, small;
	struct output *output = open_output();

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = sizeof(TIME "event=stopping\n") - 1 + 5;
	emit(output, EVENT_STOPPING);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	emit(output, EVENT_STOPPING);
	emit(output, EVENT_STOPPING);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	emit(output, EVENT_STARTED);
	emit(output, EVENT_STARTED);
	assert_string_equal(read_file(path), TIME "event=stopping\n1970-\n" TIME "event=events-lost count=2\n"
					     TIME "event=started\n" TIME "event=started\n");
	assert_int_equal(output_errors(output), 2);
	output_close(output);
}

static void what_a_dead_syslog_lost_is_told(void **state)
{
	struct output *output;

	(void)state;
	snprintf(settings.log_target, sizeof(settings.log_target), "syslog");
	output = open_output();
	is_dead = true;
	for (int i = 0; i < 3; i++)
		emit(output, EVENT_STOPPING);
	is_dead = false;
	emit(output, EVENT_STARTED);
	emit(output, EVENT_STARTED);
	assert_string_equal(sent, "event=events-lost count=3\nevent=started\nevent=started\n");
	output_close(output);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_gets_lines),
		TEST(settings_choose),
		TEST(remarks_and_json_can_be_switched_on),
		TEST(a_moved_file_is_opened_again),
		TEST(a_failed_reopen_keeps_the_old_file),
		TEST(bad_targets_are_explained),
		TEST(flows_are_sampled),
		TEST(a_service_has_filters_of_its_own),
		TEST(syslog_gets_severity_and_facility),
		TEST(write_errors_are_counted),
		TEST(what_a_full_file_lost_is_told),
		TEST(what_a_dead_syslog_lost_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
