/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal side of top: what the user has chosen (struct top), keys that change it (top_keys.c), and the picture of
 * it (top_draw.c). With ncurses only.
 */
#pragma once

#include <stdbool.h>

#include "control/client.h"
#include "control/top_look.h"

/* Of one view. */
struct top_chosen {
	unsigned order; /* column */
	bool reverse;
	char filter[TOP_FILTER_SIZE];
	unsigned scroll; /* rows above the first one shown */
};

struct top {
	struct top_look look;
	double interval_s;
	enum top_view view;
	struct top_chosen chosen[TOP_VIEWS];
	bool frozen;
	bool help;
	bool quit;
	bool now;    /* the next look is due at once */
	bool typing; /* a filter */
	char typed[TOP_FILTER_SIZE];
	char message[TOP_ERROR_SIZE]; /* until the next key */
	unsigned page; /* rows that the last picture had room for */
};

/*
 * Until the user leaves, or the daemon refuses him; the terminal is as it was then. Without a daemon at first:
 * complains and returns at once.
 */
enum client_exit top_screen_run(const char *socket, double interval_s);

void top_key(struct top *top, int key);
void top_draw(struct top *top);
