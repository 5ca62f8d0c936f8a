/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One look at the daemon: its status and the rows of a view, asked for and read without ever waiting, so that keys are
 * answered meanwhile. On a large table it asks for the few flows that may be the fastest, not for all.
 */
#pragma once

#include <stdbool.h>

#include "control/connection.h"
#include "control/top_rates.h"
#include "control/top_view.h"

#define TOP_FILTER_SIZE 200
#define TOP_ERROR_SIZE  300

/* What became of a look so far. */
enum top_progress { TOP_WAITS, TOP_COMPLETE, TOP_BROKEN };

struct top_look {
	const char *socket;
	struct connection connection; /* fd -1: none */
	char *in;                     /* lines that are not complete */
	size_t in_length, in_size;
	bool under_way;
	enum top_view view; /* of the look under way */
	unsigned answers;   /* complete ones of this look */
	json_t *new_status, *new_rows;
	char new_error[TOP_ERROR_SIZE]; /* of the rows */
	/* What was seen last; moment: of the status, rows_moment: of each view. */
	struct top_moment moment, rows_moment[TOP_VIEWS];
	json_t *status;          /* NULL: nothing yet */
	json_t *rows[TOP_VIEWS]; /* likewise */
	json_t *kept;            /* flows by id, as of rows_moment[TOP_FLOWS] */
	char error[TOP_ERROR_SIZE]; /* the answer to the last request for rows; "": none */
	char broken[TOP_ERROR_SIZE]; /* after TOP_BROKEN: why */
	bool refused;                /* likewise: the daemon said so */
};

void top_look_init(struct top_look *look, const char *socket);
void top_look_fini(struct top_look *look);

/* NULL: a good filter of flows; else what is wrong, in `error`. */
const char *top_filter_check(const char *filter, char error[TOP_ERROR_SIZE]);

/*
 * Asks. filter: words for flows, or "". active_s: on a large table without a filter only flows with a segment in the
 * last so many seconds are looked at. False: there is no daemon, see `broken`.
 */
bool top_look_begin(struct top_look *look, enum top_view view, const char *filter, unsigned active_s);
/* The seconds since the begin that the look under way may take. */
unsigned top_look_patience(const struct top_look *look);
/* -1: nothing is waited for. */
int top_look_fd(const struct top_look *look);
/* Reads what has come; the status is there to be seen as soon as it is whole. */
enum top_progress top_look_read(struct top_look *look);
/* Forgets the look under way: what was seen last stays. */
void top_look_stop(struct top_look *look);
/* The same, saying why. */
void top_look_break(struct top_look *look, const char *why);
