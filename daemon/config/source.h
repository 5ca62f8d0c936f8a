/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration text before libconfig reads it. */
#pragma once

#include <libconfig.h>
#include <stdbool.h>

#include "config/config.h"

/* The file as one string that the caller frees. NULL: *error is -ENOENT or -EINVAL, and `errors` says why. */
char *source_read(const char *path, struct config_errors *errors, int *error);

/*
 * Parses `text` into *config, which the caller has initialised. False: a syntax error on *line, described by the text
 * returned in *what. Integers of any size keep their value; @include is refused: a file is read alone.
 */
bool source_parse(config_t *config, const char *text, int *line, const char **what);
