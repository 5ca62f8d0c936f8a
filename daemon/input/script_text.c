/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "input/script_text.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "input/script.h"

/* Digits of `base` from *text on. False: none, or more than 64 bits. */
static bool digits(const char **text, unsigned base, uint64_t *value)
{
	const char *p = *text;
	uint64_t v = 0;

	for (;; p++) {
		unsigned d;

		if (*p >= '0' && *p <= '9')
			d = (unsigned)(*p - '0');
		else if ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'f')
			d = (unsigned)((*p | 0x20) - 'a') + 10;
		else
			break;
		if (d >= base)
			break;
		if (v > (UINT64_MAX - d) / base)
			return false;
		v = v * base + d;
	}
	if (p == *text)
		return false;
	*text = p;
	*value = v;
	return true;
}

static bool number_at(const char **text, uint64_t *value)
{
	if ((*text)[0] == '0' && (*text)[1] == 'x') {
		*text += 2;
		return digits(text, 16, value);
	}
	return digits(text, 10, value);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool script_fail(char *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, SCRIPT_ERROR_SIZE, format, args);
	va_end(args);
	return false;
}

void script_printable(char *message)
{
	for (; *message != '\0'; message++)
		if (*message < ' ' || *message > '~')
			*message = '?';
}

bool script_name_fits(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	return strspn(name, letters) == strlen(name) && strlen(name) < SCRIPT_NAME_SIZE && name[0] != '-' &&
	       strcmp(name, "wait") != 0;
}

char *script_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t");
	char *end = word + strcspn(word, " \t");

	if (*word == '\0')
		return NULL;
	*rest = end;
	if (*end != '\0') {
		*end = '\0';
		*rest = end + 1;
	}
	return word;
}

bool script_number(const char *name, const char *text, uint64_t least, uint64_t most, uint64_t *value,
		   char *error)
{
	const char *p = text;

	if (!number_at(&p, value) || *p != '\0')
		return script_fail(error, "%s='%s' is not a number", name, text);
	if (*value < least || *value > most)
		return script_fail(error, "%s=%s is out of range (allowed: %llu..%llu)", name, text,
				   (unsigned long long)least, (unsigned long long)most);
	return true;
}

bool script_walk(const char *name, const char *text, uint32_t *base, uint32_t *step, char *error)
{
	const char *p = text;
	uint64_t from = 0, by = 0;
	bool fine = *p == '+' || number_at(&p, &from);

	if (fine && *p == '+') {
		p++;
		fine = number_at(&p, &by);
	}
	if (!fine || *p != '\0')
		return script_fail(error, "%s='%s' is not a number, N+M or +M", name, text);
	if (from > UINT32_MAX || by > UINT32_MAX)
		return script_fail(error, "%s=%s is out of range (allowed: 0..%u)", name, text, UINT32_MAX);
	*base = (uint32_t)from;
	*step = (uint32_t)by;
	return true;
}

bool script_seconds(const char *name, const char *text, uint64_t *ns, char *error)
{
	const uint64_t most = UINT64_C(1000000000); /* 31 years */
	const char *p = text;
	uint64_t whole = 0, fraction = 0, unit = NS_PER_S;

	if (*p != '.' && !digits(&p, 10, &whole))
		return script_fail(error, "%s'%s' is not a number of seconds", name, text);
	if (*p == '.') {
		for (p++; *p >= '0' && *p <= '9' && unit > 1; p++) {
			unit /= 10;
			fraction += (uint64_t)(*p - '0') * unit;
		}
		if (p[-1] == '.')
			return script_fail(error, "%s'%s' is not a number of seconds", name, text);
	}
	if (*p != '\0')
		return script_fail(error, "%s'%s' is not a number of seconds", name, text);
	if (whole > most)
		return script_fail(error, "%s%s is too far (allowed: 0..%llu seconds)", name, text,
				   (unsigned long long)most);
	*ns = whole * NS_PER_S + fraction;
	return true;
}

bool script_hex(const char *name, const char *text, uint8_t *bytes, size_t most, size_t *count, char *error)
{
	size_t length = strlen(text);

	if (length == 0 || length % 2 != 0)
		return script_fail(error, "%s='%s' is not pairs of hexadecimal digits", name, text);
	if (length / 2 > most)
		return script_fail(error, "%s= is longer than %zu bytes", name, most);
	for (size_t i = 0; i < length / 2; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return script_fail(error, "%s='%s' is not pairs of hexadecimal digits", name, text);
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	*count = length / 2;
	return true;
}

bool script_endpoint(const char *text, uint8_t address[16], uint16_t *port, uint8_t *family, char *error)
{
	bool six = text[0] == '[';
	const char *begin = six ? text + 1 : text;
	const char *end = strchr(begin, six ? ']' : ':');
	const char *colon = end != NULL && six ? end + 1 : end;
	char name[INET6_ADDRSTRLEN];
	uint64_t number;

	if (end == NULL || *colon != ':' || (size_t)(end - begin) >= sizeof(name))
		return script_fail(error, "'%s' is not ADDRESS:PORT (IPv6 in brackets)", text);
	memcpy(name, begin, (size_t)(end - begin));
	name[end - begin] = '\0';
	memset(address, 0, 16);
	if (!six)
		memset(address + 10, 0xff, 2);
	if (inet_pton(six ? AF_INET6 : AF_INET, name, six ? address : address + 12) != 1)
		return script_fail(error, "'%s' is not an %s address", name, six ? "IPv6" : "IPv4");
	if (!script_number("port", colon + 1, 0, UINT16_MAX, &number, error))
		return false;
	*port = (uint16_t)number;
	*family = six ? 6 : 4;
	return true;
}
