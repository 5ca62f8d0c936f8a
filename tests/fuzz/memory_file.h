/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes as a file without a disk: for readers that take a path. Included by the targets. */
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include "input.h"

struct memory_file {
	int fd;
	char path[32];
};

static inline void memory_file_open(struct memory_file *file, const uint8_t *data, size_t size)
{
	file->fd = memfd_create("fuzz", MFD_CLOEXEC);
	REQUIRE(file->fd >= 0, "no memory file");
	REQUIRE(size == 0 || write(file->fd, data, size) == (ssize_t)size, "not written");
	snprintf(file->path, sizeof file->path, "/proc/self/fd/%d", file->fd);
}

static inline void memory_file_close(struct memory_file *file)
{
	close(file->fd);
}
