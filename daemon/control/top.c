/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/top.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "control/top_look.h"
#include "control/top_screen.h"

#define SECONDS_DEFAULT 2
#define SECONDS_LEAST	0.5
#define SECONDS_MOST	3600

/* False: it is none. */
static bool read_seconds(const struct client_config *config, double *seconds)
{
	char *end;

	*seconds = SECONDS_DEFAULT;
	if (config->count == 0)
		return true;
	if (config->args[0][strspn(config->args[0], "0123456789.")] != '\0')
		return false;
	*seconds = strtod(config->args[0], &end);
	return end != config->args[0] && *end == '\0' && *seconds >= SECONDS_LEAST && *seconds <= SECONDS_MOST;
}

static void print_json(const json_t *object)
{
	json_dumpf(object, stdout, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(16));
	putchar('\n');
}

static enum client_exit complain(const struct top_look *look)
{
	json_t *object = json_pack("{s:s}", "error", look->broken);

	print_json(object);
	json_decref(object);
	return look->refused ? CLIENT_REFUSED : CLIENT_NO_DAEMON;
}

/* One look to its end. */
static bool look_at(struct top_look *look, enum top_view view)
{
	if (!top_look_begin(look, view, "", SECONDS_MOST))
		return false;
	for (;;) {
		struct pollfd fd = { .fd = top_look_fd(look), .events = POLLIN };
		int n = poll(&fd, 1, (int)top_look_patience(look) * 1000);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			top_look_break(look, "no answer");
			return false;
		}
		enum top_progress progress = top_look_read(look);
		if (progress != TOP_WAITS)
			return progress == TOP_COMPLETE;
	}
}

static void print_rows(const struct top_look *look, enum top_view view)
{
	struct top_choice choice = { .order = top_views[view].order, .text = "" };
	unsigned count;
	struct top_entry *entries =
		top_view_entries(view, look->rows[view], look->rows_moment[view].wall_s, &choice, &count);

	for (unsigned i = 0; entries != NULL && i < count; i++)
		print_json(entries[i].row);
	free(entries);
}

/* Rates want two looks; then everything is printed, the status first. */
static enum client_exit run_json(const struct client_config *config, double seconds)
{
	struct timespec pause = { .tv_sec = (time_t)seconds,
				  .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9) };
	struct top_look look;
	enum client_exit code = CLIENT_DONE;

	top_look_init(&look, config->socket);
	bool good = look_at(&look, TOP_FLOWS);
	if (good)
		nanosleep(&pause, NULL);
	for (int view = 0; good && view < TOP_VIEWS; view++) {
		good = look_at(&look, (enum top_view)view);
		if (good && view == 0)
			print_json(look.status);
		if (good)
			print_rows(&look, (enum top_view)view);
	}
	if (!good)
		code = complain(&look);
	top_look_fini(&look);
	return code;
}

static enum client_exit refuse(const char *why)
{
	fprintf(stderr, "tcpwardenctl: top: %s\n", why);
	return CLIENT_USAGE;
}

enum client_exit top_run(const struct client_config *config)
{
	double seconds;

	if (!read_seconds(config, &seconds))
		return refuse("the time between two looks is a number of seconds (0.5..3600)");
	if (config->json)
		return run_json(config, seconds);
#ifdef HAVE_NCURSES
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return refuse("standard input and output are no terminal; --json prints one look");
	return top_screen_run(config->socket, seconds);
#else
	return refuse("this tcpwardenctl was built without ncurses; --json prints one look");
#endif
}
