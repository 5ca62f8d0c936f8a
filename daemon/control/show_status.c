/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "control/show.h"

#define CELL 64

static void show_queues(struct show *show, const json_t *queues)
{
	static const char *const columns[] = { "queue",          "packets_per_s",  "depth",
					       "length",         "kernel_dropped", "user_dropped",
					       "verdict_errors", "receive_buffer" };
	size_t index;
	json_t *queue;
	char cell[CELL];

	for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
		fprintf(show->out, "%s%*s", i == 0 ? "" : "  ", i == 0 ? -7 : (int)strlen(columns[i]),
			columns[i]);
	fputc('\n', show->out);
	json_array_foreach((json_t *)queues, index, queue)
	{
		for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
			show_value(cell, sizeof cell, json_object_get(queue, columns[i]));
			fprintf(show->out, "%s%*s", i == 0 ? "" : "  ", i == 0 ? -7 : (int)strlen(columns[i]),
				cell);
		}
		fputc('\n', show->out);
	}
}

static void show_advice(struct show *show, const json_t *list)
{
	size_t index;
	json_t *advice;

	if (json_array_size(list) == 0)
		fprintf(show->out, "advice     none: all is well\n");
	json_array_foreach((json_t *)list, index, advice)
	{
		const char *setting = show_word(advice, "setting");

		fprintf(show->out, "advice     %s%s%s%s\n", show_word(advice, "text"),
			*setting == '-' ? "" : " (", *setting == '-' ? "" : setting,
			*setting == '-' ? "" : ")");
	}
}

static void show_phases(struct show *show, const json_t *phases)
{
	const char *phase;
	json_t *number;

	fprintf(show->out, "phases    ");
	json_object_foreach((json_t *)phases, phase, number) if (json_integer_value(number) > 0)
		fprintf(show->out, " %s=%" JSON_INTEGER_FORMAT, phase, json_integer_value(number));
	fputc('\n', show->out);
}

static void show_latency(struct show *show, const json_t *object)
{
	char p50[CELL], p99[CELL];

	show_value(p50, sizeof p50, json_object_get(object, "verdict_p50_us"));
	show_value(p99, sizeof p99, json_object_get(object, "verdict_p99_us"));
	fprintf(show->out, "verdict    p50 %s us, p99 %s us\n", p50, p99);
}

void show_status(struct show *show, const json_t *object)
{
	char uptime[CELL];

	show_time(uptime, sizeof uptime, (double)show_number(object, "uptime_s"));
	fprintf(show->out, "tcpwardend %s, pid %" JSON_INTEGER_FORMAT ", up %s, mode %s%s\n",
		show_word(object, "version"), show_number(object, "pid"), uptime, show_word(object, "mode"),
		json_is_true(json_object_get(object, "flood")) ? ", FLOOD MODE" : "");
	fprintf(show->out,
		"flows      %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " (%" JSON_INTEGER_FORMAT
		" %%), half-open %" JSON_INTEGER_FORMAT "\n",
		show_number(object, "flows"), show_number(object, "flows_max"),
		show_number(object, "fill_percent"), show_number(object, "half_open"));
	show_phases(show, json_object_get(object, "phases"));
	fprintf(show->out,
		"packets    %" JSON_INTEGER_FORMAT ", %" JSON_INTEGER_FORMAT
		"/s, dropped %" JSON_INTEGER_FORMAT ", would-drop %" JSON_INTEGER_FORMAT "\n",
		show_number(object, "packets"), show_number(object, "packets_per_s"),
		show_number(object, "dropped"), show_number(object, "would_drop"));
	show_latency(show, object);
	show_queues(show, json_object_get(object, "queues"));
	show_advice(show, json_object_get(object, "advice"));
}
