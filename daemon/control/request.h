/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One request on the control socket: a line {"verb":"flows","args":["port=443"]}. Read by the server, written by the
 * client. Answers are JSON objects, one a line; the last one is {"done":true} or {"error":"what is wrong"}.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "tables/commands.h"

#define REQUEST_ARGS       16
#define REQUEST_ARG_SIZE   256
#define REQUEST_LINE_SIZE  8192 /* with the newline */
#define REQUEST_ERROR_SIZE 512

struct request {
	enum command command;
	unsigned count;
	char arg[REQUEST_ARGS][REQUEST_ARG_SIZE]; /* count of them */
};

/* Reads a line of `length` bytes, without newline. False: error (REQUEST_ERROR_SIZE bytes) says why. */
bool request_parse(const char *line, size_t length, struct request *request, char *error);

/* Does the request have this argument? */
bool request_has(const struct request *request, const char *arg);
