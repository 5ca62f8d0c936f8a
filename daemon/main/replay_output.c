/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "main/replay_output.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "log/log.h"

static bool is_same_file(const char *one, const char *other)
{
	struct stat a, b;

	return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino &&
	       S_ISREG(a.st_mode);
}

FILE *replay_output_open(const char *path, char *const *input, int inputs)
{
	FILE *file;

	for (int i = 0; i < inputs; i++)
		if (is_same_file(path, input[i])) {
			log_error("%s: it is read, and cannot be written", path);
			return NULL;
		}
	file = fopen(path, "wb");
	if (file == NULL)
		log_error("%s: %s", path, strerror(errno));
	return file;
}

bool replay_output_close(FILE *file, const char *path)
{
	bool fine = fflush(file) == 0 && !ferror(file);

	fine &= fclose(file) == 0;
	if (!fine)
		log_error("%s: it could not be written whole", path);
	return fine;
}
