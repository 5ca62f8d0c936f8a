/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The three tables of top: what their columns are, and the rows of a look in order. Pure: objects of the daemon in,
 * printable cells out.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "control/top_layout.h"
#include "tables/commands.h"

enum top_view { TOP_FLOWS, TOP_SOURCES, TOP_REASONS, TOP_VIEWS };

struct top_view_info {
	const char *word;
	enum command command; /* that is asked for its rows */
	const char *row_key;  /* what an object has that is a row of it */
	unsigned count;
	struct top_column column[TOP_COLUMNS];
	unsigned order; /* column that it is sorted by at first */
};

extern const struct top_view_info top_views[TOP_VIEWS];

/* One row of a view, ready to be sorted and shown. */
struct top_entry {
	const json_t *row;
	double value[TOP_COLUMNS]; /* of numbers, -1: not known */
	char cell[TOP_COLUMNS][TOP_CELL];
};

/* Which rows, and which of them come first. */
struct top_choice {
	unsigned order;   /* column */
	bool reverse;
	const char *text; /* only rows with a cell that contains it; "": all */
};

/* Sorts by this column; -1: the view has no such key. */
int top_view_order(enum top_view view, int key);
/*
 * A new array of *count entries, freed with free(), which point into `rows`; now_s: wall-clock time of the look. NULL:
 * out of memory.
 */
struct top_entry *top_view_entries(enum top_view view, const json_t *rows, double now_s,
				   const struct top_choice *choice, unsigned *count);
/* Titles as cells, for top_line(). */
void top_view_titles(enum top_view view, char cell[TOP_COLUMNS][TOP_CELL]);
