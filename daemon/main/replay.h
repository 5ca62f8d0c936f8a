/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of tcpwarden-replay share: its options, the engine of one file, exit codes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"
#include "tables/settings.h"

/* The largest of all files counts. */
enum replay_exit { REPLAY_OK = 0, REPLAY_FAILED = 1, REPLAY_USAGE = 2, REPLAY_SYSTEM = 3 };

enum replay_mode {
	REPLAY_SUMMARY, REPLAY_PACKETS, REPLAY_EVENTS, REPLAY_FLOWS, REPLAY_ZEEK, REPLAY_LADDER,
	REPLAY_DIFF, REPLAY_CHECK
};

struct ladder_svg;     /* report/ladder_draw.h */
struct replay_dropped; /* main/replay_dropped.h */

struct replay_options {
	struct settings settings; /* of -c and --set */
	struct services services; /* of -c */
	char *name;               /* what to call them; owned */
	struct settings other;    /* --diff: of other_config */
	struct services other_services;
	const char *other_config;
	enum replay_mode mode;
	bool json;
	uint64_t flow;            /* --ladder: the only one to draw, 0: all */
	struct ladder_svg *svg;   /* --svg: the picture, or NULL */
	struct replay_dropped *dropped; /* --write-dropped, or NULL */
	char *const *file;
	int files;
};

/* A fresh engine with fixed key and seed, and all that it stands on. Its clock starts at 0. */
struct replay_engine {
	struct engine *engine;
	struct limits *limits;
	void *pool;
	size_t pool_size; /* bytes */
};

/*
 * What services do not set themselves is as in `settings`; unthinned: as in struct engine_config. False: no memory, the
 * user was told.
 */
bool replay_engine_open(struct replay_engine *host, const struct settings *settings, const struct services *services,
			struct event_sink sink, bool unthinned);
void replay_engine_close(struct replay_engine *host);

/* --check: all files under one plan of TAP. */
enum replay_exit replay_check(const struct replay_options *options);
/* Every other mode, one file. */
enum replay_exit replay_file(const struct replay_options *options, const char *path);
