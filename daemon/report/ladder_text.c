/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <time.h>

#include "base/units.h"
#include "report/address.h"
#include "report/flow_id.h"
#include "report/ladder_draw.h"

/* Columns. */
struct layout {
	bool whole; /* with the frame's number and the phase */
	int time;
	int line;   /* the client's, counted from 0 */
	int span;   /* between the two lines */
	int cut;    /* of these a dropped segment gets so far */
	int width;  /* of the longest row */
};

static const struct layout wide = { .whole = true, .time = 12, .line = 34, .span = 52, .cut = 40, .width = 114 };
static const struct layout narrow = { .time = 10, .line = 24, .span = 40, .cut = 30, .width = 79 };

#define SPAN_MOST 52

#define AGAIN " sent again "

/* The columns beside the lines, "" where nothing changed. */
struct beside {
	char number[24], time[32];
	const char *state[2];
	const char *phase;
};

static void print_row(FILE *out, const struct layout *layout, const struct beside *beside, char edge,
		      const char *middle)
{
	char line[256], number[32] = "";
	int length;

	if (layout->whole)
		snprintf(number, sizeof(number), "%6s ", beside->number);
	length = snprintf(line, sizeof(line), "%s%*s%s%12s %c%-*.*s%c %-12s%s%s", number, layout->time, beside->time,
			  layout->whole ? "  " : " ", beside->state[SIDE_CLIENT], edge, layout->span, layout->span,
			  middle, edge, beside->state[SIDE_SERVER], layout->whole ? "  " : "",
			  layout->whole ? beside->phase : "");
	while (length > 0 && line[length - 1] == ' ')
		length--;
	fprintf(out, "%.*s\n", length, line);
}

/* Words of any length on a line of their own: where the span has begun, or further left if they must. */
static void print_words(FILE *out, const struct layout *layout, const char *words, int from)
{
	int most = layout->width - (int)strlen(words), at = layout->line + from;

	fprintf(out, "%*s%s\n", layout->whole || at <= most ? at : most > 0 ? most : 0, "", words);
}

static void put(char *line, int span, int at, const char *text)
{
	int size = (int)strlen(text);

	for (int i = 0; i < size && at + i < span; i++)
		if (at + i >= 0)
			line[at + i] = text[i];
}

/* An arrow as the client sends it, the label behind its beginning; the server's is turned round. */
static void draw_arrow(char line[SPAN_MOST + 1], const struct layout *layout, const struct ladder_row *row,
		       const char *label)
{
	bool dropped = row->verdict == LADDER_DROP, server = row->dir == SIDE_SERVER;
	int last = layout->span - 1, size = (int)strlen(label), to = last, at = last - size < 3 ? last - size : 3;

	if (dropped)
		to = size + 5 > layout->cut ? size + 5 : layout->cut;
	if (to > last)
		to = last;
	memset(line, ' ', (size_t)layout->span);
	line[layout->span] = '\0';
	for (int i = 0; i <= to; i++)
		line[server ? last - i : i] = row->again ? '~' : dropped && i % 2 == 1 ? ' ' : '-';
	put(line, layout->span, server ? last + 1 - at - size : at, label);
	if (row->again && size + 3 + (int)strlen(AGAIN) + 3 < to)
		put(line, layout->span, server ? last - 2 - size - 2 - (int)strlen(AGAIN) : 3 + size + 2, AGAIN);
	line[server ? last - to : to] = dropped ? 'X' : server ? '<' : '>';
}

static void center(char line[SPAN_MOST + 1], int span, const char *text)
{
	int size = (int)strlen(text);

	memset(line, ' ', (size_t)span);
	line[span] = '\0';
	put(line, span, size < span ? (span - size) / 2 : 0, text);
}

/* A notice may be wider than the span: then it has a line of its own. */
static void print_notice(FILE *out, const struct layout *layout, struct beside *beside, const struct ladder_row *row)
{
	char notice[160], middle[SPAN_MOST + 1];
	struct text text;

	text_init(&text, notice, sizeof(notice));
	ladder_notice(&text, row);
	beside->number[0] = '\0';
	if (row->kind == LADDER_SKIPPED)
		snprintf(beside->number, sizeof(beside->number), "...");
	beside->time[0] = '\0';
	center(middle, layout->span, (int)text.len <= layout->span ? notice : "");
	print_row(out, layout, beside, row->kind == LADDER_CLOSED ? ' ' : ':', middle);
	if ((int)text.len > layout->span)
		print_words(out, layout, notice, 1);
}

static void print_remark(FILE *out, const struct layout *layout, const struct ladder_row *row)
{
	char remark[640];
	struct text text;

	text_init(&text, remark, sizeof(remark));
	ladder_remark(&text, row);
	if (text.len > 0)
		print_words(out, layout, remark, 5);
}

static const char *if_changed(const char *now, const char *before)
{
	return before != NULL && strcmp(now, before) == 0 ? "" : now;
}

static void print_segment(FILE *out, const struct layout *layout, struct beside *beside, const struct ladder *ladder,
			  const struct ladder_row *row)
{
	char middle[SPAN_MOST + 1], label[SPAN_MOST + 16];
	struct text text;
	bool fits;

	snprintf(beside->number, sizeof(beside->number), "%llu", (unsigned long long)row->number);
	snprintf(beside->time, sizeof(beside->time), "%.6f",
		 (double)(row->wall_ns - ladder->row[0].wall_ns) / (double)NS_PER_S);
	text_init(&text, label, sizeof(label));
	text_char(&text, ' ');
	ladder_label(&text, row);
	text_char(&text, ' ');
	fits = (int)text.len < layout->span;
	draw_arrow(middle, layout, row, fits ? label : "");
	print_row(out, layout, beside, '|', middle);
	if (!fits) {
		label[text.len - 1] = '\0';
		print_words(out, layout, label + 1, 5);
	}
	print_remark(out, layout, row);
}

static void print_heading(FILE *out, const struct layout *layout, const struct ladder *ladder)
{
	char id[FLOW_ID_SIZE], client[ADDRESS_PORT_SIZE], server[ADDRESS_PORT_SIZE], when[32];
	time_t seconds = (time_t)(ladder->row[0].wall_ns / (int64_t)NS_PER_S);
	struct beside names = { .number = "frame", .time = "seconds", .state = { "client", "server" },
				.phase = "phase" };
	struct text text;
	struct tm tm;
	bool both; /* ends on one line */

	flow_id_text(ladder->flow, id);
	text_init(&text, client, sizeof(client));
	address_port_text(&text, ladder->at.client, ladder->at.client_port);
	text_init(&text, server, sizeof(server));
	address_port_text(&text, ladder->at.server, ladder->at.server_port);
	both = layout->whole || (int)(strlen(id) + strlen(client) + strlen(server)) + 5 <= layout->width;
	gmtime_r(&seconds, &tm);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	fprintf(out, "%s  %s >%s%s%s%s.%06llu UTC\n", id, client, both ? " " : "\n               ",
		server, layout->whole ? "  " : "\n", when,
		(unsigned long long)(ladder->row[0].wall_ns % (int64_t)NS_PER_S) / 1000);
	print_row(out, layout, &names, ' ', "");
}

void ladder_text(FILE *out, const struct ladder *ladder, unsigned columns)
{
	const struct layout *layout = columns != 0 && (int)columns < wide.width ? &narrow : &wide;
	const struct ladder_row *row, *before = NULL;

	if (ladder->rows == 0)
		return;
	print_heading(out, layout, ladder);
	for (size_t n = 0; n < ladder->rows; n++, before = row) {
		struct beside beside = { .phase = "" };

		row = &ladder->row[n];
		for (enum side side = SIDE_CLIENT; side <= SIDE_SERVER; side++)
			beside.state[side] = if_changed(row->state[side], before != NULL ? before->state[side] : NULL);
		if (row->phase < PHASE_COUNT && (before == NULL || row->phase != before->phase))
			beside.phase = phase_word(row->phase);
		if (row->kind == LADDER_SEGMENT || row->kind == LADDER_ICMP)
			print_segment(out, layout, &beside, ladder, row);
		else
			print_notice(out, layout, &beside, row);
	}
	fputc('\n', out);
}
