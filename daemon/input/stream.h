/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file to be read, packed with gzip or not: what comes out is as if it never was. For captures. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct stream;

/* "-" is standard input. NULL: errno, EISDIR for a folder. */
struct stream *stream_open(const char *path);
/* The contents; closes nothing when it is closed itself, which must be before stream_close(). */
FILE *stream_file(struct stream *stream);
/* Bytes taken from the file so far, packed ones where it is packed. */
uint64_t stream_offset(const struct stream *stream);
/* Reading failed because the packed data is cut off or damaged. */
bool stream_is_damaged(const struct stream *stream);
void stream_close(struct stream *stream); /* NULL is fine */
