/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/describe.h"

#include <inttypes.h>
#include <string.h>

#include "report/address.h"

static void allowed_list(struct text *out, enum option_element element)
{
	switch (element) {
	case OPTION_ELEMENT_INT: text_str(out, "a list of CPU numbers, such as (0, 2)"); return;
	case OPTION_ELEMENT_PREFIX:
		text_str(out, "a list of prefixes, such as (\"10.0.0.0/8\", \"2001:db8::/32\")");
		return;
	case OPTION_ELEMENT_EVENT:
		text_str(out,
			 "a list of events, such as (\"flow-closed\", \"packet-dropped\"), or (\"all\")");
		return;
	}
}

static void allowed_choices(struct text *out, const char *choices)
{
	for (const char *p = choices; *p != '\0'; p++)
		if (*p == '|')
			text_str(out, ", ");
		else
			text_char(out, *p);
}

void describe_allowed(struct text *out, const struct option_info *option)
{
	const char *unit = option_unit_word(option->unit);

	switch (option->type) {
	case OPTION_TYPE_INT:
		text_fmt(out, "%" PRId64 "..%" PRId64 "%s%s", option->least, option->most,
			 *unit != '\0' ? " " : "", unit);
		return;
	case OPTION_TYPE_BOOL: text_str(out, "true, false"); return;
	case OPTION_TYPE_CHOICE: allowed_choices(out, option->choices); return;
	case OPTION_TYPE_STRING:
		text_fmt(out, "a string of up to %d characters", SETTING_STRING_SIZE - 1);
		return;
	case OPTION_TYPE_LIST: allowed_list(out, option->element); return;
	}
}

/* "a,b" of the table becomes ("a", "b"); numbers go without quotes. */
static void default_list(struct text *out, const struct option_info *option)
{
	const char *quote = option->element == OPTION_ELEMENT_INT ? "" : "\"";
	const char *at = option->def_text;

	text_char(out, '(');
	while (*at != '\0') {
		size_t length = strcspn(at, ",");

		text_fmt(out, "%s%.*s%s%s", quote, (int)length, at, quote, at[length] != '\0' ? ", " : "");
		at += length + (at[length] != '\0');
	}
	text_char(out, ')');
}

void describe_default(struct text *out, const struct option_info *option)
{
	switch (option->type) {
	case OPTION_TYPE_INT: text_fmt(out, "%" PRId64, option->def_number); return;
	case OPTION_TYPE_BOOL: text_str(out, option->def_number != 0 ? "true" : "false"); return;
	case OPTION_TYPE_CHOICE:
	case OPTION_TYPE_STRING: text_fmt(out, "\"%s\"", option->def_text); return;
	case OPTION_TYPE_LIST: default_list(out, option); return;
	}
}

static void value_prefix(struct text *out, const struct prefix *prefix)
{
	char address[ADDRESS_PORT_SIZE];
	struct text text;

	text_init(&text, address, sizeof address);
	address_prefix_text(&text, prefix->address, prefix->bits);
	text_fmt(out, "\"%s\"", address);
}

static void value_element(struct text *out, enum option_element element, const struct setting_list *list, unsigned at)
{
	switch (element) {
	case OPTION_ELEMENT_INT: text_fmt(out, "%" PRId64, list->number[at]); return;
	case OPTION_ELEMENT_PREFIX: value_prefix(out, &list->prefix[at]); return;
	case OPTION_ELEMENT_EVENT: text_fmt(out, "\"%s\"", event_word((enum event_kind)list->event[at])); return;
	}
}

static void value_list(struct text *out, enum option_element element, const struct setting_list *list)
{
	text_char(out, '(');
	if (element == OPTION_ELEMENT_EVENT && list->count == 0)
		text_str(out, "\"all\"");
	for (unsigned i = 0; i < list->count; i++) {
		text_str(out, i == 0 ? "" : ", ");
		value_element(out, element, list, i);
	}
	text_char(out, ')');
}

/* Control characters are in no setting. */
static void value_string(struct text *out, const char *value)
{
	text_char(out, '"');
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			text_char(out, '\\');
		text_char(out, *value);
	}
	text_char(out, '"');
}

void describe_value(struct text *out, const struct option_info *option, const struct settings *settings)
{
	const char *field = (const char *)settings + option->offset;
	char word[SETTING_STRING_SIZE];

	switch (option->type) {
	case OPTION_TYPE_INT: text_fmt(out, "%" PRId64, *(const int64_t *)field); return;
	case OPTION_TYPE_BOOL: text_str(out, *(const bool *)field ? "true" : "false"); return;
	case OPTION_TYPE_CHOICE:
		choice_word(option->choices, *(const int *)field, word, sizeof word);
		text_fmt(out, "\"%s\"", word);
		return;
	case OPTION_TYPE_STRING: value_string(out, field); return;
	case OPTION_TYPE_LIST: value_list(out, option->element, (const struct setting_list *)field); return;
	}
}

static void value_ports(struct text *out, const struct port_range *range)
{
	if (range->first == range->last)
		text_fmt(out, "%u", range->first);
	else
		text_fmt(out, "\"%u-%u\"", range->first, range->last);
}

static void service_list(struct text *out, const struct service *service, enum service_word word, unsigned count)
{
	text_char(out, '(');
	for (unsigned i = 0; i < count; i++) {
		text_str(out, i == 0 ? "" : ", ");
		if (word == SERVICE_WORD_ADDRESSES)
			value_prefix(out, &service->address[i]);
		else
			value_ports(out, &service->port[i]);
	}
	text_char(out, ')');
}

void describe_service(struct text *out, const struct service *service, enum service_word word)
{
	switch (word) {
	case SERVICE_WORD_ADDRESSES: service_list(out, service, word, service->addresses); return;
	case SERVICE_WORD_PORTS: service_list(out, service, word, service->ports); return;
	case SERVICE_WORD_RESERVE: text_fmt(out, "%" PRId64, service->reserve); return;
	case SERVICE_WORDS: return;
	}
}
