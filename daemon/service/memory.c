/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* since Linux 5.14 */
#endif

void memory_take(void)
{
	/* A sanitizer's shadow is larger. */
	size_t most = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];

	if (maps == NULL)
		return;
	while (fgets(line, sizeof line, maps) != NULL) {
		uintptr_t begin, end;
		char access[5], name[8] = "";
		unsigned long inode;

		/* begin-end access offset device inode name */
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s %*s %*s %lu %7s", &begin, &end, access, &inode,
			   name) >= 4 &&
		    inode == 0 && end - begin < most && strcmp(access, "rw-p") == 0 && strcmp(name, "[stack]") != 0)
			madvise((void *)begin, end - begin, MADV_POPULATE_WRITE);
	}
	fclose(maps);
}
