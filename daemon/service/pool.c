/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static int pool_map(struct pool *pool)
{
	int cause = posix_fallocate(pool->fd, 0, (off_t)pool->size);

	if (cause != 0)
		return -cause;
	void *memory = mmap(NULL, pool->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, pool->fd, 0);
	if (memory == MAP_FAILED)
		return -errno;
	pool->memory = memory;
	return 0;
}

int pool_open(struct pool *pool, size_t size)
{
	*pool = (struct pool){ .size = size, .fd = memfd_create("tcpwarden-flows", MFD_CLOEXEC) };
	int result = pool->fd < 0 ? -errno : pool_map(pool);
	if (result < 0)
		pool_close(pool);
	return result;
}

void pool_close(struct pool *pool)
{
	if (pool->memory != NULL)
		munmap(pool->memory, pool->size);
	if (pool->fd >= 0)
		close(pool->fd);
	*pool = (struct pool)POOL_NONE;
}
