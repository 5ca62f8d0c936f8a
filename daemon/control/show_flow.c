/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/show.h"

#define CELL 64

/* Both ends side by side. */
static void show_ends(struct show *show, const json_t *client, const json_t *server)
{
	const char *key;
	json_t *value;

	fprintf(show->out, "%-16s %16s %16s\n", "end", "client", "server");
	json_object_foreach((json_t *)client, key, value)
	{
		char cells[2][CELL];

		show_value(cells[0], CELL, value);
		show_value(cells[1], CELL, json_object_get(server, key));
		fprintf(show->out, "%-16s %16s %16s\n", key, cells[0], cells[1]);
	}
}

/* The latest first. */
static void show_remarks(struct show *show, const json_t *remarks)
{
	size_t i;
	json_t *remark;

	json_array_foreach(remarks, i, remark)
	{
		char reason[CELL];

		show_value(reason, sizeof reason, json_object_get(remark, "reason"));
		fprintf(show->out, "%-16s %s, %.3f s ago\n", i == 0 ? "last_remarks" : "", reason,
			json_number_value(json_object_get(remark, "ago_s")));
	}
}

void show_flow(struct show *show, const json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
	{
		char cell[512];

		if (json_is_object(value) || json_is_array(value))
			continue;
		show_value(cell, sizeof cell, value);
		fprintf(show->out, "%-16s %s\n", key, cell);
	}
	show_remarks(show, json_object_get(object, "last_remarks"));
	fputc('\n', show->out);
	show_ends(show, json_object_get(object, "client_end"), json_object_get(object, "server_end"));
}
