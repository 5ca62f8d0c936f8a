/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What somebody who wrote an unknown path may have meant. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* Is `path` a group: do options lie below it? */
bool option_group(const char *path);

/* Appends ", did you mean WORD?" if one of the `count` (not 0) known ones is near to `word`, and what is allowed. */
void suggest_word(struct text *out, const char *word, const char *const *known, size_t count);

/*
 * Appends the end of an error about the unknown `path`: ", did you mean PATH?" if an option or group is near to it,
 * and what is allowed there.
 */
void suggest_path(struct text *out, const char *path);
