/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection to the local syslog that says whether a line was taken: syslog(3) does not, and lines that are
 * lost must be counted. Connects when it has something to send, and again after the syslog was restarted. May
 * block while the syslog is slow.
 */
#pragma once

#include <stdbool.h>

struct syslog_socket {
	const char *path; /* the caller's */
	int fd;           /* -1: not connected */
	bool stream;      /* records end with a NUL */
};

void syslog_socket_init(struct syslog_socket *log, const char *path);
void syslog_socket_fini(struct syslog_socket *log);

/* priority: facility and severity as syslog(3) has them. False: nobody took the line. */
bool syslog_socket_send(struct syslog_socket *log, int priority, const char *line);
