/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/server: answers go out in steps, hostile clients are dropped, and the others are served all the while. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/units.h"
#include "control/server.h"

#define LINES 100 /* of an endless answer, a call */

struct rig {
	char folder[40];
	char path[64];
	struct control_server *server;
	uint64_t now_ns;
	unsigned calls;
};

/* status: one line; flows: never done; config: half a million bytes in steps; mode: waits. */
static void more(void *context, struct reply *reply)
{
	struct rig *rig = context;
	char line[1024];

	rig->calls++;
	assert_true(reply_free(reply) >= REPLY_ROOM);
	memset(line, 'x', sizeof line);
	line[0] = line[sizeof line - 2] = '"';
	line[sizeof line - 1] = '\0';
	if (reply->request.command == COMMAND_MODE) {
		reply->waits = true;
		return;
	}
	if (reply->request.command == COMMAND_STATUS) {
		reply_line(reply, "{\"alive\":true}");
		reply_done(reply);
		return;
	}
	for (int i = 0; i < LINES; i++)
		reply_line(reply, line);
	reply->state.count += LINES;
	if (reply->request.command == COMMAND_CONFIG && reply->state.count == 5 * LINES)
		reply_done(reply);
}

static int set_up(void **state)
{
	struct rig *rig = calloc(1, sizeof *rig);
	struct control_config config = { .path = rig->path, .host = { rig, more } };
	char error[256];

	strcpy(rig->folder, "/tmp/tcpwarden-control-XXXXXX");
	assert_non_null(mkdtemp(rig->folder));
	snprintf(rig->path, sizeof rig->path, "%s/sock", rig->folder);
	rig->now_ns = NS_PER_S;
	rig->server = control_open(&config, error, sizeof error);
	if (rig->server == NULL)
		fail_msg("%s", error);
	*state = rig;
	return 0;
}

static int tear_down(void **state)
{
	struct rig *rig = *state;

	control_close(rig->server);
	assert_int_equal(access(rig->path, F_OK), -1);
	assert_int_equal(rmdir(rig->folder), 0);
	free(rig);
	return 0;
}

static int connect_to(const struct rig *rig)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, rig->path);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void serve(struct rig *rig, int times)
{
	for (int i = 0; i < times; i++)
		control_serve(rig->server, rig->now_ns);
}

/* Reads until `end` came, or nothing more comes. Number of bytes; -1: the server closed before. */
static ssize_t read_until(struct rig *rig, int fd, const char *end)
{
	static char text[1 << 20];
	size_t length = 0;

	for (int tries = 0; tries < 10000; tries++) {
		ssize_t n = recv(fd, text + length, sizeof text - length - 1, 0);

		if (n == 0 || (n < 0 && errno != EAGAIN))
			return -1;
		if (n > 0)
			length += (size_t)n;
		text[length] = '\0';
		if (strstr(text, end) != NULL)
			return (ssize_t)length;
		serve(rig, 1);
	}
	return (ssize_t)length;
}

static bool is_dropped(struct rig *rig, int fd)
{
	return read_until(rig, fd, "never") < 0;
}

static void assert_alive(struct rig *rig)
{
	int fd = connect_to(rig);

	say(fd, "{\"verb\":\"status\"}\n");
	assert_true(read_until(rig, fd, "{\"done\":true}\n") > 0);
	close(fd);
}

static void requests_one_after_the_other(void **state)
{
	struct rig *rig = *state;
	int fd = connect_to(rig);

	for (int i = 0; i < 3; i++) {
		say(fd, "{\"verb\":\"status\"}\n");
		assert_int_equal(read_until(rig, fd, "done"), strlen("{\"alive\":true}\n{\"done\":true}\n"));
	}
	say(fd, "{\"verb\":\"status\"}\n{\"verb\":\"config\"}\n"); /* both at once */
	assert_true(read_until(rig, fd, "done") > 0);
	assert_true(read_until(rig, fd, "done") > 1024 * 5 * LINES - 1000);
	close(fd);
}

static void a_long_answer_in_steps(void **state)
{
	struct rig *rig = *state;
	int fd = connect_to(rig);

	say(fd, "{\"verb\":\"config\"}\n");
	assert_int_equal(read_until(rig, fd, "done"), 1024 * 5 * LINES + strlen("{\"done\":true}\n"));
	assert_int_equal(rig->calls, 5);
	close(fd);
}

/* Asks for an endless list and reads nothing: the server makes no more than fits and goes on. */
static void who_never_reads(void **state)
{
	struct rig *rig = *state;
	int fd = connect_to(rig);

	say(fd, "{\"verb\":\"flows\"}\n");
	serve(rig, 1000);
	assert_true(rig->calls < 20);
	assert_alive(rig);
	assert_true(control_deadline(rig->server) < UINT64_MAX);
	rig->now_ns += 3600 * NS_PER_S;
	serve(rig, 1);
	assert_true(is_dropped(rig, fd));
	assert_alive(rig);
	close(fd);
}

static void half_a_line(void **state)
{
	struct rig *rig = *state;
	int fd = connect_to(rig);

	say(fd, "{\"verb\":");
	serve(rig, 10);
	assert_alive(rig);
	rig->now_ns += 11 * NS_PER_S;
	serve(rig, 1);
	assert_true(is_dropped(rig, fd));
	close(fd);
}

static void megabytes_of_nonsense(void **state)
{
	struct rig *rig = *state;
	int fd = connect_to(rig);
	static char nonsense[1 << 16];

	memset(nonsense, 'n', sizeof nonsense);
	for (int i = 0; i < 100; i++) {
		if (send(fd, nonsense, sizeof nonsense, MSG_NOSIGNAL) < 0 && errno != EAGAIN)
			break;
		serve(rig, 1);
	}
	assert_true(is_dropped(rig, fd));
	assert_alive(rig);
	close(fd);
}

static void what_is_no_request_is_answered_and_ended(void **state)
{
	struct rig *rig = *state;
	int fd = connect_to(rig);

	say(fd, "nonsense\n");
	assert_true(read_until(rig, fd, "{\"error\":") > 0);
	assert_true(is_dropped(rig, fd));
	close(fd);
}

/* More clients than there are places: the newest are served. */
static void a_crowd(void **state)
{
	struct rig *rig = *state;
	int fds[100];

	for (int i = 0; i < 100; i++) {
		fds[i] = connect_to(rig);
		rig->now_ns += NS_PER_MS;
		serve(rig, 2);
	}
	assert_alive(rig);
	assert_true(is_dropped(rig, fds[0]));
	for (int i = 0; i < 100; i++)
		close(fds[i]);
	assert_alive(rig);
}

/* Takes all descriptors up to the limit. Their number. */
static int exhaust(int fds[64], struct rlimit *before)
{
	struct rlimit limit;
	int count = 0, last = dup(0);

	assert_int_equal(getrlimit(RLIMIT_NOFILE, before), 0);
	limit = *before;
	limit.rlim_cur = (rlim_t)last + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	fds[count++] = last;
	while (count < 64 && (fds[count] = dup(0)) >= 0)
		count++;
	return count;
}

/* Who knocks while there is no descriptor for him keeps nobody busy, and is let in when there is one. */
static void without_descriptors(void **state)
{
	struct rig *rig = *state;
	int first = connect_to(rig), second = connect_to(rig), third, fds[64], count;
	struct pollfd ready = { .fd = control_fd(rig->server), .events = POLLIN };
	struct rlimit before;

	serve(rig, 1);
	third = connect_to(rig);
	count = exhaust(fds, &before);
	serve(rig, 1);
	assert_int_equal(poll(&ready, 1, 0), 0);
	assert_in_range(control_deadline(rig->server), rig->now_ns, rig->now_ns + NS_PER_S);
	rig->now_ns += NS_PER_S;
	serve(rig, 2);
	assert_int_equal(poll(&ready, 1, 0), 0);

	close(first); /* both ends */
	serve(rig, 2);
	say(third, "{\"verb\":\"status\"}\n");
	assert_true(read_until(rig, third, "{\"done\":true}\n") > 0);
	for (int i = 0; i < count; i++)
		close(fds[i]);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_alive(rig);
	close(second);
	close(third);
}

static void write_one(void *context, struct reply *reply)
{
	(void)context;
	reply_line(reply, "{\"event\":\"x\"}");
}

static void who_waits_is_told(void **state)
{
	struct rig *rig = *state;
	int fd = connect_to(rig);

	say(fd, "{\"verb\":\"mode\",\"args\":[\"x\"]}\n");
	serve(rig, 5);
	assert_int_equal(rig->calls, 1);
	assert_int_equal(control_deadline(rig->server), UINT64_MAX);
	control_each(rig->server, COMMAND_FLOWS, write_one, NULL);
	control_each(rig->server, COMMAND_MODE, write_one, NULL);
	assert_int_equal(read_until(rig, fd, "}"), strlen("{\"event\":\"x\"}\n"));
	close(fd);
	serve(rig, 2);
	control_each(rig->server, COMMAND_MODE, write_one, NULL);
}

/* Left over from a process that died: taken over. Listened on: refused. */
static void a_socket_that_is_there(void **state)
{
	struct rig *rig = *state;
	char path[sizeof rig->path + 8], error[256] = "";
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct control_config config = { .path = path, .host = { rig, more } };
	struct control_server *second;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(path, sizeof path, "%s.2", rig->path);
	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	close(fd);
	second = control_open(&config, error, sizeof error);
	assert_string_equal(error, "");
	assert_non_null(second);
	assert_null(control_open(&config, error, sizeof error));
	assert_non_null(strstr(error, "another tcpwardend"));
	control_close(second);
	config.path = "relative.sock";
	assert_null(control_open(&config, error, sizeof error));
	config.path = "/nowhere/at/all/control.sock";
	assert_null(control_open(&config, error, sizeof error));
	assert_non_null(strstr(error, "/nowhere/at/all"));
}

int main(void)
{
#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(requests_one_after_the_other),
		CASE(a_long_answer_in_steps),
		CASE(who_never_reads),
		CASE(half_a_line),
		CASE(megabytes_of_nonsense),
		CASE(what_is_no_request_is_answered_and_ended),
		CASE(a_crowd),
		CASE(without_descriptors),
		CASE(who_waits_is_told),
		CASE(a_socket_that_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
