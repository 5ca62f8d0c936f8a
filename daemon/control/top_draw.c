/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The picture of top: drawn anew each time, ncurses sends what changed. Lines that do not fit are left out. */
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "control/top_header.h"
#include "control/top_screen.h"

#define LINE_VIEW   TOP_HEADER
#define LINE_TITLES (LINE_VIEW + 1)
#define LINE_ROWS   (LINE_TITLES + 1)

static const char *const help[] = {
	"1 2 3, Tab     flows, sources of SYNs, reasons of drops",
	"space          freeze the figures, and go on",
	"/              filter; flows: client= server= port= phase= reason= flow= idle>= idle<=",
	"               sources and reasons: rows that contain the text; nothing: all rows",
	"r              the other way round",
	"arrows, PgUp, PgDn, Home, End",
	"q              end",
	"",
	"Sort by the column:",
};

/* A text across the whole line: what stood there is gone. */
static void put_line(int at, attr_t attributes, const char *text)
{
	if (at < 0 || at >= LINES)
		return;
	attrset(attributes);
	mvhline(at, 0, ' ' | attributes, COLS);
	mvaddnstr(at, 0, text, COLS);
	attrset(A_NORMAL);
}

static void draw_header(const struct top *top)
{
	char line[TOP_HEADER][TOP_LINE];

	top_header(line, top->look.status);
	for (int i = 0; i < TOP_HEADER; i++)
		put_line(i, A_NORMAL, line[i]);
}

static void draw_choice(const struct top *top, unsigned rows)
{
	const struct top_chosen *chosen = &top->chosen[top->view];
	const struct top_view_info *info = &top_views[top->view];
	char line[TOP_LINE];
	struct text text;

	text_init(&text, line, sizeof line);
	text_fmt(&text, "[%s] %u rows by %s%s", info->word, rows, info->column[chosen->order].title,
		 chosen->reverse ? " reversed" : "");
	if (chosen->filter[0] != '\0')
		text_fmt(&text, "  filter: %s", chosen->filter);
	text_str(&text, top->frozen ? "  FROZEN" : "");
	put_line(LINE_VIEW, A_BOLD, line);
}

static void draw_titles(const struct top *top, const unsigned *fitted)
{
	const struct top_view_info *info = &top_views[top->view];
	char cell[TOP_COLUMNS][TOP_CELL], line[TOP_LINE];

	top_view_titles(top->view, cell);
	top_line(line, info->column, info->count, fitted, (const char(*)[TOP_CELL])cell);
	put_line(LINE_TITLES, A_REVERSE, line);
}

/* As many as there is room for; never past the last one. */
static void draw_rows(struct top *top, const struct top_entry *entries, unsigned count, const unsigned *fitted)
{
	const struct top_view_info *info = &top_views[top->view];
	unsigned *scroll = &top->chosen[top->view].scroll;

	top->page = LINES > LINE_ROWS + 1 ? (unsigned)(LINES - LINE_ROWS - 1) : 0;
	if (*scroll + top->page > count)
		*scroll = count > top->page ? count - top->page : 0;
	for (unsigned i = 0; i < top->page && *scroll + i < count; i++) {
		char line[TOP_LINE];

		top_line(line, info->column, info->count, fitted,
			 (const char(*)[TOP_CELL])entries[*scroll + i].cell);
		put_line(LINE_ROWS + (int)i, A_NORMAL, line);
	}
}

static void draw_table(struct top *top)
{
	const struct top_chosen *chosen = &top->chosen[top->view];
	const struct top_view_info *info = &top_views[top->view];
	struct top_choice choice = { chosen->order, chosen->reverse,
				     top->view == TOP_FLOWS ? "" : chosen->filter };
	unsigned fitted[TOP_COLUMNS], count;
	struct top_entry *entries = top_view_entries(top->view, top->look.rows[top->view],
						     top->look.rows_moment[top->view].wall_s, &choice, &count);

	top_fit(info->column, info->count, (unsigned)COLS, fitted);
	draw_choice(top, count);
	draw_titles(top, fitted);
	if (entries != NULL)
		draw_rows(top, entries, count, fitted);
	free(entries);
}

static void draw_help(const struct top *top)
{
	const struct top_view_info *info = &top_views[top->view];
	int at = 0;

	for (size_t i = 0; i < sizeof help / sizeof help[0]; i++)
		put_line(at++, A_NORMAL, help[i]);
	for (unsigned i = 0; i < info->count; i++) {
		char line[TOP_LINE];

		if (info->column[i].key == 0)
			continue;
		snprintf(line, sizeof line, "%c              %s", info->column[i].key, info->column[i].title);
		put_line(at++, A_NORMAL, line);
	}
}

/* The last line: what is typed, else what is wrong, else how to go on. */
static void draw_status(const struct top *top)
{
	char line[TOP_LINE];

	if (top->typing)
		snprintf(line, sizeof line, "/%s", top->typed);
	else if (top->message[0] != '\0')
		snprintf(line, sizeof line, "%s", top->message);
	else if (top->look.broken[0] != '\0')
		snprintf(line, sizeof line, "no daemon, trying again: %s", top->look.broken);
	else if (top->help)
		snprintf(line, sizeof line, "any key goes back");
	else if (top->look.error[0] != '\0')
		snprintf(line, sizeof line, "%s", top->look.error);
	else
		snprintf(line, sizeof line, "q end  1 2 3 views  / filter  space freeze  ? help");
	put_line(LINES - 1, top->typing ? A_BOLD : A_DIM, line);
}

void top_draw(struct top *top)
{
	erase();
	if (top->help) {
		draw_help(top);
	} else {
		draw_header(top);
		draw_table(top);
	}
	draw_status(top);
	refresh();
}
