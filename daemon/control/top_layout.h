/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A row of cells in so many columns of a terminal. Pure: what is printable and how wide, not how it is drawn. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOP_COLUMNS 13
#define TOP_CELL    128 /* bytes of a cell, with NUL */
#define TOP_LINE    512 /* bytes of a line, with NUL: wider terminals stay empty on the right */

struct top_column {
	const char *title;
	char key;      /* that sorts by it; 0: none does */
	uint8_t width; /* at least, in columns */
	uint8_t most;  /* grows to this where there is room; 0: does not */
	uint8_t rank;  /* of those that do not fit, the one with the highest rank goes first */
	bool right;    /* a number: flush right, the most comes first */
};

/* Everything but printable ASCII becomes a question mark: what comes from the daemon never steers the terminal. */
void top_clean(char *text);
/* A number in at most 6 columns: 0, 0.25, 7.50, 999, 1.23k, 12.3M, 123G. Less than 0: "-", it is not known. */
void top_scaled(char *cell, size_t size, double number);

/* How wide each column is in a line of `width`; 0: there is no room for it. */
void top_fit(const struct top_column *column, unsigned count, unsigned width, unsigned fitted[TOP_COLUMNS]);
/* The cells side by side with a blank between them; a text that is cut ends in '~'. */
void top_line(char line[TOP_LINE], const struct top_column *column, unsigned count,
	      const unsigned fitted[TOP_COLUMNS], const char cell[TOP_COLUMNS][TOP_CELL]);
