/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ERROR_MOST 4096

size_t reply_free(const struct reply *reply)
{
	return REPLY_BUFFER - reply->length;
}

void reply_line(struct reply *reply, const char *text)
{
	size_t length = strlen(text);

	if (length + 1 > reply_free(reply)) {
		reply->overflow = true;
		return;
	}
	memcpy(reply->out + reply->length, text, length);
	reply->out[reply->length + length] = '\n';
	reply->length += length + 1;
}

void reply_object(struct reply *reply, json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(16));

	if (text != NULL)
		reply_line(reply, text);
	free(text);
	json_decref(object);
}

void reply_done(struct reply *reply)
{
	reply_line(reply, "{\"done\":true}");
	reply->done = true;
}

void reply_fail(struct reply *reply, const char *format, ...)
{
	char text[ERROR_MOST];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	json_t *word = json_string(text);
	reply_object(reply, json_pack("{s:o}", "error", word != NULL ? word : json_string("not UTF-8")));
	reply->done = true;
}
