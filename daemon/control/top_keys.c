/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of top. */
#include <ncurses.h>
#include <stdio.h>
#include <string.h>

#include "control/top_screen.h"

#define CTRL(letter) ((letter) & 31)
#define ESCAPE	     27

static void to_view(struct top *top, enum top_view view)
{
	top->view = view;
	top->now = true;
}

static void sort_by(struct top *top, unsigned column)
{
	struct top_chosen *chosen = &top->chosen[top->view];

	chosen->reverse = false;
	chosen->order = column;
	chosen->scroll = 0;
}

/* The line that was typed becomes the filter, unless it is none. */
static void set_filter(struct top *top)
{
	struct top_chosen *chosen = &top->chosen[top->view];
	char error[TOP_ERROR_SIZE];

	top->typing = false;
	if (top->view == TOP_FLOWS && top_filter_check(top->typed, error) != NULL) {
		snprintf(top->message, sizeof top->message, "%s", error);
		return;
	}
	snprintf(chosen->filter, sizeof chosen->filter, "%s", top->typed);
	chosen->scroll = 0;
	top->now = true;
	if (top->frozen && top->view == TOP_FLOWS)
		snprintf(top->message, sizeof top->message, "frozen: the filter holds from the next look on");
}

static void type(struct top *top, int key)
{
	size_t length = strlen(top->typed);

	if (key == '\n' || key == '\r' || key == KEY_ENTER)
		set_filter(top);
	else if (key == ESCAPE || key == CTRL('c') || key == CTRL('g'))
		top->typing = false;
	else if (key == CTRL('u'))
		top->typed[0] = '\0';
	else if ((key == KEY_BACKSPACE || key == 127 || key == '\b') && length > 0)
		top->typed[length - 1] = '\0';
	else if (key >= ' ' && key <= '~' && length + 1 < sizeof top->typed) {
		top->typed[length] = (char)key;
		top->typed[length + 1] = '\0';
	}
}

/* The picture keeps it from going past the end. */
static void scroll_by(struct top *top, int rows)
{
	unsigned *at = &top->chosen[top->view].scroll;

	*at = rows < 0 && *at < (unsigned)-rows ? 0 : *at + (unsigned)rows;
}

/* False: it is no such key. */
static bool move_by(struct top *top, int key)
{
	switch (key) {
	case KEY_UP: scroll_by(top, -1); return true;
	case KEY_DOWN: scroll_by(top, 1); return true;
	case KEY_PPAGE: scroll_by(top, -(int)top->page); return true;
	case KEY_NPAGE: scroll_by(top, (int)top->page); return true;
	case KEY_HOME: top->chosen[top->view].scroll = 0; return true;
	case KEY_END: top->chosen[top->view].scroll = 1000000; return true;
	default: return false;
	}
}

static void command(struct top *top, int key)
{
	int column = top_view_order(top->view, key);

	switch (key) {
	case 'q':
	case CTRL('c'): top->quit = true; break;
	case '1':
	case '2':
	case '3': to_view(top, (enum top_view)(key - '1')); break;
	case '\t': to_view(top, (enum top_view)((top->view + 1) % TOP_VIEWS)); break;
	case ' ':
		top->frozen = !top->frozen;
		top->now = !top->frozen;
		break;
	case '/':
		top->typing = true;
		snprintf(top->typed, sizeof top->typed, "%s", top->chosen[top->view].filter);
		break;
	case '?':
	case 'h': top->help = true; break;
	case 'r': top->chosen[top->view].reverse = !top->chosen[top->view].reverse; break;
	case CTRL('l'): clearok(curscr, TRUE); break;
	default:
		if (column >= 0)
			sort_by(top, (unsigned)column);
		break;
	}
}

void top_key(struct top *top, int key)
{
	if (key == KEY_RESIZE)
		return;
	top->message[0] = '\0';
	if (top->typing)
		type(top, key);
	else if (top->help)
		top->help = false;
	else if (!move_by(top, key))
		command(top, key);
}
