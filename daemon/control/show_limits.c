/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/show.h"

#define CELL  64
#define LIMIT "%-22s %-34s %-14s %12s %12s\n"
#define BAN   "%-44s %-10s %s\n"

static void show_ban(struct show *show, const json_t *object)
{
	char left[CELL] = "for ever";

	if (json_is_integer(json_object_get(object, "left_s")))
		show_time(left, sizeof left, (double)show_number(object, "left_s"));
	if (show->sources++ == 0)
		fprintf(show->out, "\n" BAN, "banned", "cause", "time left");
	fprintf(show->out, BAN, show_word(object, "ban"), show_word(object, "cause"), left);
}

void show_limit(struct show *show, const json_t *object)
{
	char value[CELL], dropped[CELL], would_drop[CELL];

	if (json_object_get(object, "ban") != NULL) {
		show_ban(show, object);
		return;
	}
	if (json_object_get(object, "limit") == NULL) {
		fprintf(show->out,
			"\nhalf-open %" JSON_INTEGER_FORMAT ", flows %" JSON_INTEGER_FORMAT
			" of %" JSON_INTEGER_FORMAT ", bans %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT
			"%s\n",
			show_number(object, "half_open"), show_number(object, "flows"),
			show_number(object, "flows_max"), show_number(object, "bans"),
			show_number(object, "bans_max"),
			json_is_true(json_object_get(object, "flood")) ? ", FLOOD MODE" : "");
		return;
	}
	if (show->lines++ == 0)
		fprintf(show->out, LIMIT, "limit", "setting", "value", "dropped", "would-drop");
	show_setting(value, sizeof value, json_object_get(object, "value"));
	show_value(dropped, sizeof dropped, json_object_get(object, "dropped"));
	show_value(would_drop, sizeof would_drop, json_object_get(object, "would_drop"));
	fprintf(show->out, LIMIT, show_word(object, "limit"), show_word(object, "setting"),
		value, dropped, would_drop);
}
