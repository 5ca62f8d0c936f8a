/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop of top: keys, the daemon's answers, and the next look when it is due, in one poll. */
#include "control/top_screen.h"

#include <errno.h>
#include <ncurses.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define ESCAPE_MS 50 /* for the rest of a key's sequence */
#define DAY_S	  86400
#define SPARING	  4  /* the daemon walks through its flows no more than a fifth of the time */

struct timing {
	double begun_s, due_s; /* monotonic: the look under way, the next one */
};

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double max_of(double a, double b)
{
	return a > b ? a : b;
}

static void begin(struct top *top, struct timing *timing)
{
	double now = now_s(), since_s = max_of(top->interval_s, now - timing->begun_s);
	unsigned active_s = since_s < DAY_S ? (unsigned)max_of(5, 2 * since_s) : DAY_S;

	top->now = false;
	timing->begun_s = now;
	timing->due_s = timing->begun_s + top->interval_s;
	top_look_begin(&top->look, top->view, top->chosen[TOP_FLOWS].filter, active_s);
}

/* What the daemon said; a look that took long makes the pause after it longer. */
static void hear(struct top *top, struct timing *timing)
{
	bool first = top->look.kept == NULL; /* there are no rates before the second one */
	double now = now_s();

	enum top_progress progress = top_look_read(&top->look);
	if (progress != TOP_BROKEN && top->look.answers > 0)
		top->look.broken[0] = '\0';
	if (progress == TOP_COMPLETE && !first)
		timing->due_s = max_of(timing->due_s, now + SPARING * (now - timing->begun_s));
}

/* Begins a look that is due, gives one up that never ends. Returns for how long nothing is to do, -1: for ever. */
static int look(struct top *top, struct timing *timing)
{
	double now = now_s(), wait_s;

	if (top->look.under_way && (top->frozen || top->now)) /* now: something else is wanted */
		top_look_stop(&top->look);
	if (top->look.under_way) {
		wait_s = timing->begun_s + top_look_patience(&top->look) - now;
		if (wait_s <= 0)
			top_look_break(&top->look, "no answer");
	}
	if (!top->look.under_way && !top->frozen && (top->now || now >= timing->due_s))
		begin(top, timing);
	if (top->look.under_way)
		wait_s = timing->begun_s + top_look_patience(&top->look) - now;
	else if (top->frozen)
		return -1;
	else
		wait_s = timing->due_s - now;
	return wait_s > 0 ? (int)(wait_s * 1000) + 1 : 0;
}

static void run(struct top *top)
{
	struct timing timing = { .begun_s = now_s() };

	timing.due_s = timing.begun_s + top->interval_s;
	while (!top->quit) {
		int timeout_ms = look(top, &timing), key;
		struct pollfd fds[2] = {
			{ .fd = STDIN_FILENO, .events = POLLIN },
			{ .fd = top->look.under_way ? top_look_fd(&top->look) : -1, .events = POLLIN },
		};

		top_draw(top);
		if (poll(fds, 2, timeout_ms) < 0 && errno != EINTR)
			return;
		while ((key = getch()) != ERR)
			top_key(top, key);
		if (fds[1].revents != 0)
			hear(top, &timing);
		if (top->look.refused) /* it will say the same again */
			return;
		if ((fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) /* the terminal is gone */
			return;
	}
}

/* Raw enough to read keys one by one, and back in endwin(); signals end it with the terminal restored (ncurses). */
static SCREEN *open_screen(void)
{
	SCREEN *screen = newterm(NULL, stdout, stdin);

	if (screen == NULL)
		return NULL;
	set_escdelay(ESCAPE_MS);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	return screen;
}

enum client_exit top_screen_run(const char *socket, double interval_s)
{
	struct top top = { .interval_s = interval_s };
	SCREEN *screen;

	for (int i = 0; i < TOP_VIEWS; i++)
		top.chosen[i].order = top_views[i].order;
	top_look_init(&top.look, socket);
	if (!top_look_begin(&top.look, top.view, "", 1)) {
		fprintf(stderr, "tcpwardenctl: %s: is tcpwardend running?\n", top.look.broken);
		top_look_fini(&top.look);
		return CLIENT_NO_DAEMON;
	}
	screen = open_screen();
	if (screen == NULL) {
		const char *term = getenv("TERM");

		fprintf(stderr, "tcpwardenctl: top: the terminal type \"%s\" is not known\n", term != NULL ? term : "");
		top_look_fini(&top.look);
		return CLIENT_USAGE;
	}
	run(&top);
	endwin();
	delscreen(screen);
	if (top.look.refused)
		fprintf(stderr, "tcpwardenctl: %s\n", top.look.broken);
	top_look_fini(&top.look);
	return top.look.refused ? CLIENT_REFUSED : CLIENT_DONE;
}
