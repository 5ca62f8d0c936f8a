/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/text.h"
#include "config/context.h"
#include "config/describe.h"
#include "config/prefix.h"
#include "config/quantity.h"

#define CPU_MOST 1023 /* of a cpu_set_t */

#define WHY_SIZE 512
#define PATH_SIZE 128

static const char *type_word(const config_setting_t *setting)
{
	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64: return "a number";
	case CONFIG_TYPE_FLOAT: return "a fraction";
	case CONFIG_TYPE_BOOL: return "true or false";
	case CONFIG_TYPE_STRING: return "a string";
	case CONFIG_TYPE_ARRAY:
	case CONFIG_TYPE_LIST: return "a list";
	case CONFIG_TYPE_GROUP: return "a group";
	default: /* libconfig's own enumeration */ return "something else";
	}
}

static bool is_integer(const config_setting_t *setting)
{
	int type = config_setting_type(setting);

	return type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64;
}

static bool is_string(const config_setting_t *setting)
{
	return config_setting_type(setting) == CONFIG_TYPE_STRING;
}

/* Every reader below returns true and writes the field, or appends to `why` what is wrong with the value. */

static bool wrong_type(const config_setting_t *setting, const char *expected, struct text *why)
{
	text_fmt(why, "is %s, not %s", type_word(setting), expected);
	return false;
}

static bool read_int(const config_setting_t *setting, const struct option_info *option, int64_t *field,
		     struct text *why)
{
	const char *suffixes = quantity_suffixes(option->unit);
	int64_t value = 0;

	if (is_string(setting) && suffixes != NULL) {
		const char *text = config_setting_get_string(setting);
		const char *wrong = quantity_parse(text, option->unit, &value);

		if (wrong != NULL) {
			text_fmt(why, "\"%s\" %s; units: %s", text, wrong, suffixes);
			return false;
		}
	} else if (is_integer(setting)) {
		value = config_setting_get_int64(setting);
	} else {
		return wrong_type(setting, "a whole number", why);
	}
	if (value < option->least || value > option->most) {
		text_fmt(why, "%lld is out of range", (long long)value);
		return false;
	}
	*field = value;
	return true;
}

static bool read_bool(const config_setting_t *setting, bool *field, struct text *why)
{
	if (config_setting_type(setting) != CONFIG_TYPE_BOOL)
		return wrong_type(setting, "true or false", why);
	*field = config_setting_get_bool(setting) != 0;
	return true;
}

static bool read_choice(const config_setting_t *setting, const struct option_info *option, int *field,
			struct text *why)
{
	const char *word;
	int choice;

	if (!is_string(setting))
		return wrong_type(setting, "a string", why);
	word = config_setting_get_string(setting);
	choice = choice_find(option->choices, word);
	if (choice < 0) {
		text_fmt(why, "\"%s\" is no choice", word);
		return false;
	}
	*field = choice;
	return true;
}

static bool read_string(const config_setting_t *setting, char field[SETTING_STRING_SIZE], struct text *why)
{
	const char *value;

	if (!is_string(setting))
		return wrong_type(setting, "a string", why);
	value = config_setting_get_string(setting);
	if (strlen(value) >= SETTING_STRING_SIZE) {
		text_str(why, "is too long");
		return false;
	}
	for (const char *p = value; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == '\x7f') {
			text_str(why, "has a control character");
			return false;
		}
	strncpy(field, value, SETTING_STRING_SIZE); /* fills with zeros: settings compare as bytes */
	return true;
}

static bool add_number(const config_setting_t *element, struct setting_list *list, struct text *why)
{
	int64_t number;

	if (!is_integer(element))
		return wrong_type(element, "a number", why);
	number = config_setting_get_int64(element);
	if (number < 0 || number > CPU_MOST) {
		text_fmt(why, "%lld is out of range 0..%d", (long long)number, CPU_MOST);
		return false;
	}
	list->number[list->count++] = number;
	return true;
}

static bool add_prefix(const config_setting_t *element, struct setting_list *list, struct text *why)
{
	const char *text, *wrong;

	if (!is_string(element))
		return wrong_type(element, "a string", why);
	text = config_setting_get_string(element);
	wrong = prefix_parse(text, &list->prefix[list->count]);
	if (wrong != NULL) {
		text_fmt(why, "\"%s\" %s", text, wrong);
		return false;
	}
	list->count++;
	return true;
}

static bool add_event(const config_setting_t *element, struct setting_list *list, bool *all, struct text *why)
{
	const char *word;
	int event;

	if (!is_string(element))
		return wrong_type(element, "a string", why);
	word = config_setting_get_string(element);
	if (strcmp(word, "all") == 0) {
		*all = true;
		return true;
	}
	event = event_find(word);
	if (event < 0) {
		text_fmt(why, "\"%s\" is no event", word);
		return false;
	}
	list->event[list->count++] = (uint8_t)event;
	return true;
}

static bool add_element(const config_setting_t *element, enum option_element kind, struct setting_list *list,
			bool *all, struct text *why)
{
	switch (kind) {
	case OPTION_ELEMENT_INT: return add_number(element, list, why);
	case OPTION_ELEMENT_PREFIX: return add_prefix(element, list, why);
	case OPTION_ELEMENT_EVENT: return add_event(element, list, all, why);
	}
	return false;
}

/* "element 2: ...; element 5: ...": all that is wrong with a list. "all" empties a list of events: no filter. */
static bool read_list(const config_setting_t *setting, const struct option_info *option,
		      struct setting_list *field, struct text *why)
{
	struct setting_list list;
	bool good = true, all = false;
	int length;

	memset(&list, 0, sizeof list); /* settings compare as bytes */
	if (!config_setting_is_list(setting) && !config_setting_is_array(setting))
		return wrong_type(setting, "a list", why);
	length = config_setting_length(setting);
	if (length > SETTING_LIST_MAX) {
		text_fmt(why, "has %d elements, more than %d", length, SETTING_LIST_MAX);
		return false;
	}
	if (length == 0 && option->element == OPTION_ELEMENT_EVENT) {
		text_str(why, "is empty");
		return false;
	}
	for (int i = 0; i < length; i++) {
		const config_setting_t *element = config_setting_get_elem(setting, (unsigned)i);
		char text[WHY_SIZE];
		struct text one;

		text_init(&one, text, sizeof text);
		if (add_element(element, option->element, &list, &all, &one))
			continue;
		text_fmt(why, "%selement %d: %s", good ? "" : "; ", i + 1, text);
		good = false;
	}
	if (!good)
		return false;
	if (all)
		memset(&list, 0, sizeof list);
	*field = list;
	return true;
}

static bool read_field(const config_setting_t *setting, const struct option_info *option,
		       struct settings *settings, struct text *why)
{
	void *field = (char *)settings + option->offset;

	switch (option->type) {
	case OPTION_TYPE_INT: return read_int(setting, option, field, why);
	case OPTION_TYPE_BOOL: return read_bool(setting, field, why);
	case OPTION_TYPE_CHOICE: return read_choice(setting, option, field, why);
	case OPTION_TYPE_STRING: return read_string(setting, field, why);
	case OPTION_TYPE_LIST: return read_list(setting, option, field, why);
	}
	return false;
}

void config_read_value(struct config_context *context, const config_setting_t *setting, enum option_id id)
{
	const struct option_info *option = &option_table[id];
	char why_text[4 * WHY_SIZE], allowed_text[WHY_SIZE];
	char path_text[PATH_SIZE];
	struct text why, allowed, path;

	text_init(&why, why_text, sizeof why_text);
	text_init(&allowed, allowed_text, sizeof allowed_text);
	text_init(&path, path_text, sizeof path_text);
	if (read_field(setting, option, context->settings, &why)) {
		context->settings->origin[id] = (uint8_t)context->origin;
		context->failed[id] = false;
		context->at[id] = context->origin == ORIGIN_FILE ? setting : NULL;
		context->settings->line[id] = context->at[id] != NULL ? config_setting_source_line(setting) : 0;
		return;
	}
	context->failed[id] = true;
	describe_allowed(&allowed, option);
	config_option_path(context, id, &path);
	config_complain(context, setting, path_text, "%s (allowed: %s)", why_text, allowed_text);
}
