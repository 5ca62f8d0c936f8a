/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define ROOM_FIRST (64 * 1024)

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* The next call into the kernel takes no longer than what is left of our patience. False: nothing is. */
static bool limit_next(const struct connection *connection)
{
	uint64_t now = now_ms(), left_ms;
	struct timeval left;

	if (connection->end_ms == 0)
		return true;
	errno = EAGAIN;
	if (now >= connection->end_ms)
		return false;
	left_ms = connection->end_ms - now;
	left = (struct timeval){ .tv_sec = (time_t)(left_ms / 1000), .tv_usec = (suseconds_t)(left_ms % 1000 * 1000) };
	return setsockopt(connection->fd, SOL_SOCKET, SO_RCVTIMEO, &left, sizeof left) == 0 &&
	       setsockopt(connection->fd, SOL_SOCKET, SO_SNDTIMEO, &left, sizeof left) == 0;
}

int connection_open_for(struct connection *connection, const char *path, unsigned patience_ms)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	*connection = (struct connection){ .fd = -1, .end_ms = patience_ms > 0 ? now_ms() + patience_ms : 0 };
	if (strlen(path) >= sizeof address.sun_path)
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	connection->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connection->fd < 0)
		return -errno;
	/* Where many wait to be let in it blocks. */
	if (limit_next(connection) &&
	    connect(connection->fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return 0;
	int cause = errno;
	connection_close(connection);
	return -cause;
}

int connection_open(struct connection *connection, const char *path)
{
	return connection_open_for(connection, path, 0);
}

void connection_close(struct connection *connection)
{
	if (connection->fd >= 0)
		close(connection->fd);
	free(connection->data);
	*connection = (struct connection){ .fd = -1 };
}

/* No signal where the daemon closed already: what it said before is still to be read. */
static bool send_all(const struct connection *connection, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t n = limit_next(connection) ? send(connection->fd, text, left, MSG_NOSIGNAL) : -1;

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			text += n;
			left -= (size_t)n;
		}
	}
	return true;
}

bool connection_ask(struct connection *connection, enum command command, char **args, int count)
{
	json_t *list = json_array(), *request;

	for (int i = 0; i < count; i++)
		json_array_append_new(list, json_string(args[i]));
	request = json_pack("{s:s,s:o}", "verb", command_table[command].word, "args", list);
	char *line = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	bool sent = line != NULL && send_all(connection, line) && send_all(connection, "\n");
	free(line);
	return sent;
}

/* Room for more bytes behind those that wait. */
static bool make_room(struct connection *connection)
{
	size_t size = connection->size > 0 ? 2 * connection->size : ROOM_FIRST;
	char *data;

	if (connection->start > 0) {
		connection->end -= connection->start;
		memmove(connection->data, connection->data + connection->start, connection->end);
		connection->start = 0;
	}
	if (connection->end < connection->size)
		return true;
	data = size <= CONNECTION_LINE_MOST ? realloc(connection->data, size) : NULL;
	if (data == NULL)
		return false;
	connection->data = data;
	connection->size = size;
	return true;
}

static bool receive(struct connection *connection)
{
	ssize_t n;

	if (!make_room(connection))
		return false;
	do
		n = limit_next(connection) ? recv(connection->fd, connection->data + connection->end,
						  connection->size - connection->end, 0)
					   : -1;
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return false;
	connection->end += (size_t)n;
	return true;
}

static const char *find_end(const struct connection *connection, size_t skip)
{
	size_t from = connection->start + skip;

	return from < connection->end ? memchr(connection->data + from, '\n', connection->end - from) : NULL;
}

bool connection_has_line(const struct connection *connection)
{
	return find_end(connection, 0) != NULL;
}

const char *connection_line(struct connection *connection, size_t *length)
{
	size_t seen = 0; /* bytes that have no newline */
	const char *line, *end;

	while ((end = find_end(connection, seen)) == NULL) {
		seen = connection->end - connection->start;
		if (!receive(connection))
			return NULL;
	}
	line = connection->data + connection->start;
	*length = (size_t)(end - line);
	connection->start += *length + 1;
	return line;
}

json_t *connection_read(struct connection *connection)
{
	size_t length;
	const char *line = connection_line(connection, &length);

	return line != NULL ? json_loadb(line, length, 0, NULL) : NULL;
}
