/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logfmt values: quoting and taking apart, for lines of the log and for other texts that a terminal is to get. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/*
 * Appends `value`: bare where it is plain, else in double quotes with \" \\ \n \r \t and \xNN for every byte
 * that is not printable ASCII. An empty value is "".
 */
void logfmt_value(struct text *out, const char *value);
/* The same escapes without quotes, and quotes and backslashes left alone: for texts that are not logfmt. */
void logfmt_printable(struct text *out, const char *value);
/*
 * Reads the next key=value at *cursor and moves on; what does not fit in a buffer is cut off. Bytes that no
 * key may have become '_'. False: the end.
 */
bool logfmt_next(const char **cursor, struct text *key, struct text *value);
