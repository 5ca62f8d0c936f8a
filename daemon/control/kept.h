/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of an answer that rank highest, a bounded number of them: what --sort shows. Inner header of client.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kept_line {
	double rank;
	uint64_t number; /* in the order they came */
	char *text;
	size_t length;
};

struct kept {
	size_t most, count;
	uint64_t seen;
	struct kept_line *line; /* count of them; a heap, the lowest first, until kept_sort() */
};

/* False: no memory. */
bool kept_init(struct kept *kept, size_t most);
void kept_fini(struct kept *kept);
/* Keeps a copy of the line, unless `most` rank higher or as high. False: no memory. */
bool kept_add(struct kept *kept, double rank, const char *text, size_t length);
/* The highest rank first, equals as they came; nothing is added after it. */
void kept_sort(struct kept *kept);
