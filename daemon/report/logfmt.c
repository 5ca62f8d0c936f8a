/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/logfmt.h"

#include <string.h>

static bool is_printable(unsigned char c)
{
	return c >= 0x20 && c < 0x7f;
}

/* '=' at the end is the padding of base 64 (community_id) and cannot be taken for a key's. */
static bool is_plain(const char *value)
{
	if (*value == '\0' || *value == '=')
		return false;
	for (; *value != '\0' && value[strspn(value, "=")] != '\0'; value++)
		if (!is_printable((unsigned char)*value) || strchr(" \"=\\", *value) != NULL)
			return false;
	return true;
}

static void escape_unprintable(struct text *out, unsigned char c)
{
	static const char named[] = "nrt", bytes[] = "\n\r\t";
	const char *found = strchr(bytes, c);

	if (found != NULL)
		text_fmt(out, "\\%c", named[found - bytes]);
	else
		text_fmt(out, "\\x%02x", (unsigned)c);
}

void logfmt_value(struct text *out, const char *value)
{
	if (is_plain(value)) {
		text_str(out, value);
		return;
	}
	text_char(out, '"');
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			text_fmt(out, "\\%c", *value);
		else if (is_printable((unsigned char)*value))
			text_char(out, *value);
		else
			escape_unprintable(out, (unsigned char)*value);
	}
	text_char(out, '"');
}

void logfmt_printable(struct text *out, const char *value)
{
	for (; *value != '\0'; value++) {
		if (is_printable((unsigned char)*value))
			text_char(out, *value);
		else
			escape_unprintable(out, (unsigned char)*value);
	}
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = c != '\0' ? strchr(digits, c) : NULL;

	return found != NULL ? (int)(found - digits) : -1;
}

/* One character after a backslash; returns what follows it. */
static const char *unescape(const char *p, struct text *value)
{
	static const char named[] = "nrt", bytes[] = "\n\r\t";
	const char *found = strchr(named, *p);

	if (*p == '\0')
		return p;
	if (*p == 'x' && hex_digit(p[1]) >= 0 && hex_digit(p[2]) >= 0) {
		text_char(value, (char)(hex_digit(p[1]) << 4 | hex_digit(p[2])));
		return p + 3;
	}
	text_char(value, found != NULL ? bytes[found - named] : *p);
	return p + 1;
}

static const char *read_quoted(const char *p, struct text *value)
{
	while (*p != '\0' && *p != '"') {
		if (*p == '\\') {
			p = unescape(p + 1, value);
			continue;
		}
		text_char(value, *p++);
	}
	return *p == '"' ? p + 1 : p;
}

bool logfmt_next(const char **cursor, struct text *key, struct text *value)
{
	static const char in_key[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	const char *p = *cursor + strspn(*cursor, " ");

	if (*p == '\0')
		return false;
	for (; *p != '\0' && *p != ' ' && *p != '='; p++)
		text_char(key, strchr(in_key, *p) != NULL ? *p : '_');
	if (*p == '=')
		p++;
	if (*p == '"')
		p = read_quoted(p + 1, value);
	else
		while (*p != '\0' && *p != ' ')
			text_char(value, *p++);
	*cursor = p;
	return true;
}
