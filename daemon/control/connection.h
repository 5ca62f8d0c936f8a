/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client's connection to the daemon: requests out, lines or objects in. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tables/commands.h"

#define CONNECTION_LINE_MOST (4 * 1024 * 1024) /* bytes of a line, more than any answer has */

struct connection {
	int fd;           /* -1: none */
	uint64_t end_ms;  /* of our patience, CLOCK_MONOTONIC; 0: never */
	char *data;       /* size bytes, of which [start, end) were received and not yet given out */
	size_t size, start, end;
};

/* 0 or -errno. */
int connection_open(struct connection *connection, const char *path);
/* The same with a limit: to connect, to ask and to read whole answers take no longer than this together. */
int connection_open_for(struct connection *connection, const char *path, unsigned patience_ms);
void connection_close(struct connection *connection);
/* False: it broke. */
bool connection_ask(struct connection *connection, enum command command, char **args, int count);
/* The next line of the answer, *length bytes without its newline, valid until the next call; NULL: it broke. */
const char *connection_line(struct connection *connection, size_t *length);
/* The same as an object, the caller's. */
json_t *connection_read(struct connection *connection);
/* False: the next line is still to be waited for. */
bool connection_has_line(const struct connection *connection);
