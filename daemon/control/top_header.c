/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/top_header.h"

#include <stdio.h>

#include "base/text.h"
#include "control/show.h"

#define CELL 64

static void scaled(struct text *out, const char *before, const json_t *value, const char *after)
{
	char cell[CELL];

	top_scaled(cell, sizeof cell, json_is_number(value) ? json_number_value(value) : -1);
	text_fmt(out, "%s%s%s", before, cell, after);
}

/* up, mode, flood mode */
static void put_daemon(struct text *out, const json_t *status)
{
	char uptime[CELL];

	show_time(uptime, sizeof uptime, (double)show_number(status, "uptime_s"));
	text_fmt(out, "tcpwardend %s  mode %s  up %s  flood mode %s", show_word(status, "version"),
		 show_word(status, "mode"), uptime, json_is_true(json_object_get(status, "flood")) ? "ON" : "off");
}

static void put_flows(struct text *out, const json_t *status)
{
	const char *phase;
	json_t *number;

	scaled(out, "flows ", json_object_get(status, "flows"), "");
	scaled(out, " of ", json_object_get(status, "flows_max"), "");
	scaled(out, " (", json_object_get(status, "fill_percent"), "%)");
	scaled(out, "  half-open ", json_object_get(status, "half_open"), " ");
	json_object_foreach(json_object_get(status, "phases"), phase, number) if (json_integer_value(number) > 0)
	{
		text_fmt(out, " %s", phase);
		scaled(out, "=", number, "");
	}
}

static void put_packets(struct text *out, const json_t *status)
{
	scaled(out, "packets ", json_object_get(status, "packets_per_s"), "/s");
	scaled(out, "  drops ", json_object_get(status, "drops_per_s"), "/s");
	scaled(out, "  verdict p50 ", json_object_get(status, "verdict_p50_us"), " us");
	scaled(out, ", p99 ", json_object_get(status, "verdict_p99_us"), " us");
}

void top_header(char line[TOP_HEADER][TOP_LINE], const json_t *status)
{
	static void (*const put[TOP_HEADER])(struct text *, const json_t *) = { put_daemon, put_flows, put_packets };

	for (unsigned i = 0; i < TOP_HEADER; i++) {
		struct text out;

		text_init(&out, line[i], TOP_LINE);
		if (status != NULL)
			put[i](&out, status);
		top_clean(line[i]);
	}
}
