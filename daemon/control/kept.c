/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/kept.h"

#include <stdlib.h>
#include <string.h>

bool kept_init(struct kept *kept, size_t most)
{
	*kept = (struct kept){ .most = most, .line = calloc(most, sizeof *kept->line) };
	return kept->line != NULL;
}

void kept_fini(struct kept *kept)
{
	for (size_t i = 0; i < kept->count; i++)
		free(kept->line[i].text);
	free(kept->line);
	*kept = (struct kept){ .line = NULL };
}

/* Negative: a ranks higher than b. */
static int compare(const void *a, const void *b)
{
	const struct kept_line *left = a, *right = b;

	if (left->rank > right->rank || left->rank < right->rank)
		return left->rank > right->rank ? -1 : 1;
	return (left->number > right->number) - (left->number < right->number);
}

static void swap(struct kept_line *a, struct kept_line *b)
{
	struct kept_line other = *a;

	*a = *b;
	*b = other;
}

static void sift_up(struct kept *kept, size_t at)
{
	while (at > 0 && compare(&kept->line[(at - 1) / 2], &kept->line[at]) < 0) {
		swap(&kept->line[(at - 1) / 2], &kept->line[at]);
		at = (at - 1) / 2;
	}
}

static void sift_down(struct kept *kept, size_t at)
{
	for (;;) {
		size_t lowest = at;

		for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < kept->count; child++)
			if (compare(&kept->line[lowest], &kept->line[child]) < 0)
				lowest = child;
		if (lowest == at)
			return;
		swap(&kept->line[lowest], &kept->line[at]);
		at = lowest;
	}
}

bool kept_add(struct kept *kept, double rank, const char *text, size_t length)
{
	struct kept_line line = { .rank = rank, .number = kept->seen++, .length = length };

	if (kept->count == kept->most && compare(&kept->line[0], &line) < 0)
		return true;
	line.text = malloc(length + 1);
	if (line.text == NULL)
		return false;
	memcpy(line.text, text, length);
	line.text[length] = '\0';
	if (kept->count < kept->most) {
		kept->line[kept->count] = line;
		sift_up(kept, kept->count++);
	} else {
		free(kept->line[0].text);
		kept->line[0] = line;
		sift_down(kept, 0);
	}
	return true;
}

void kept_sort(struct kept *kept)
{
	qsort(kept->line, kept->count, sizeof *kept->line, compare);
}
