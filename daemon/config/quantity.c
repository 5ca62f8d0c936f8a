/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/quantity.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct suffix {
	const char *word;
	int64_t size; /* in the smallest suffix of its family */
};

static const struct suffix times[] = {
	{ "ms", 1 },      { "s", 1000 },     { "m", 60000 }, { "min", 60000 },
	{ "h", 3600000 }, { "d", 86400000 }, { 0 },
};
static const struct suffix sizes[] = {
	{ "B", 1 }, { "KiB", 1 << 10 }, { "MiB", 1 << 20 }, { "GiB", 1 << 30 }, { 0 },
};
static const struct suffix rates[] = { { "/s", 1 }, { 0 } };
static const struct suffix percents[] = { { "%", 1 }, { 0 } };

static const struct family {
	const struct suffix *suffixes; /* NULL: a plain number only */
	int64_t divisor;               /* smallest suffixes in one of the unit */
	bool sum;                      /* several numbers add up: "2h4m" */
	const char *help;
	const char *fraction;
} families[] = {
	[UNIT_NONE] = { 0 },
	[UNIT_SECONDS] = { times, 1000, true, "ms, s, m, h, d", "is not a whole number of seconds" },
	[UNIT_MILLISECONDS] = { times, 1, true, "ms, s, m, h, d", "" },
	[UNIT_BYTES] = { sizes, 1, false, "B, KiB, MiB, GiB", "" },
	[UNIT_PERCENT] = { percents, 1, false, "%", "" },
	[UNIT_RATE] = { rates, 1, false, "/s", "" },
	[UNIT_PACKETS] = { 0 },
	[UNIT_SEGMENTS] = { 0 },
	[UNIT_HANDSHAKES] = { 0 },
	[UNIT_FLOWS] = { 0 },
	[UNIT_SOURCES] = { 0 },
	[UNIT_TICKS] = { 0 },
	[UNIT_TIMES] = { 0 },
	[UNIT_BITS] = { 0 },
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The digits at *at; *at moves behind them and behind blanks. False: none, or more than 64 bits hold. */
static bool take_number(const char **at, int64_t *number)
{
	const char *p = *at;

	*number = 0;
	if (!is_digit(*p))
		return false;
	for (; is_digit(*p); p++)
		if (__builtin_mul_overflow(*number, 10, number) ||
		    __builtin_add_overflow(*number, (int64_t)(*p - '0'), number))
			return false;
	while (*p == ' ')
		p++;
	*at = p;
	return true;
}

/* The suffix at *at, which reaches to a blank, a digit or the end; *at moves behind it and behind blanks. */
static const struct suffix *take_suffix(const char **at, const struct suffix *suffixes)
{
	size_t length = strcspn(*at, " 0123456789");

	for (const struct suffix *s = suffixes; s->word != NULL; s++) {
		if (strlen(s->word) != length || strncmp(s->word, *at, length) != 0)
			continue;
		*at += length;
		*at += strspn(*at, " ");
		return s;
	}
	return NULL;
}

const char *quantity_parse(const char *text, enum option_unit unit, int64_t *value)
{
	static const char *const syntax = "is not a number with a unit";
	const struct family *family = &families[unit];
	const char *at = text;
	int64_t sum = 0;

	if (family->suffixes == NULL)
		return "is a string, not a number";
	do {
		const struct suffix *suffix;
		int64_t part;

		if (!take_number(&at, &part))
			return syntax;
		suffix = take_suffix(&at, family->suffixes);
		if (suffix == NULL)
			return syntax;
		if (__builtin_mul_overflow(part, suffix->size, &part) ||
		    __builtin_add_overflow(sum, part, &sum))
			return "is too large";
	} while (family->sum && *at != '\0');
	if (*at != '\0')
		return syntax;
	if (sum % family->divisor != 0)
		return family->fraction;
	*value = sum / family->divisor;
	return NULL;
}

const char *quantity_suffixes(enum option_unit unit)
{
	return families[unit].help;
}
