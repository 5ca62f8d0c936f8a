/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int connection_open(struct connection *connection, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	*connection = (struct connection){ .stream = NULL };
	if (strlen(path) >= sizeof address.sun_path)
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		connection->stream = fdopen(fd, "r+");
	if (connection->stream != NULL)
		return 0;
	int cause = errno;
	close(fd);
	return -cause;
}

void connection_close(struct connection *connection)
{
	if (connection->stream != NULL)
		fclose(connection->stream);
	free(connection->line);
	*connection = (struct connection){ .stream = NULL };
}

/* No signal where the daemon closed already: what it said before is still to be read. */
static bool send_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t n = send(fd, text, left, MSG_NOSIGNAL);

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
	bool sent = line != NULL && send_all(fileno(connection->stream), line) &&
		    send_all(fileno(connection->stream), "\n");
	free(line);
	return sent;
}

json_t *connection_read(struct connection *connection)
{
	ssize_t length = getline(&connection->line, &connection->size, connection->stream);

	return length > 0 ? json_loadb(connection->line, (size_t)length, 0, NULL) : NULL;
}
