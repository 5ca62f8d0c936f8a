/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/top_look.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "control/filter.h"
#include "control/show.h"

#define LINE_MOST (1024 * 1024)
#define READ_SIZE 65536
#define LIMIT     "--limit=200" /* the first ones of each order */
#define LARGE     200           /* flows: more than that are not all asked for */
#define OWN_WORDS 4             /* of a request for flows: three orders, LIMIT */
#define ANSWERS   2             /* the status, the rows */

#define PATIENCE_S	10  /* with a daemon that says nothing */
#define PATIENCE_WORK_S 600 /* with one that has told its status and walks through a table of any size */

#define FILTER_WORDS (REQUEST_ARGS - OWN_WORDS)

static struct top_moment moment_now(void)
{
	struct timespec at, wall;

	clock_gettime(CLOCK_MONOTONIC, &at);
	clock_gettime(CLOCK_REALTIME, &wall);
	return (struct top_moment){ (double)at.tv_sec + (double)at.tv_nsec / 1e9,
				    (double)wall.tv_sec + (double)wall.tv_nsec / 1e9 };
}

void top_look_init(struct top_look *look, const char *socket)
{
	*look = (struct top_look){ .socket = socket, .connection = { .fd = -1 } };
}

static void forget_new(struct top_look *look)
{
	json_decref(look->new_status);
	json_decref(look->new_rows);
	look->new_status = look->new_rows = NULL;
	look->under_way = false;
}

void top_look_fini(struct top_look *look)
{
	connection_close(&look->connection);
	forget_new(look);
	json_decref(look->status);
	json_decref(look->kept);
	for (unsigned i = 0; i < TOP_VIEWS; i++)
		json_decref(look->rows[i]);
	free(look->in);
}

void top_look_stop(struct top_look *look)
{
	connection_close(&look->connection);
	forget_new(look);
	look->in_length = 0;
}

void top_look_break(struct top_look *look, const char *why)
{
	top_look_stop(look);
	snprintf(look->broken, sizeof look->broken, "%s: %s", look->socket, why);
	top_clean(look->broken);
}

/* The words of a filter as arguments behind those that are there; `text` is cut into them. */
static unsigned split(char *text, char **args, unsigned count)
{
	char *rest, *word = strtok_r(text, " ", &rest);

	for (; word != NULL && count < REQUEST_ARGS; word = strtok_r(NULL, " ", &rest))
		args[count++] = word;
	return count;
}

const char *top_filter_check(const char *filter, char error[TOP_ERROR_SIZE])
{
	struct request request = { .command = COMMAND_FLOWS };
	char text[TOP_FILTER_SIZE], why[REQUEST_ERROR_SIZE];
	char *args[REQUEST_ARGS];
	struct filter ignored;

	snprintf(text, sizeof text, "%s", filter);
	request.count = split(text, args, 0);
	if (request.count > FILTER_WORDS) {
		snprintf(error, TOP_ERROR_SIZE, "a filter has at most %d words", FILTER_WORDS);
		return error;
	}
	for (unsigned i = 0; i < request.count; i++) {
		if (strncmp(args[i], "--", 2) == 0) {
			snprintf(error, TOP_ERROR_SIZE, "\"%s\" is no filter", args[i]);
			return error;
		}
		snprintf(request.arg[i], REQUEST_ARG_SIZE, "%s", args[i]);
	}
	if (filter_parse(&request, &ignored, why))
		return NULL;
	snprintf(error, TOP_ERROR_SIZE, "%.*s", TOP_ERROR_SIZE - 1, why);
	top_clean(error);
	return error;
}

/* On a large table, where the user asks for none in particular, only those flows that may be the fastest. */
static bool ask_rows(struct top_look *look, const char *filter, unsigned active_s)
{
	char text[TOP_FILTER_SIZE], active[32];
	char *args[REQUEST_ARGS] = { "--sort=rate", "--sort=bytes", "--sort=packets", LIMIT };
	unsigned count;

	if (look->view != TOP_FLOWS)
		return connection_ask(&look->connection, top_views[look->view].command, NULL, 0);
	snprintf(text, sizeof text, "%s", filter);
	count = split(text, args, OWN_WORDS);
	if (count == OWN_WORDS && show_number(look->status, "flows") > LARGE) {
		snprintf(active, sizeof active, "idle<=%u", active_s);
		args[count++] = active;
	}
	return connection_ask(&look->connection, COMMAND_FLOWS, args, (int)count);
}

static bool ask_both(struct top_look *look, const char *filter, unsigned active_s)
{
	return connection_ask(&look->connection, COMMAND_STATUS, NULL, 0) && ask_rows(look, filter, active_s);
}

/* A daemon that had nothing to do for us for a minute has hung up: then once more. */
static bool ask(struct top_look *look, const char *filter, unsigned active_s)
{
	if (look->connection.fd >= 0 && ask_both(look, filter, active_s))
		return true;
	connection_close(&look->connection);
	int result = connection_open(&look->connection, look->socket);
	if (result < 0) {
		top_look_break(look, result == -EACCES ? "not allowed: be root or a member of its group"
						       : strerror(-result));
		return false;
	}
	ask_both(look, filter, active_s); /* who hangs up at once has said why: that is to be read */
	return true;
}

bool top_look_begin(struct top_look *look, enum top_view view, const char *filter, unsigned active_s)
{
	forget_new(look);
	look->view = view;
	look->answers = 0;
	look->new_error[0] = '\0';
	look->new_rows = json_array();
	look->under_way = ask(look, filter, active_s);
	return look->under_way;
}

unsigned top_look_patience(const struct top_look *look)
{
	return look->answers > 0 ? PATIENCE_WORK_S : PATIENCE_S;
}

int top_look_fd(const struct top_look *look)
{
	return look->connection.fd;
}

/* The header need not wait for the rows. */
static void complete_status(struct top_look *look)
{
	struct top_moment now = moment_now();

	top_rates_status(look->new_status, now, look->status, look->moment);
	json_decref(look->status);
	look->status = json_incref(look->new_status);
	look->moment = now;
}

/* Takes the object over. */
static void take(struct top_look *look, json_t *object)
{
	const char *error = json_string_value(json_object_get(object, "error"));

	if (error != NULL || json_is_true(json_object_get(object, "done"))) {
		if (error != NULL)
			snprintf(look->new_error, sizeof look->new_error, "%s", error);
		top_clean(look->new_error);
		if (look->answers == 0 && look->new_status != NULL)
			complete_status(look);
		look->answers++;
		json_decref(object);
	} else if (look->answers == 0) {
		json_decref(look->new_status);
		look->new_status = object;
	} else {
		json_array_append_new(look->new_rows, object);
	}
}

/* The new rows are those that were seen last. */
static void complete(struct top_look *look)
{
	struct top_moment now = moment_now();
	enum top_view view = look->view;

	if (view == TOP_FLOWS) {
		top_rates_flows(look->new_rows, now, look->kept, look->rows_moment[view]);
		json_decref(look->kept);
		look->kept = top_rates_keep(look->new_rows);
	}
	json_decref(look->rows[view]);
	look->rows[view] = look->new_rows;
	look->rows_moment[view] = now;
	look->new_rows = NULL;
	forget_new(look);
	snprintf(look->error, sizeof look->error, "%s", look->new_error);
}

/* All whole lines that came. False: that is not what a daemon says. */
static bool take_lines(struct top_look *look)
{
	char *at = look->in, *end;

	while (look->under_way && look->answers < ANSWERS &&
	       (end = memchr(at, '\n', look->in_length - (size_t)(at - look->in))) != NULL) {
		json_t *object = json_loadb(at, (size_t)(end - at), 0, NULL);

		if (!json_is_object(object)) {
			json_decref(object);
			return false;
		}
		take(look, object);
		at = end + 1;
	}
	look->in_length -= (size_t)(at - look->in);
	memmove(look->in, at, look->in_length);
	return true;
}

static bool make_room(struct top_look *look)
{
	char *more;

	if (look->in_size - look->in_length >= READ_SIZE)
		return true;
	if (look->in_size >= LINE_MOST)
		return false;
	more = realloc(look->in, look->in_size + 2 * READ_SIZE);
	if (more == NULL)
		return false;
	look->in = more;
	look->in_size += 2 * READ_SIZE;
	return true;
}

enum top_progress top_look_read(struct top_look *look)
{
	while (look->connection.fd >= 0) {
		if (!make_room(look)) {
			top_look_break(look, "an answer without end");
			break;
		}
		ssize_t n = recv(top_look_fd(look), look->in + look->in_length, look->in_size - look->in_length,
				 MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return TOP_WAITS;
		if (n <= 0) {
			top_look_break(look, "the daemon ended");
			break;
		}
		look->in_length += (size_t)n;
		if (!take_lines(look) || (look->answers > 0 && look->new_status == NULL)) {
			look->refused = *look->new_error != '\0';
			top_look_break(look, look->refused ? look->new_error : "no answer of a tcpwardend");
			break;
		}
		if (look->answers == ANSWERS) {
			complete(look);
			return TOP_COMPLETE;
		}
	}
	return TOP_BROKEN;
}
