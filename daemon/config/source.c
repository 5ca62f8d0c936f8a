/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/source.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MOST (1 << 20) /* bytes of a configuration file */

/* Integers of so many characters, "0x" included, fit in 32 bits. */
#define SAFE_DIGITS 9

static size_t span_string(const char *p)
{
	size_t n = 1;

	while (p[n] != '\0' && p[n] != '"')
		n += p[n] == '\\' && p[n + 1] != '\0' ? 2 : 1;
	return n + (p[n] == '"');
}

static size_t span_block_comment(const char *p)
{
	const char *end = strstr(p + 2, "*/");

	return end != NULL ? (size_t)(end - p) + 2 : strlen(p);
}

static size_t span_word(const char *p)
{
	size_t n = 0;

	while (isalnum((unsigned char)p[n]) || p[n] == '_' || p[n] == '-' || p[n] == '*' || p[n] == '.')
		n++;
	return n;
}

/* Length of the token at p: what must be copied as a whole. */
static size_t span_token(const char *p)
{
	if (*p == '"')
		return span_string(p);
	if (*p == '#' || (p[0] == '/' && p[1] == '/'))
		return strcspn(p, "\n");
	if (p[0] == '/' && p[1] == '*')
		return span_block_comment(p);
	if (isalnum((unsigned char)*p))
		return span_word(p);
	return 1;
}

/* Is the token an integer, decimal or hexadecimal, that may need 64 bits and does not say so? */
static bool is_long_integer(const char *p, size_t length)
{
	if (length <= SAFE_DIGITS || !isdigit((unsigned char)*p))
		return false;
	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
		return strspn(p + 2, "0123456789abcdefABCDEF") + 2 == length;
	return strspn(p, "0123456789") == length;
}

/*
 * A copy of `text` in which every long integer has the suffix L: libconfig before 1.6 silently cuts the
 * others to 32 bits. NULL: line *line has an @include.
 */
static char *widen(const char *text, int *line)
{
	char *copy = malloc(strlen(text) * 2 + 1);
	char *to = copy;

	if (copy == NULL)
		abort();
	*line = 1;
	while (*text != '\0') {
		size_t length = span_token(text);

		if (*text == '@') {
			free(copy);
			return NULL;
		}
		for (size_t i = 0; i < length; i++)
			*line += text[i] == '\n';
		memcpy(to, text, length);
		to += length;
		if (is_long_integer(text, length))
			*to++ = 'L';
		text += length;
	}
	*to = '\0';
	return copy;
}

char *source_read(const char *path, struct config_errors *errors, int *error)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	struct stat status;
	size_t length;

	if (file == NULL) {
		*error = errno == ENOENT ? -ENOENT : -EINVAL;
		config_errors_add(errors, "%s: cannot be read: %s", path, strerror(errno));
		return NULL;
	}
	*error = -EINVAL;
	if (fstat(fileno(file), &status) == 0 && S_ISDIR(status.st_mode)) {
		config_errors_add(errors, "%s: cannot be read: %s", path, strerror(EISDIR));
		goto out;
	}
	text = malloc(FILE_MOST + 1);
	if (text == NULL)
		abort();
	length = fread(text, 1, FILE_MOST + 1, file);
	if (ferror(file))
		config_errors_add(errors, "%s: cannot be read: %s", path, strerror(errno));
	else if (length > FILE_MOST)
		config_errors_add(errors, "%s: is too large (allowed: up to %d bytes)", path, FILE_MOST);
	else if (memchr(text, '\0', length) != NULL)
		config_errors_add(errors, "%s: is no text: it has a NUL byte", path);
	else
		*error = 0;
	if (*error == 0)
		text[length] = '\0';
out:
	fclose(file);
	if (*error == 0)
		return text;
	free(text);
	return NULL;
}

bool source_parse(config_t *config, const char *text, int *line, const char **what)
{
	char *wide = widen(text, line);
	bool good;

	if (wide == NULL) {
		*what = "@include is not supported";
		return false;
	}
	good = config_read_string(config, wide) == CONFIG_TRUE;
	free(wide);
	if (!good) {
		*line = config_error_line(config);
		*what = config_error_text(config);
	}
	return good;
}
