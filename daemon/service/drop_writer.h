/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The drop capture (drop_capture.path): the queues of all workers emptied into the file, each packet with its reason as
 * comment. The reporter's, but for what says otherwise.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "report/drop_file.h"
#include "service/drop_queue.h"
#include "tables/services.h"

struct drop_writer;

/* Takes over `file`. NULL: out of memory; the file stays the caller's. */
struct drop_writer *drop_writer_new(struct drop_file *file, unsigned queues);
void drop_writer_free(struct drop_writer *writer);

struct drop_queue *drop_writer_queue(struct drop_writer *writer, unsigned index);

/*
 * Some packets of each queue. False: there were none. services: by which settings are named, NULL: none.
 * wall_offset_ns: wall-clock time minus monotonic time.
 */
bool drop_writer_run(struct drop_writer *writer, const struct services *services, int64_t wall_offset_ns);
bool drop_writer_is_quiet(const struct drop_writer *writer);
/* After a rotation by others, or an error. False: the file cannot be opened, error (size bytes) says why. */
bool drop_writer_reopen(struct drop_writer *writer, char *error, size_t size);

/* Any thread: dropped packets that are not in the file, for want of room in a queue or on the disk. */
uint64_t drop_writer_lost(const struct drop_writer *writer);
