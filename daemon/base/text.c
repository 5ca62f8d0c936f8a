/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

void text_init(struct text *t, char *data, size_t size)
{
	*t = (struct text){ .data = data, .size = size };
	data[0] = '\0';
}

void text_char(struct text *t, char c)
{
	if (t->len + 1 >= t->size) {
		t->truncated = true;
		return;
	}
	t->data[t->len++] = c;
	t->data[t->len] = '\0';
}

void text_str(struct text *t, const char *s)
{
	while (*s != '\0' && !t->truncated)
		text_char(t, *s++);
}

void text_fmt(struct text *t, const char *format, ...)
{
	size_t room = t->size - t->len;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->data + t->len, room, format, args);
	va_end(args);
	if (n < 0)
		return;
	if ((size_t)n >= room) {
		t->truncated = true;
		t->len = t->size - 1;
	} else {
		t->len += (size_t)n;
	}
}
