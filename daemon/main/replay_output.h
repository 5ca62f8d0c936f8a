/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that tcpwarden-replay writes: --write-dropped, --svg. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

/* Begins the file, never over one of the inputs. NULL: the user was told. */
FILE *replay_output_open(const char *path, char *const *input, int inputs);
/* Closes it. False: it is not complete, the user was told. */
bool replay_output_close(FILE *file, const char *path);
