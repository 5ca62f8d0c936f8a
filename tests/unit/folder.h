/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A folder of the test's own, for one file and what it is called once it was moved away. Included behind cmocka.h, once
 * a program: make_folder() is or begins a set-up, remove_folder() is or ends its tear-down.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[32], path[48], moved[56]; /* neither file is there yet */

static inline int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/unit-test.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/file", folder);
	snprintf(moved, sizeof moved, "%s.1", path);
	return 0;
}

static inline int remove_folder(void **state)
{
	(void)state;
	unlink(path);
	unlink(moved);
	return rmdir(folder);
}
