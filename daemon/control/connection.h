/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client's connection to the daemon: requests out, objects in. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "tables/commands.h"

struct connection {
	FILE *stream;
	char *line; /* of getline() */
	size_t size;
};

/* 0 or -errno. */
int connection_open(struct connection *connection, const char *path);
void connection_close(struct connection *connection);
/* False: it broke. */
bool connection_ask(struct connection *connection, enum command command, char **args, int count);
/* The next object of the answer, the caller's; NULL: it broke. */
json_t *connection_read(struct connection *connection);
