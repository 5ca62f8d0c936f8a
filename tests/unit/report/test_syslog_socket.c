/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection to syslog: form of a record, a syslog that is not there, one that is restarted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "../folder.h"
#include "report/syslog_socket.h"

static char record[1024];

/* A syslog at `path`, in place of an older one. */
static int serve(int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	unlink(path);
	assert_int_equal(bind(fd, (const void *)&address, sizeof(address)), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/* The next record without its time, which is that of the clock: "<PRI>" and what follows the 15 characters. */
static const char *receive(int fd)
{
	ssize_t n = recv(fd, record, sizeof(record) - 1, 0);
	char *date;

	assert_true(n > 0);
	record[n] = '\0';
	date = strchr(record, '>') + 1;
	assert_true(strlen(date) > 15);
	memmove(date, date + 15, strlen(date + 15) + 1);
	return record;
}

static const char *expected(int priority, const char *line)
{
	static char text[256];

	snprintf(text, sizeof(text), "<%d> %s[%d]: %s", priority, program_invocation_short_name, (int)getpid(), line);
	return text;
}

static void records_have_priority_name_and_process(void **state)
{
	struct syslog_socket log;
	int fd = serve(SOCK_DGRAM);

	(void)state;
	syslog_socket_init(&log, path);
	assert_true(syslog_socket_send(&log, LOG_LOCAL3 | LOG_ERR, "event=started"));
	assert_string_equal(receive(fd), expected(LOG_LOCAL3 | LOG_ERR, "event=started"));
	syslog_socket_fini(&log);
	close(fd);
}

static void a_restarted_syslog_is_found_again(void **state)
{
	struct syslog_socket log;
	int fd;

	(void)state;
	syslog_socket_init(&log, path);
	assert_false(syslog_socket_send(&log, LOG_INFO, "nobody is there"));
	fd = serve(SOCK_DGRAM);
	assert_true(syslog_socket_send(&log, LOG_INFO, "first"));
	close(fd);
	assert_false(syslog_socket_send(&log, LOG_INFO, "nobody is there"));
	fd = serve(SOCK_DGRAM);
	assert_true(syslog_socket_send(&log, LOG_INFO, "second"));
	assert_string_equal(receive(fd), expected(LOG_INFO, "second"));
	syslog_socket_fini(&log);
	close(fd);
}

static void a_stream_gets_records_that_end_with_nul(void **state)
{
	struct syslog_socket log;
	int listener = serve(SOCK_STREAM), fd;

	(void)state;
	syslog_socket_init(&log, path);
	assert_true(syslog_socket_send(&log, LOG_INFO, "one"));
	fd = accept(listener, NULL, NULL);
	assert_string_equal(receive(fd), expected(LOG_INFO, "one"));
	assert_true(syslog_socket_send(&log, LOG_INFO, "two"));
	assert_string_equal(receive(fd), expected(LOG_INFO, "two"));
	syslog_socket_fini(&log);
	close(fd);
	close(listener);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(records_have_priority_name_and_process),
		TEST(a_restarted_syslog_is_found_again),
		TEST(a_stream_gets_records_that_end_with_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
