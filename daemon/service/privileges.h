/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Down to one capability: CAP_NET_ADMIN, which every verdict needs. Called once by the main thread, before
 * any other thread exists, after everything that needs more was opened.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * As root: becomes `user` with its groups ("root": stays root). Otherwise stays who it is, and keeps what
 * systemd gave it. In both cases only CAP_NET_ADMIN is left, no way back exists, and both are proven.
 * False: `error` (size bytes) says why, in one sentence with the remedy.
 */
bool privileges_drop(const char *user, char *error, size_t size);
