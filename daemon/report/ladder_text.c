/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <time.h>

#include "base/units.h"
#include "report/address.h"
#include "report/flow_id.h"
#include "report/ladder_draw.h"

#define SPAN 52 /* columns between the two lines */
#define CUT  40 /* of these a dropped segment gets so far */

#define AGAIN " sent again "

/* The columns beside the lines, "" where nothing changed. */
struct beside {
	char number[24], time[32];
	const char *state[2];
	const char *phase;
};

static void print_row(FILE *out, const struct beside *beside, char edge, const char *middle)
{
	char line[256];
	int length = snprintf(line, sizeof(line), "%6s %12s  %12s %c%-*.*s%c %-12s  %s", beside->number, beside->time,
			      beside->state[SIDE_CLIENT], edge, SPAN, SPAN, middle, edge, beside->state[SIDE_SERVER],
			      beside->phase);

	while (length > 0 && line[length - 1] == ' ')
		length--;
	fprintf(out, "%.*s\n", length, line);
}

static void put(char line[SPAN + 1], int at, const char *text)
{
	int size = (int)strlen(text);

	for (int i = 0; i < size && at + i < SPAN; i++)
		if (at + i >= 0)
			line[at + i] = text[i];
}

/* An arrow as the client sends it, the label behind its beginning; the server's is turned round. */
static void draw_arrow(char line[SPAN + 1], const struct ladder_row *row)
{
	bool dropped = row->verdict == LADDER_DROP, server = row->dir == SIDE_SERVER;
	int to = SPAN - 1, label_at, size;
	char label[SPAN + 16];
	struct text text;

	text_init(&text, label, sizeof(label));
	text_char(&text, ' ');
	ladder_label(&text, row);
	text_char(&text, ' ');
	size = (int)text.len;
	if (dropped)
		to = size + 5 > CUT ? size + 5 : CUT;
	if (to > SPAN - 1)
		to = SPAN - 1;
	memset(line, ' ', SPAN);
	line[SPAN] = '\0';
	for (int i = 0; i <= to; i++)
		line[server ? SPAN - 1 - i : i] = row->again ? '~' : dropped && i % 2 == 1 ? ' ' : '-';
	label_at = server ? SPAN - 3 - size : 3;
	put(line, label_at > 0 ? label_at : 1, label);
	if (row->again && size + 3 + (int)strlen(AGAIN) + 3 < to)
		put(line, server ? SPAN - 3 - size - 2 - (int)strlen(AGAIN) : 3 + size + 2, AGAIN);
	line[server ? SPAN - 1 - to : to] = dropped ? 'X' : server ? '<' : '>';
}

static void center(char line[SPAN + 1], const char *text)
{
	int size = (int)strlen(text);

	memset(line, ' ', SPAN);
	line[SPAN] = '\0';
	put(line, size < SPAN ? (SPAN - size) / 2 : 0, text);
}

/* A notice may be wider than the span: then it has a line of its own. */
static void print_notice(FILE *out, struct beside *beside, const struct ladder_row *row)
{
	char notice[160], middle[SPAN + 1];
	struct text text;

	text_init(&text, notice, sizeof(notice));
	ladder_notice(&text, row);
	beside->number[0] = '\0';
	if (row->kind == LADDER_SKIPPED)
		snprintf(beside->number, sizeof(beside->number), "...");
	beside->time[0] = '\0';
	center(middle, text.len <= SPAN ? notice : "");
	print_row(out, beside, row->kind == LADDER_CLOSED ? ' ' : ':', middle);
	if (text.len > SPAN)
		fprintf(out, "%*s%s\n", 35, "", notice);
}

static void print_remark(FILE *out, const struct ladder_row *row)
{
	char remark[640];
	struct text text;

	text_init(&text, remark, sizeof(remark));
	ladder_remark(&text, row);
	if (text.len > 0)
		fprintf(out, "%*s%s\n", 39, "", remark);
}

static const char *if_changed(const char *now, const char *before)
{
	return before != NULL && strcmp(now, before) == 0 ? "" : now;
}

static void print_segment(FILE *out, struct beside *beside, const struct ladder *ladder,
			  const struct ladder_row *row)
{
	char middle[SPAN + 1];

	snprintf(beside->number, sizeof(beside->number), "%llu", (unsigned long long)row->number);
	snprintf(beside->time, sizeof(beside->time), "%.6f",
		 (double)(row->wall_ns - ladder->row[0].wall_ns) / (double)NS_PER_S);
	draw_arrow(middle, row);
	print_row(out, beside, '|', middle);
	print_remark(out, row);
}

static void print_heading(FILE *out, const struct ladder *ladder)
{
	char id[FLOW_ID_SIZE], client[ADDRESS_PORT_SIZE], server[ADDRESS_PORT_SIZE], when[32], middle[SPAN + 1];
	time_t seconds = (time_t)(ladder->row[0].wall_ns / (int64_t)NS_PER_S);
	struct beside names = { .number = "frame", .time = "seconds", .state = { "client", "server" },
				.phase = "phase" };
	struct text text;
	struct tm tm;

	flow_id_text(ladder->flow, id);
	text_init(&text, client, sizeof(client));
	address_port_text(&text, ladder->at.client, ladder->at.client_port);
	text_init(&text, server, sizeof(server));
	address_port_text(&text, ladder->at.server, ladder->at.server_port);
	gmtime_r(&seconds, &tm);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	fprintf(out, "%s  %s > %s  %s.%06llu UTC\n", id, client, server, when,
		(unsigned long long)(ladder->row[0].wall_ns % (int64_t)NS_PER_S) / 1000);
	center(middle, "");
	print_row(out, &names, ' ', middle);
}

void ladder_text(FILE *out, const struct ladder *ladder)
{
	const struct ladder_row *row, *before = NULL;

	if (ladder->rows == 0)
		return;
	print_heading(out, ladder);
	for (size_t n = 0; n < ladder->rows; n++, before = row) {
		struct beside beside = { .phase = "" };

		row = &ladder->row[n];
		for (enum side side = SIDE_CLIENT; side <= SIDE_SERVER; side++)
			beside.state[side] = if_changed(row->state[side], before != NULL ? before->state[side] : NULL);
		if (row->phase < PHASE_COUNT && (before == NULL || row->phase != before->phase))
			beside.phase = phase_word(row->phase);
		if (row->kind == LADDER_SEGMENT || row->kind == LADDER_ICMP)
			print_segment(out, &beside, ladder, row);
		else
			print_notice(out, &beside, row);
	}
	fputc('\n', out);
}
