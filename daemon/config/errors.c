/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void config_errors_fini(struct config_errors *errors)
{
	for (size_t i = 0; i < errors->count; i++)
		free(errors->line[i]);
	free(errors->line);
	*errors = (struct config_errors){ 0 };
}

void config_errors_add(struct config_errors *errors, const char *format, ...)
{
	char **grown = realloc(errors->line, (errors->count + 1) * sizeof *grown);
	va_list args;

	if (grown == NULL)
		abort(); /* the caller relies on count to know that something is wrong */
	errors->line = grown;
	va_start(args, format);
	if (vasprintf(&errors->line[errors->count], format, args) < 0)
		abort();
	va_end(args);
	errors->count++;
}
