/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/show.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *show_word(const json_t *object, const char *key)
{
	const char *word = json_string_value(json_object_get(object, key));

	return word != NULL ? word : "-";
}

json_int_t show_number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

void show_value(char *text, size_t size, const json_t *value)
{
	if (json_is_string(value))
		snprintf(text, size, "%s", json_string_value(value));
	else if (json_is_integer(value))
		snprintf(text, size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_real(value))
		snprintf(text, size, "%.6f", json_real_value(value));
	else if (json_is_boolean(value))
		snprintf(text, size, "%s", json_is_true(value) ? "yes" : "no");
	else
		snprintf(text, size, "-");
}

void show_setting(char *text, size_t size, const json_t *value)
{
	char *json = json_dumps(value, JSON_ENCODE_ANY);
	size_t length = json != NULL ? strlen(json) : 0;

	if (json_is_array(value) && json != NULL) {
		json[0] = '(';
		json[length - 1] = ')';
	}
	snprintf(text, size, "%s", json != NULL && !json_is_null(value) ? json : "-");
	free(json);
}

void show_endpoint(char *text, size_t size, const json_t *object, const char *key)
{
	const char *address = show_word(object, key);
	char port_key[32];

	snprintf(port_key, sizeof port_key, "%s_port", key);
	snprintf(text, size,
		 strchr(address, ':') != NULL ? "[%s]:%" JSON_INTEGER_FORMAT : "%s:%" JSON_INTEGER_FORMAT,
		 address, show_number(object, port_key));
}

void show_time(char *text, size_t size, double seconds)
{
	static const struct {
		int64_t seconds;
		char unit;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	int64_t left = (int64_t)seconds;
	unsigned at = 0;

	while (at < 3 && left < units[at].seconds)
		at++;
	if (at == 3)
		snprintf(text, size, "%.1f s", seconds);
	else
		snprintf(text, size, "%" PRId64 " %c %" PRId64 " %c", left / units[at].seconds,
			 units[at].unit, left % units[at].seconds / units[at + 1].seconds,
			 units[at + 1].unit);
}

/* key=value key=value: what needs no form of its own. */
static void show_pairs(struct show *show, const json_t *object)
{
	const char *key;
	json_t *value;
	bool first = true;

	json_object_foreach((json_t *)object, key, value)
	{
		char text[512];

		show_value(text, sizeof text, value);
		fprintf(show->out, "%s%s=%s", first ? "" : " ", key, text);
		first = false;
	}
	fputc('\n', show->out);
}

static const struct show_verb verbs[COMMAND_COUNT] = {
	[COMMAND_STATUS] = { show_status, NULL }, [COMMAND_FLOWS] = { show_flow_row, show_flow_rank },
	[COMMAND_FLOW] = { show_flow, NULL },
	[COMMAND_WATCH] = { show_pairs, NULL },
	[COMMAND_LIMITS] = { show_limit, NULL },
	[COMMAND_BAN] = { show_pairs, NULL },
	[COMMAND_UNBAN] = { show_pairs, NULL },
	[COMMAND_RECHECK] = { show_pairs, NULL },
	[COMMAND_WHY] = { show_why, NULL },
	[COMMAND_DROPS] = { show_drop, NULL },
	[COMMAND_METRICS] = { show_text, NULL },
	[COMMAND_CONFIG] = { show_config, NULL }, [COMMAND_MODE] = { show_pairs, NULL },
	[COMMAND_RELOAD] = { show_pairs, NULL },  [COMMAND_LOG] = { show_pairs, NULL },
	[COMMAND_KILL] = { show_pairs, NULL },    [COMMAND_FLUSH] = { show_pairs, NULL },
};

const struct show_verb *show_verb(enum command command)
{
	return &verbs[command];
}
