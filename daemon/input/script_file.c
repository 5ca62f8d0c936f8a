/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "input/script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define SCRIPT_BYTES_MOST 16777216 /* of a file */

/* The bytes of a file. NULL: errno says why. */
static char *read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	int error;

	if (file == NULL)
		return NULL;
	errno = ENOMEM;
	text = malloc(SCRIPT_BYTES_MOST + 1);
	if (text != NULL) {
		errno = 0;
		*size = fread(text, 1, SCRIPT_BYTES_MOST + 1, file);
		if (*size > SCRIPT_BYTES_MOST)
			errno = EFBIG;
	}
	error = errno;
	if (error != 0 || ferror(file)) {
		free(text);
		text = NULL;
	}
	fclose(file);
	errno = error;
	return text;
}

struct script *script_read(const char *path, const struct settings *settings, const struct services *services,
			   script_set_function *set)
{
	size_t size;
	char *text = read_file(path, &size);
	struct script *script;

	if (text == NULL)
		return NULL;
	script = script_parse(text, size, settings, services, set);
	free(text);
	if (script == NULL)
		errno = ENOMEM;
	return script;
}
