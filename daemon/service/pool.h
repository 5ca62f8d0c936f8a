/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for the flows of all workers: one anonymous file, mapped once and filled with pages at start, so
 * that a lack of memory shows then and not under load.
 */
#pragma once

#include <stddef.h>

struct pool {
	void *memory; /* zeroed, page-aligned */
	size_t size;
	int fd;
};

/* No memory is held. An initialiser. */
#define POOL_NONE { .memory = NULL, .size = 0, .fd = -1 }

/* 0 or -errno; then *pool is POOL_NONE. */
int pool_open(struct pool *pool, size_t size);
/* POOL_NONE is allowed. */
void pool_close(struct pool *pool);
