/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/drop_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tables/settings.h"

#define FILE_MODE 0640
#define PROGRAM   "tcpwardend " PACKAGE_VERSION

struct drop_file {
	char path[SETTING_STRING_SIZE], old[SETTING_STRING_SIZE + 2]; /* PATH, PATH.1 */
	uint64_t most;    /* bytes of one file */
	uint64_t written; /* bytes of the present one */
	FILE *out;        /* NULL: it could not be opened or written */
};

static void give_up(struct drop_file *file)
{
	int cause = errno;

	if (file->out != NULL)
		fclose(file->out);
	file->out = NULL;
	errno = cause;
}

/* A new file at the path; what lies there moves away first. */
static bool begin(struct drop_file *file)
{
	int fd;

	give_up(file);
	if (rename(file->path, file->old) != 0 && errno != ENOENT)
		return false;
	fd = open(file->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	file->out = fd >= 0 ? fdopen(fd, "wb") : NULL;
	if (file->out == NULL || !pcapng_begin(file->out, PROGRAM) || fflush(file->out) != 0) {
		give_up(file);
		return false;
	}
	file->written = (uint64_t)ftello(file->out);
	return true;
}

static bool explain(const struct drop_file *file, char *error, size_t size)
{
	snprintf(error, size, "drop_capture.path: cannot write %s as user id %u: %s", file->path,
		 (unsigned)geteuid(), strerror(errno));
	return false;
}

static bool was_moved(const struct drop_file *file)
{
	struct stat here, there;

	return stat(file->path, &there) != 0 || fstat(fileno(file->out), &here) != 0 ||
	       here.st_ino != there.st_ino || here.st_dev != there.st_dev;
}

struct drop_file *drop_file_open(const char *path, uint64_t size, char *error, size_t error_size)
{
	struct drop_file *file = calloc(1, sizeof *file);

	if (file == NULL) {
		snprintf(error, error_size, "out of memory");
		return NULL;
	}
	snprintf(file->path, sizeof file->path, "%s", path);
	snprintf(file->old, sizeof file->old, "%s.1", file->path);
	file->most = size / 2;
	if (!begin(file)) {
		explain(file, error, error_size);
		drop_file_close(file);
		return NULL;
	}
	return file;
}

void drop_file_close(struct drop_file *file)
{
	if (file == NULL)
		return;
	give_up(file);
	free(file);
}

bool drop_file_write(struct drop_file *file, const struct pcapng_packet *packet)
{
	size_t size = pcapng_packet_size(packet);

	if (file->out == NULL)
		return false;
	if (file->written + size > file->most && !begin(file))
		return false;
	if (!pcapng_packet(file->out, packet)) {
		give_up(file);
		return false;
	}
	file->written += size;
	return true;
}

bool drop_file_flush(struct drop_file *file)
{
	if (file->out == NULL || fflush(file->out) == 0)
		return true;
	give_up(file);
	return false;
}

bool drop_file_reopen(struct drop_file *file, char *error, size_t error_size)
{
	if (file->out != NULL && !was_moved(file))
		return true;
	return begin(file) || explain(file, error, error_size);
}
