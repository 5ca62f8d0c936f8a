/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The picture: SVG with a style sheet for light and dark, no scripts, no fonts of its own. */
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "report/address.h"
#include "report/flow_id.h"
#include "report/ladder_draw.h"

#define FLOWS_MOST 100

/* Pixels. */
enum {
	WIDTH = 960,
	TIME_RIGHT = 104,
	CLIENT_X = 250, /* the client's line */
	SERVER_X = 710,
	MIDDLE = (CLIENT_X + SERVER_X) / 2,
	STATE_GAP = 14,
	PHASE_X = 838,
	HEADING = 84,  /* above the first row of a flow */
	ROW = 34,
	NOTE = 18,     /* a row is so much higher for each line of its remark, */
	NOTE_GAP = 4,  /* and this: the remark belongs to the arrow above it */
	NOTE_MOST = 56, /* characters in such a line: it stays between the two ends */
	SLOPE = 8,     /* an arrow arrives so much lower than it starts */
	MARGIN = 28,   /* below a flow */
};

struct ladder_svg {
	FILE *body;
	char *text; /* what body wrote */
	size_t size;
	int height;
	unsigned flows;
};

static const char style[] =
	"svg{background:#ffffff}\n"
	"text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1f2328;\n"
	"paint-order:stroke;stroke:#ffffff;stroke-width:4px}\n"
	".page{fill:#ffffff}\n"
	".name{font-weight:bold}\n"
	".head{font-size:15px;font-weight:bold}\n"
	".dim{fill:#59636e}\n"
	".end{stroke:#59636e;stroke-width:1.5}\n"
	".end.gap{stroke-dasharray:2 5}\n"
	".arrow{stroke:#0550ae;stroke-width:1.6;fill:none}\n"
	".tip{fill:#0550ae}\n"
	".arrow.again{stroke:#9a6700;stroke-dasharray:7 4}\n"
	".tip.again{fill:#9a6700}\n"
	".arrow.drop{stroke:#cf222e}\n"
	"text.drop{fill:#cf222e}\n"
	"text.warn{fill:#9a6700}\n"
	".wait{fill:#9a6700;fill-opacity:.28;stroke:#9a6700}\n"
	"@media (prefers-color-scheme:dark){\n"
	"svg{background:#0d1117}\n"
	"text{fill:#e6edf3;stroke:#0d1117}\n"
	".page{fill:#0d1117}\n"
	".dim{fill:#9198a1}\n"
	".end{stroke:#9198a1}\n"
	".arrow{stroke:#79c0ff}\n"
	".tip{fill:#79c0ff}\n"
	".arrow.again{stroke:#e3b341}\n"
	".tip.again{fill:#e3b341}\n"
	".arrow.drop{stroke:#ff7b72}\n"
	"text.drop{fill:#ff7b72}\n"
	"text.warn{fill:#e3b341}\n"
	".wait{fill:#e3b341;stroke:#e3b341}\n"
	"}\n";

/* Text of ours has no control characters; the three that XML wants escaped are. */
static void put_text(FILE *out, int x, int y, const char *anchor, const char *class, const char *words)
{
	fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" class=\"%s\">", x, y, anchor, class);
	for (; *words != '\0'; words++) {
		if (*words == '<')
			fputs("&lt;", out);
		else if (*words == '>')
			fputs("&gt;", out);
		else if (*words == '&')
			fputs("&amp;", out);
		else
			fputc(*words, out);
	}
	fputs("</text>\n", out);
}

static void put_line(FILE *out, const char *class, int x1, int y1, int x2, int y2)
{
	fprintf(out, "<line class=\"%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", class, x1, y1, x2, y2);
}

/* Both ends' lines beside a row. */
static void put_ends(FILE *out, const char *class, int y, int height)
{
	put_line(out, class, CLIENT_X, y, CLIENT_X, y + height);
	put_line(out, class, SERVER_X, y, SERVER_X, y + height);
}

static void put_tip(FILE *out, const char *class, int x, int y, int back)
{
	fprintf(out, "<path class=\"%s\" d=\"M%d %dl%d -5v10z\"/>\n", class, x, y, back);
}

static void put_arrow(FILE *out, const struct ladder_row *row, int y)
{
	bool server = row->dir == SIDE_SERVER, dropped = row->verdict == LADDER_DROP;
	int from = server ? SERVER_X : CLIENT_X, to = server ? CLIENT_X : SERVER_X, cut = from + (to - from) * 4 / 5;
	const char *class = dropped ? "arrow drop" : row->again ? "arrow again" : "arrow";

	if (!dropped) {
		put_line(out, class, from, y, to, y + SLOPE);
		put_tip(out, row->again ? "tip again" : "tip", to, y + SLOPE, server ? 10 : -10);
		return;
	}
	put_line(out, class, from, y, cut, y + SLOPE * 4 / 5);
	put_line(out, class, cut - 6, y - 1, cut + 6, y + 11);
	put_line(out, class, cut - 6, y + 11, cut + 6, y - 1);
}

static const char *if_changed(const char *now, const char *before)
{
	return before != NULL && strcmp(now, before) == 0 ? "" : now;
}

/* States and phase, where they changed. */
static void put_beside(FILE *out, const struct ladder_row *row, const struct ladder_row *before, int y)
{
	const char *client = if_changed(row->state[SIDE_CLIENT], before != NULL ? before->state[SIDE_CLIENT] : NULL);
	const char *server = if_changed(row->state[SIDE_SERVER], before != NULL ? before->state[SIDE_SERVER] : NULL);

	if (client[0] != '\0')
		put_text(out, CLIENT_X - STATE_GAP, y, "end", "name", client);
	if (server[0] != '\0')
		put_text(out, SERVER_X + STATE_GAP, y, "start", "name", server);
	if (row->phase < PHASE_COUNT && (before == NULL || before->phase != row->phase))
		put_text(out, PHASE_X, y, "start", "dim", phase_word(row->phase));
}

/* A remark in lines that fit, broken at spaces where there are any. Returns the y below it. */
static int put_remark(FILE *out, int y, const char *class, const char *remark)
{
	char line[NOTE_MOST + 1];

	for (; *remark != '\0'; y += NOTE) {
		size_t size = strlen(remark);

		if (size > NOTE_MOST) {
			size = NOTE_MOST;
			while (size > 0 && remark[size] != ' ')
				size--;
			if (size == 0)
				size = NOTE_MOST;
		}
		memcpy(line, remark, size);
		line[size] = '\0';
		put_ends(out, "end", y, NOTE);
		put_text(out, MIDDLE, y + 9, "middle", class, line);
		remark += size + (remark[size] == ' ');
	}
	put_ends(out, "end", y, NOTE_GAP);
	return y + NOTE_GAP;
}

/* Returns the y below it. */
static int put_segment(FILE *out, const struct ladder *ladder, const struct ladder_row *row, int y)
{
	const char *class = row->verdict == LADDER_DROP ? "drop" : row->verdict == LADDER_WOULD_DROP ? "warn" : "dim";
	char label[96], remark[640], time[32];
	struct text text;

	snprintf(time, sizeof(time), "%.6f", (double)(row->wall_ns - ladder->row[0].wall_ns) / (double)NS_PER_S);
	text_init(&text, label, sizeof(label));
	ladder_label(&text, row);
	if (row->again)
		text_str(&text, ", sent again");
	text_init(&text, remark, sizeof(remark));
	ladder_remark(&text, row);
	put_ends(out, "end", y, ROW);
	put_text(out, TIME_RIGHT, y + 20, "end", "dim", time);
	put_text(out, MIDDLE, y + 14, "middle", row->verdict == LADDER_DROP ? "drop" : row->again ? "warn" : "", label);
	put_arrow(out, row, y + 18);
	y += ROW;
	return text.len > 0 ? put_remark(out, y, class, remark) : y;
}

static int put_notice(FILE *out, const struct ladder_row *row, int y)
{
	char notice[160];
	struct text text;
	int height = row->kind == LADDER_TIME_WAIT ? ROW + NOTE : ROW;

	text_init(&text, notice, sizeof(notice));
	ladder_notice(&text, row);
	if (row->kind == LADDER_CLOSED || row->kind == LADDER_INPUT_END)
		put_ends(out, "end", y, 6);
	else
		put_ends(out, "end gap", y, height);
	for (enum side side = SIDE_CLIENT; row->kind == LADDER_TIME_WAIT && side <= SIDE_SERVER; side++)
		if (strcmp(row->state[side], "TIME-WAIT") == 0)
			fprintf(out, "<rect class=\"wait\" x=\"%d\" y=\"%d\" width=\"14\" height=\"%d\"/>\n",
				(side == SIDE_CLIENT ? CLIENT_X : SERVER_X) - 7, y + 4, height - 8);
	put_text(out, MIDDLE, y + height / 2 + 5, "middle", row->kind == LADDER_TIME_WAIT ? "warn" : "dim", notice);
	return height;
}

/* The picture's own lines say when it began and who is who. Returns the height. */
static int put_heading(FILE *out, const struct ladder *ladder, int y)
{
	char id[FLOW_ID_SIZE], end[2][ADDRESS_PORT_SIZE], words[64];
	struct text text;

	flow_id_text(ladder->flow, id);
	text_init(&text, end[SIDE_CLIENT], sizeof(end[SIDE_CLIENT]));
	address_port_text(&text, ladder->at.client, ladder->at.client_port);
	text_init(&text, end[SIDE_SERVER], sizeof(end[SIDE_SERVER]));
	address_port_text(&text, ladder->at.server, ladder->at.server_port);
	snprintf(words, sizeof(words), "flow %s", id);
	put_text(out, MIDDLE, y + 26, "middle", "dim", words);
	put_text(out, CLIENT_X, y + 50, "middle", "head", "client");
	put_text(out, SERVER_X, y + 50, "middle", "head", "server");
	put_text(out, CLIENT_X, y + 68, "middle", "", end[SIDE_CLIENT]);
	put_text(out, SERVER_X, y + 68, "middle", "", end[SIDE_SERVER]);
	put_text(out, TIME_RIGHT, y + 50, "end", "dim", "seconds"); /* beside an address there may be no room */
	put_text(out, PHASE_X, y + 50, "start", "dim", "phase");
	return HEADING;
}

struct ladder_svg *ladder_svg_new(void)
{
	struct ladder_svg *svg = calloc(1, sizeof(*svg));

	if (svg == NULL)
		return NULL;
	svg->body = open_memstream(&svg->text, &svg->size);
	if (svg->body != NULL)
		return svg;
	free(svg);
	return NULL;
}

void ladder_svg_add(struct ladder_svg *svg, const struct ladder *ladder)
{
	const struct ladder_row *before = NULL;

	if (ladder->rows == 0 || ++svg->flows > FLOWS_MOST)
		return;
	svg->height += put_heading(svg->body, ladder, svg->height);
	for (size_t n = 0; n < ladder->rows; n++) {
		const struct ladder_row *row = &ladder->row[n];

		put_beside(svg->body, row, before, svg->height + 20);
		if (row->kind == LADDER_SEGMENT || row->kind == LADDER_ICMP)
			svg->height = put_segment(svg->body, ladder, row, svg->height);
		else
			svg->height += put_notice(svg->body, row, svg->height);
		before = row;
	}
	svg->height += MARGIN;
}

bool ladder_svg_finish(struct ladder_svg *svg, FILE *out)
{
	char words[64];
	bool fine;

	if (svg->flows > FLOWS_MOST || svg->flows == 0) {
		snprintf(words, sizeof(words), "%u more flows are not drawn",
			 svg->flows > 0 ? svg->flows - FLOWS_MOST : 0);
		put_text(svg->body, WIDTH / 2, svg->height + 20, "middle", "dim", svg->flows > 0 ? words : "no flows");
		svg->height += ROW;
	}
	fine = fclose(svg->body) == 0;
	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">\n"
		"<title>TCP connections between client and server</title>\n<style>\n%s</style>\n"
		"<rect class=\"page\" width=\"%d\" height=\"%d\"/>\n",
		WIDTH, svg->height, WIDTH, svg->height, style, WIDTH, svg->height);
	if (fine)
		fputs(svg->text, out);
	fputs("</svg>\n", out);
	free(svg->text);
	free(svg);
	return fine && !ferror(out);
}
