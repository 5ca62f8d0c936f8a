/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/top_layout.h"

#include <stdio.h>
#include <string.h>

void top_clean(char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

/* Three digits that count. */
static void three_digits(char *cell, size_t size, double number, const char *unit)
{
	int decimals = number < 9.995 ? 2 : number < 99.95 ? 1 : 0;

	snprintf(cell, size, "%.*f%s", decimals, number, unit);
}

void top_scaled(char *cell, size_t size, double number)
{
	static const char *const units[] = { "", "k", "M", "G", "T", "P", "E" };
	unsigned unit = 0;

	if (!(number >= 0)) {
		snprintf(cell, size, "-");
		return;
	}
	while (number >= 999.5 && unit + 1 < sizeof units / sizeof units[0]) {
		number /= 1000;
		unit++;
	}
	if (unit == 0 && (double)(uint64_t)number == number) /* no more than what it is */
		snprintf(cell, size, "%.0f", number);
	else
		three_digits(cell, size, number, units[unit]);
}

/* Columns that all of them take, with the blanks between them. */
static unsigned total(const unsigned *fitted, unsigned count)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < count; i++)
		if (fitted[i] > 0)
			sum += fitted[i] + (sum > 0);
	return sum;
}

/* The one to go next: that of the highest rank that still is there; -1: only those of rank 0 are. */
static int find_least(const struct top_column *column, const unsigned *fitted, unsigned count)
{
	int least = -1;

	for (unsigned i = 0; i < count; i++)
		if (fitted[i] > 0 && column[i].rank > 0 && (least < 0 || column[i].rank >= column[least].rank))
			least = (int)i;
	return least;
}

void top_fit(const struct top_column *column, unsigned count, unsigned width, unsigned fitted[TOP_COLUMNS])
{
	bool grows = true;
	int least;

	for (unsigned i = 0; i < count; i++)
		fitted[i] = column[i].width;
	while (total(fitted, count) > width && (least = find_least(column, fitted, count)) >= 0)
		fitted[least] = 0;
	while (grows) { /* those that can, by one column in turn */
		grows = false;
		for (unsigned i = 0; i < count && total(fitted, count) < width; i++)
			if (fitted[i] > 0 && fitted[i] < column[i].most) {
				fitted[i]++;
				grows = true;
			}
	}
}

/* Room for `width` columns and the NUL is there. */
static void put_cell(char *line, const struct top_column *column, unsigned width, const char *cell)
{
	size_t length = strlen(cell);

	if (length > width)
		snprintf(line, width + 1, "%.*s~", (int)(width - 1), cell);
	else
		snprintf(line, width + 1, "%*s", column->right ? (int)width : -(int)width, cell);
}

void top_line(char line[TOP_LINE], const struct top_column *column, unsigned count,
	      const unsigned fitted[TOP_COLUMNS], const char cell[TOP_COLUMNS][TOP_CELL])
{
	unsigned at = 0;

	line[0] = '\0';
	for (unsigned i = 0; i < count; i++) {
		if (fitted[i] == 0)
			continue;
		if (at + 1 + fitted[i] >= TOP_LINE)
			return;
		if (at > 0)
			line[at++] = ' ';
		put_cell(line + at, &column[i], fitted[i], cell[i]);
		at += fitted[i];
	}
}
