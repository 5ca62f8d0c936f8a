/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dropped packets as pcapng in a bounded space: a file that is full becomes PATH.1, in place of the one before it,
 * and a new one begins. Both together never pass the size. Used by one thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/pcapng.h"

struct drop_file;

/* What lies at `path` becomes PATH.1. size: bytes of both files. NULL: `error` (error_size bytes) says why. */
struct drop_file *drop_file_open(const char *path, uint64_t size, char *error, size_t error_size);
void drop_file_close(struct drop_file *file);

/* False: the packet is not in the file, errno says why. */
bool drop_file_write(struct drop_file *file, const struct pcapng_packet *packet);
bool drop_file_flush(struct drop_file *file);
/* Begins a new file where the present one was moved away, or could not be written. */
bool drop_file_reopen(struct drop_file *file, char *error, size_t error_size);
