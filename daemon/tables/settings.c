/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tables/settings.h"

#include <string.h>

const struct option_info option_table[OPTION_COUNT] = {
#define OPTION_ROW(field, type_, ...) \
	[OPTION_##field] = { .type = OPTION_TYPE_##type_, .offset = offsetof(struct settings, field), __VA_ARGS__ },
#define OPTION_INT(field, path_, def, lo, hi, unit_, when_, rule_, help_)                                  \
	OPTION_ROW(field, INT, .path = path_, .def_number = def, .least = lo, .most = hi,                  \
		   .unit = UNIT_##unit_, .when = OPTION_##when_, .rule = rule_, .help = help_)
#define OPTION_BOOL(field, path_, def, when_, rule_, help_) \
	OPTION_ROW(field, BOOL, .path = path_, .def_number = def, .when = OPTION_##when_, .rule = rule_, .help = help_)
#define OPTION_CHOICE(field, path_, def, choices_, when_, rule_, help_)                                    \
	OPTION_ROW(field, CHOICE, .path = path_, .def_text = def, .choices = choices_, .when = OPTION_##when_, \
		   .rule = rule_, .help = help_)
#define OPTION_STRING(field, path_, def, when_, rule_, help_) \
	OPTION_ROW(field, STRING, .path = path_, .def_text = def, .when = OPTION_##when_, .rule = rule_, .help = help_)
#define OPTION_LIST(field, path_, element_, def, when_, rule_, help_)                                      \
	OPTION_ROW(field, LIST, .path = path_, .element = OPTION_ELEMENT_##element_, .def_text = def,      \
		   .when = OPTION_##when_, .rule = rule_, .help = help_)
#include "tables/options.def"
#undef OPTION_INT
#undef OPTION_BOOL
#undef OPTION_CHOICE
#undef OPTION_STRING
#undef OPTION_LIST
#undef OPTION_ROW
};

const char *option_unit_word(enum option_unit unit)
{
	static const char *const words[] = {
		[UNIT_NONE] = "",	    [UNIT_SECONDS] = "s",	[UNIT_MILLISECONDS] = "ms",
		[UNIT_BYTES] = "bytes",	    [UNIT_PERCENT] = "%",	[UNIT_RATE] = "per second",
		[UNIT_PACKETS] = "packets", [UNIT_SEGMENTS] = "segments",
		[UNIT_HANDSHAKES] = "handshakes", [UNIT_FLOWS] = "flows",
		[UNIT_SOURCES] = "sources", [UNIT_TICKS] = "ticks",	[UNIT_TIMES] = "times",
		[UNIT_BITS] = "bits",
	};

	return words[unit];
}

size_t option_field_size(enum option_type type)
{
	switch (type) {
	case OPTION_TYPE_INT: return sizeof(int64_t);
	case OPTION_TYPE_BOOL: return sizeof(bool);
	case OPTION_TYPE_CHOICE: return sizeof(int);
	case OPTION_TYPE_STRING: return SETTING_STRING_SIZE;
	case OPTION_TYPE_LIST: return sizeof(struct setting_list);
	}
	return 0;
}

int option_find(const char *path)
{
	for (int i = 0; i < OPTION_COUNT; i++)
		if (strcmp(option_table[i].path, path) == 0)
			return i;
	return -1;
}

/* Walks "first|second|...": the word at *at, its length, and *at behind it. NULL: no more. */
static const char *next_choice(const char **at, size_t *length)
{
	const char *word = *at;

	if (word == NULL)
		return NULL;
	*length = strcspn(word, "|");
	*at = word[*length] == '|' ? word + *length + 1 : NULL;
	return word;
}

int choice_find(const char *choices, const char *word)
{
	const char *at = choices;
	const char *choice;
	size_t length;

	for (int i = 0; (choice = next_choice(&at, &length)) != NULL; i++)
		if (strlen(word) == length && strncmp(choice, word, length) == 0)
			return i;
	return -1;
}

bool choice_word(const char *choices, int index, char *word, size_t size)
{
	const char *at = choices;
	const char *choice;
	size_t length;

	for (int i = 0; (choice = next_choice(&at, &length)) != NULL; i++) {
		if (i != index)
			continue;
		if (length > size - 1)
			length = size - 1;
		memcpy(word, choice, length);
		word[length] = '\0';
		return true;
	}
	return false;
}

static void set_default(struct settings *settings, const struct option_info *option)
{
	char *field = (char *)settings + option->offset;

	switch (option->type) {
	case OPTION_TYPE_INT:
		*(int64_t *)(void *)field = option->def_number;
		break;
	case OPTION_TYPE_BOOL:
		*(bool *)field = option->def_number != 0;
		break;
	case OPTION_TYPE_CHOICE:
		*(int *)(void *)field = choice_find(option->choices, option->def_text);
		break;
	case OPTION_TYPE_STRING:
		strncpy(field, option->def_text, SETTING_STRING_SIZE - 1);
		break;
	case OPTION_TYPE_LIST: /* empty: for log.events that means all, its default */
		break;
	}
}

void settings_defaults(struct settings *settings)
{
	memset(settings, 0, sizeof *settings);
	for (int i = 0; i < OPTION_COUNT; i++)
		set_default(settings, &option_table[i]);
}

int64_t settings_time_wait_s(const struct settings *settings)
{
	bool is_default = settings->origin[OPTION_tracking_timeouts_time_wait] == ORIGIN_DEFAULT;

	if (is_default && settings->tracking_window == WINDOW_STRICT)
		return 240;
	return settings->tracking_timeouts_time_wait;
}
