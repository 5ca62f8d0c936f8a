/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose place a client gets where all are taken, so that no user pushes out another by asking often. Inner header of
 * server.c.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct place {
	bool taken;
	bool changer; /* root or the daemon's own user */
	uid_t uid;
	uint64_t since_ns; /* without progress */
};

/*
 * Index of a free place. None: of the user who has most places (the newcomer where he is one of these, then who may not
 * change anything) that which has been without progress for longest.
 */
unsigned places_choose(const struct place *places, unsigned count, uid_t newcomer);
