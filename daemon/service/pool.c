/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static int pool_fill(struct pool *pool)
{
	pool->fd = memfd_create("tcpwarden-flows", MFD_CLOEXEC);
	if (pool->fd < 0)
		return -errno;
	int cause = posix_fallocate(pool->fd, 0, (off_t)pool->size);
	if (cause != 0)
		return -cause;
	pool->memory = mmap(NULL, pool->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, pool->fd, 0);
	return pool->memory == MAP_FAILED ? -errno : 0;
}

int pool_open(struct pool *pool, size_t size)
{
	*pool = (struct pool){ .memory = MAP_FAILED, .size = size, .fd = -1 };
	int result = pool_fill(pool);
	if (result < 0)
		pool_close(pool);
	return result;
}

void pool_close(struct pool *pool)
{
	if (pool->memory != MAP_FAILED)
		munmap(pool->memory, pool->size);
	if (pool->fd >= 0)
		close(pool->fd);
}
