/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The answer to one request while it is made: JSON lines into the client's buffer, which is bounded. What
 * does not fit ends the client, so whoever answers writes no more than REPLY_ROOM bytes in one call and goes
 * on in the next one.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/filter.h"
#include "control/request.h"

#define REPLY_BUFFER (384 * 1024) /* bytes that may wait for a slow client */
#define REPLY_ROOM   (256 * 1024) /* free at every call */

struct reply {
	struct request request;
	/* Where a verb that takes more than one call stands; zero at first, its own to use. */
	struct {
		struct filter filter;
		unsigned worker;
		unsigned silent; /* workers that did not answer */
		uint32_t cursor;
		uint64_t count;
		uint64_t lost;
		uint64_t since[2];
		void *memory; /* freed with free() when the answer is over, however it ends */
	} state;
	bool waits; /* goes on when control_each() comes, not by itself */
	bool done;
	bool overflow;
	char *out;     /* REPLY_BUFFER bytes */
	size_t length; /* written, not yet sent */
};

size_t reply_free(const struct reply *reply); /* bytes */
/* One line; `text` has no newline. */
void reply_line(struct reply *reply, const char *text);
/* The same from an object, which is taken over; NULL (no memory) writes nothing. */
void reply_object(struct reply *reply, json_t *object);
/* The end of the answer. */
void reply_done(struct reply *reply);
void reply_fail(struct reply *reply, const char *format, ...) __attribute__((format(printf, 2, 3)));
