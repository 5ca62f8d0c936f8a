/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --write-dropped: the dropped packets of all input files as one pcapng capture, each with its reason as comment. */
#pragma once

#include "main/replay_writer.h"

struct replay_dropped;

/* Begins the file, never over one of the inputs. NULL: the user was told. */
struct replay_dropped *replay_dropped_open(const char *path, char *const *input, int inputs);
/* Takes the packet if it was dropped, or would have been. file: input to name in the comment, or NULL. */
void replay_dropped_add(struct replay_dropped *dropped, const struct replay_frame *frame,
			const struct services *services, uint64_t number, const char *file);
/* False: the file is not complete, the user was told. NULL is fine. */
bool replay_dropped_close(struct replay_dropped *dropped);
