/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <time.h>

#include "control/show.h"

#define CELL  64
#define WIDTH 100 /* columns of a text */

/* Words of a text in lines of at most WIDTH columns, each after four blanks. */
static void print_wrapped(FILE *out, const char *text)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t length = strcspn(text, " ");

		if (column > 0 && column + 1 + length > WIDTH) {
			fputc('\n', out);
			column = 0;
		}
		fprintf(out, "%s%.*s", column == 0 ? "    " : " ", (int)length, text);
		column += (column == 0 ? 4 : 1) + length;
		text += length + (text[length] == ' ');
	}
	fputc('\n', out);
}

void show_why(struct show *show, const json_t *object)
{
	char client[CELL], server[CELL], at[CELL];
	double ts = json_number_value(json_object_get(object, "ts"));
	time_t seconds = (time_t)ts;
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(at, sizeof at, "%Y-%m-%d %H:%M:%S", &tm);
	show_endpoint(client, sizeof client, object, "client");
	show_endpoint(server, sizeof server, object, "server");
	fprintf(show->out, "%s%s.%06d %s %s %s flow=%s %s\n", show->lines++ > 0 ? "\n" : "", at,
		(int)((ts - (double)seconds) * 1e6), client,
		json_object_get(object, "dir") != NULL && *show_word(object, "dir") == '<' ? "<" : ">",
		server, show_word(object, "flow"), show_word(object, "reason"));
	print_wrapped(show->out, show_word(object, "text"));
}

#define ROW "%-22s %12s %12s %8s  %-32s %s\n"

void show_drop(struct show *show, const json_t *object)
{
	char dropped[CELL], would_drop[CELL], rate[CELL];

	if (json_object_get(object, "source") != NULL) {
		fprintf(show->out, "%s%-46s %" JSON_INTEGER_FORMAT "\n",
			show->sources++ == 0 ? "\nsource of the last drops\n" : "",
			show_word(object, "source"), show_number(object, "drops"));
		return;
	}
	if (show->lines++ == 0)
		fprintf(show->out, ROW, "reason", "dropped", "would-drop", "per_s", "setting", "meaning");
	show_value(dropped, sizeof dropped, json_object_get(object, "dropped"));
	show_value(would_drop, sizeof would_drop, json_object_get(object, "would_drop"));
	show_value(rate, sizeof rate, json_object_get(object, "per_s"));
	fprintf(show->out, ROW, show_word(object, "reason"), dropped, would_drop, rate,
		show_word(object, "setting"), show_word(object, "meaning"));
}

void show_text(struct show *show, const json_t *object)
{
	fputs(show_word(object, "text"), show->out);
}
