/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "control/show.h"

#define VALUE_SIZE 8192 /* bytes of the longest list */

static void show_origin(struct show *show, const json_t *object, const char *value)
{
	char def[VALUE_SIZE];

	show_setting(def, sizeof def, json_object_get(object, "default"));
	fprintf(show->out, "%-38s = %-22s # ", show_word(object, "option"), value);
	if (json_object_get(object, "line") != NULL)
		fprintf(show->out, "%s:%" JSON_INTEGER_FORMAT, show_word(object, "file"), show_number(object, "line"));
	else
		fputs(show_word(object, "origin"), show->out);
	fprintf(show->out, "; allowed %s; default %s%s\n", show_word(object, "allowed"), def,
		strcmp(show_word(object, "change"), "restart") == 0 ? "; needs a restart" : "");
}

void show_config(struct show *show, const json_t *object)
{
	char value[VALUE_SIZE];

	show_setting(value, sizeof value, json_object_get(object, "value"));
	if (json_object_get(object, "origin") != NULL)
		show_origin(show, object, value);
	else
		fprintf(show->out, "%s = %s\n", show_word(object, "option"), value);
}
