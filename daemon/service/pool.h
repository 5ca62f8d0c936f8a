/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for the flows of all workers: one anonymous file, mapped once and filled with pages at start, so that a lack of
 * memory shows then and not under load.
 */
#pragma once

#include <stddef.h>

struct pool {
	void *memory; /* zeroed, page-aligned */
	size_t size;
	int fd;
};

/* 0 or -errno. */
int pool_open(struct pool *pool, size_t size);
void pool_close(struct pool *pool);
