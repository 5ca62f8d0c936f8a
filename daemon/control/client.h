/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client side of the control socket: one request, its answer printed. */
#pragma once

#include <stdbool.h>

#include "control/request.h"

#define CONTROL_DEFAULT_SOCKET "/run/tcpwarden/control.sock"

enum client_exit { CLIENT_DONE = 0, CLIENT_REFUSED = 1, CLIENT_USAGE = 2, CLIENT_NO_DAEMON = 3 };

struct client_config {
	const char *socket;
	bool json; /* the lines as they come */
	enum command command;
	char **args; /* count of them */
	int count;
};

/* Prints the answer to standard output, complaints to standard error. */
enum client_exit client_run(const struct client_config *config);
