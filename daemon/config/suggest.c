/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/suggest.h"

#include <stddef.h>
#include <string.h>

#include "tables/settings.h"

#define LONGEST 64 /* characters compared; no path of the table is as long */

static const char services[] = "services"; /* on top like a group, and no option */

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

/* Insertions, deletions and replacements between `a` and the first `length` characters of `b`. */
static unsigned distance(const char *a, const char *b, size_t length)
{
	unsigned row[LONGEST + 1];
	size_t width = strlen(a);

	if (width > LONGEST || length > LONGEST)
		return LONGEST;
	for (unsigned i = 0; i <= width; i++)
		row[i] = i;
	for (size_t j = 1; j <= length; j++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)j;
		for (size_t i = 1; i <= width; i++) {
			unsigned above = row[i];

			row[i] = min3(above + 1, row[i - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[width];
}

/* The last name of the first `length` characters of a path. */
static const char *last_name(const char *path, size_t length)
{
	while (length > 0 && path[length - 1] != '.')
		length--;
	return path + length;
}

struct nearest {
	const char *path; /* of the table */
	size_t length;    /* of it that counts: all, or a group's */
	unsigned distance;
};

/* A path right but for its group is as near as one slip of the pen. */
static void consider(struct nearest *nearest, const char *path, const char *known, size_t length)
{
	const char *name = last_name(path, strlen(path)), *known_name = last_name(known, length);
	unsigned d = distance(path, known, length);

	if (strlen(name) == (size_t)(known + length - known_name) &&
	    strncmp(name, known_name, strlen(name)) == 0)
		d = 1;
	if (d < nearest->distance)
		*nearest = (struct nearest){ known, length, d };
}

static struct nearest find_nearest(const char *path)
{
	struct nearest nearest = { .distance = LONGEST };

	consider(&nearest, path, services, strlen(services));
	for (int i = 0; i < OPTION_COUNT; i++) {
		const char *known = option_table[i].path;

		consider(&nearest, path, known, strlen(known));
		for (const char *dot = strchr(known, '.'); dot != NULL; dot = strchr(dot + 1, '.'))
			consider(&nearest, path, known, (size_t)(dot - known));
	}
	return nearest;
}

/*
 * The names in the group whose path, with its last dot, is the first `length` characters of `path`; each
 * once: options of a group stand together in the table. False: there is no such group.
 */
static bool list_group(struct text *out, const char *path, size_t length)
{
	const char *before = NULL;
	size_t before_size = 0;

	for (int i = 0; i < OPTION_COUNT; i++) {
		const char *name = option_table[i].path + length;
		size_t size;

		if (length > 0 && strncmp(option_table[i].path, path, length) != 0)
			continue;
		size = strcspn(name, ".");
		if (before != NULL && size == before_size && strncmp(before, name, size) == 0)
			continue;
		text_fmt(out, "%s%.*s", before != NULL ? ", " : " (allowed: ", (int)size, name);
		before = name;
		before_size = size;
	}
	if (before != NULL && length == 0)
		text_fmt(out, ", %s", services);
	if (before != NULL)
		text_char(out, ')');
	return before != NULL;
}

bool option_group(const char *path)
{
	size_t length = strlen(path);

	for (int i = 0; i < OPTION_COUNT; i++)
		if (strncmp(option_table[i].path, path, length) == 0 && option_table[i].path[length] == '.')
			return true;
	return false;
}

void suggest_path(struct text *out, const char *path)
{
	const char *name = last_name(path, strlen(path));
	struct nearest nearest = find_nearest(path);

	if (nearest.distance <= 1 + strlen(name) / 4) {
		text_fmt(out, ", did you mean %.*s?", (int)nearest.length, nearest.path);
		path = nearest.path;
		name = last_name(path, nearest.length);
	}
	if (!list_group(out, path, (size_t)(name - path)))
		list_group(out, path, 0);
}

void suggest_word(struct text *out, const char *word, const char *const *known, size_t count)
{
	struct nearest nearest = { .distance = LONGEST };

	for (size_t i = 0; i < count; i++)
		consider(&nearest, word, known[i], strlen(known[i]));
	if (nearest.distance <= 1 + strlen(word) / 4)
		text_fmt(out, ", did you mean %s?", nearest.path);
	for (size_t i = 0; i < count; i++)
		text_fmt(out, "%s%s", i == 0 ? " (allowed: " : ", ", known[i]);
	text_char(out, ')');
}
