/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/fields.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/address.h"
#include "report/logfmt.h"
#include "report/timestamp.h"

#define KEY_SIZE   64
#define VALUE_SIZE 512
/* Longest text that is not UTF-8 and must be escaped, a file name, four characters a byte. */
#define ESCAPED_SIZE (4 * PATH_MAX)
/* Of a JSON number: microseconds since 1970 fit exactly. */
#define REAL_DIGITS 16

/* Without memory the key is left out. Keys are our own: ASCII. */
static void set(struct fields *fields, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(fields->object, key, value) != 0)
		return;
}

static void begin_key(struct fields *fields, const char *key)
{
	if (fields->out->len > 0)
		text_char(fields->out, ' ');
	text_str(fields->out, key);
	text_char(fields->out, '=');
}

static void set_string(struct fields *fields, const char *key, const char *word)
{
	json_t *value = json_string(word);
	char buffer[ESCAPED_SIZE];
	struct text escaped;

	if (value == NULL) { /* not UTF-8 */
		text_init(&escaped, buffer, sizeof(buffer));
		logfmt_printable(&escaped, word);
		value = json_string(escaped.data);
	}
	set(fields, key, value);
}

void fields_begin(struct fields *fields, struct text *out, bool json)
{
	fields->out = out;
	fields->object = json ? json_object() : NULL;
}

void fields_end(struct fields *fields)
{
	const size_t flags = JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(REAL_DIGITS);

	struct text *out = fields->out;
	size_t room = out->size - out->len - 1, length;

	if (fields->object == NULL)
		return;
	length = json_dumpb(fields->object, out->data + out->len, room, flags);
	out->truncated |= length > room;
	out->len += length <= room ? length : 0; /* half an object is none */
	out->data[out->len] = '\0';
	json_decref(fields->object);
	fields->object = NULL;
}

bool fields_object_begin(struct fields *fields, const struct fields *outer)
{
	fields->out = outer->out;
	fields->object = json_object();
	return fields->object != NULL;
}

void fields_object_end(struct fields *fields, struct fields *outer, const char *key)
{
	set(outer, key, fields->object);
	fields->object = NULL;
}

void fields_unknown(struct fields *fields, const char *key)
{
	if (fields->object != NULL) {
		set(fields, key, json_null());
		return;
	}
	begin_key(fields, key);
	text_char(fields->out, '-');
}

void fields_word(struct fields *fields, const char *key, const char *word)
{
	if (word == NULL || strcmp(word, "-") == 0) {
		fields_unknown(fields, key);
		return;
	}
	if (fields->object != NULL) {
		set_string(fields, key, word);
		return;
	}
	begin_key(fields, key);
	logfmt_value(fields->out, word);
}

void fields_number(struct fields *fields, const char *key, uint64_t number)
{
	if (fields->object != NULL) {
		set(fields, key, json_integer((json_int_t)number));
		return;
	}
	begin_key(fields, key);
	text_fmt(fields->out, "%llu", (unsigned long long)number);
}

void fields_number_if(struct fields *fields, const char *key, bool known, uint64_t number)
{
	if (known)
		fields_number(fields, key, number);
	else
		fields_unknown(fields, key);
}

void fields_flag(struct fields *fields, const char *key, bool yes)
{
	if (fields->object != NULL)
		set(fields, key, json_boolean(yes));
	else
		fields_word(fields, key, yes ? "yes" : "no");
}

void fields_time(struct fields *fields, const char *key, int64_t wall_ns)
{
	int64_t us = timestamp_us(wall_ns);

	if (fields->object != NULL) {
		set(fields, key, json_real((double)us / 1e6));
		return;
	}
	begin_key(fields, key);
	text_fmt(fields->out, "%s%lld.%06lld", us < 0 ? "-" : "", (us < 0 ? -us : us) / 1000000LL,
		 (us < 0 ? -us : us) % 1000000LL);
}

void fields_timestamp(struct fields *fields, const char *key, int64_t wall_ns)
{
	char word[64];
	struct text text;

	text_init(&text, word, sizeof(word));
	timestamp_text(&text, wall_ns, "+0000");
	set_string(fields, key, word);
}

void fields_address(struct fields *fields, const char *key, const uint8_t address[16])
{
	char word[ADDRESS_SIZE];
	struct text text;

	text_init(&text, word, sizeof(word));
	address_text(&text, address);
	set_string(fields, key, word);
}

void fields_pair(struct fields *fields, const char *key, const uint64_t number[2], const bool known[2])
{
	static const char *const sides[] = { "client", "server" };
	char name[KEY_SIZE];

	if (fields->object == NULL)
		begin_key(fields, key);
	for (int i = 0; i < 2; i++) {
		if (fields->object != NULL) {
			snprintf(name, sizeof(name), "%s_%s", sides[i], key);
			fields_number_if(fields, name, known[i], number[i]);
			continue;
		}
		if (i == 1)
			text_char(fields->out, '/');
		if (known[i])
			text_fmt(fields->out, "%llu", (unsigned long long)number[i]);
		else
			text_char(fields->out, '-');
	}
}

void fields_endpoint(struct fields *fields, const char *key, const uint8_t *address, uint16_t port,
		     bool has_port)
{
	char word[ADDRESS_PORT_SIZE], port_key[KEY_SIZE];
	struct text text;

	text_init(&text, word, sizeof(word));
	if (fields->object == NULL) {
		if (address != NULL)
			address_port_text(&text, address, port);
		fields_word(fields, key, address != NULL ? word : NULL);
		return;
	}
	if (address != NULL)
		address_text(&text, address);
	fields_word(fields, key, address != NULL ? word : NULL);
	snprintf(port_key, sizeof(port_key), "%s_port", key);
	fields_number_if(fields, port_key, address != NULL && has_port, port);
}

void fields_range(struct fields *fields, const char *key, uint32_t low, uint32_t high)
{
	char name[KEY_SIZE];

	if (fields->object == NULL) {
		begin_key(fields, key);
		text_fmt(fields->out, "%lu..%lu", (unsigned long)low, (unsigned long)high);
		return;
	}
	snprintf(name, sizeof(name), "%s_low", key);
	fields_number(fields, name, low);
	snprintf(name, sizeof(name), "%s_high", key);
	fields_number(fields, name, high);
}

/* A plain decimal number of at most 18 digits. */
static bool is_number(const char *word)
{
	size_t digits = strspn(word, "0123456789");

	return digits > 0 && digits <= 18 && word[digits] == '\0' && (word[0] != '0' || digits == 1);
}

void fields_logfmt(struct fields *fields, const char *text)
{
	char key_buffer[KEY_SIZE], value_buffer[VALUE_SIZE];
	struct text key, value;

	for (;;) {
		text_init(&key, key_buffer, sizeof(key_buffer));
		text_init(&value, value_buffer, sizeof(value_buffer));
		if (!logfmt_next(&text, &key, &value))
			return;
		if (fields->object != NULL && is_number(value.data))
			set(fields, key.data, json_integer(strtoll(value.data, NULL, 10)));
		else
			fields_word(fields, key.data, value.data);
	}
}
