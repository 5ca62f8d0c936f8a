/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server side of the control socket, in the daemon's main thread: never blocks, a bounded number of clients with
 * bounded buffers; who sends nonsense or does not read is dropped. Knows no verb: those are the host's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "control/reply.h"

struct control_server;

/* Who answers. */
struct control_host {
	void *context;
	/* Goes on with an answer that is not done, REPLY_ROOM bytes being free. The first call begins it. */
	void (*more)(void *context, struct reply *reply);
};

struct control_config {
	const char *path;
	const char *group; /* whose members may read; NULL: nobody but root and the user of the daemon */
	const char *owner; /* user that the daemon will become where it runs as root; NULL: stays who it is */
	struct control_host host;
};

/* Called before privileges are dropped. NULL: error (size bytes) says why, in one sentence with the remedy. */
struct control_server *control_open(const struct control_config *config, char *error, size_t size);
/* Removes the socket. NULL is allowed. */
void control_close(struct control_server *server);

/* Readable when control_serve() has something to do. */
int control_fd(const struct control_server *server);
/* Serves who is ready, and drops who has made no progress for too long. */
void control_serve(struct control_server *server, uint64_t now_ns);
/* When control_serve() wants to be called at the latest though nobody is ready; UINT64_MAX: never. */
uint64_t control_deadline(const struct control_server *server);

/* For each answer under way to this verb; what `each` writes is sent as soon as the client reads. */
void control_each(struct control_server *server, enum command command,
		  void (*each)(void *context, struct reply *reply), void *context);
