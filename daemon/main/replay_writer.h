/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tcpwarden-replay prints of one file. The engine's events come through replay_writer_sink(); frames and
 * the end are told by replay_file(). One writer a file; lines go to standard output.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "main/replay.h"
#include "packet/packet.h"
#include "report/diff.h"
#include "report/isn_table.h"
#include "report/ladder.h"
#include "report/summary.h"

struct replay_writer {
	enum replay_mode mode;
	bool json;
	const char *path;            /* of the input */
	const char *file;            /* named in JSON, and above text; NULL: the only one */
	const struct settings *settings;
	struct services services;    /* with what they inherit of these */
	int64_t wall_offset_ns;      /* wall-clock time minus the engine's */
	int64_t end_wall_ns;         /* of the last frame */
	uint64_t frames;
	struct text line;            /* with a buffer of its own */
	struct isn_table *isns;      /* --packets as text */
	struct flow_record *flow;    /* --flows: closed so far, in that order */
	size_t flows, flow_room;
	bool lost;                   /* memory ran out: flows are missing */
	struct summary summary;
	struct replay_dropped *dropped; /* --write-dropped, or NULL; not owned */
	struct ladders *ladders;     /* --ladder */
	const struct replay_options *options;
	const struct packet_bytes *packet; /* being judged; NULL: none */
	bool at_end;                 /* flows close because the input ended */
	struct diff *diff;           /* --diff */
	struct diff_names names;
};

/* One frame and what became of it. */
struct replay_frame {
	int64_t wall_ns;                 /* as in the file */
	const struct packet_bytes *bytes; /* with packet */
	const struct packet *packet;     /* NULL: not IP */
	const struct decision *decision; /* NULL: was not given to the engine */
	const struct flow_record *record; /* --ladder: of its flow now, or NULL */
	uint64_t left_ns;                /* with record: on the flow's timer */
	const struct decision *other;    /* --diff: of the other configuration's engine */
};

/* settings, services: those by which the file is judged. False: no memory. */
bool replay_writer_init(struct replay_writer *writer, const struct replay_options *options, const char *file,
			const struct settings *settings, const struct services *services);
void replay_writer_fini(struct replay_writer *writer);
struct event_sink replay_writer_sink(struct replay_writer *writer);

void replay_writer_frame(struct replay_writer *writer, const struct replay_frame *frame);
/* Before engine_flush(): flows that close from here on were still there. */
void replay_writer_last(struct replay_writer *writer);
/* After the last frame and engine_flush(). Not REPLAY_OK: something is missing, the user was told. */
enum replay_exit replay_writer_end(struct replay_writer *writer, const struct engine_stats *stats);
