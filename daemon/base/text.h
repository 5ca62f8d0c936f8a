/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bounded text: appends to a caller's buffer, never beyond it, always NUL-terminated.
 * What does not fit is cut off and remembered in `truncated`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct text {
	char *data;
	size_t size; /* bytes at data, at least 1 */
	size_t len;  /* characters written, less than size */
	bool truncated;
};

/* Starts an empty text in `size` bytes (at least 1) at `data`, which the caller owns. */
void text_init(struct text *t, char *data, size_t size);
void text_char(struct text *t, char c);
void text_str(struct text *t, const char *s);
void text_fmt(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
