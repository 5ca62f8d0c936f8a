/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "input/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define BUFFER_BYTES 131072

struct stream {
	gzFile packed; /* reads plain files too */
	bool damaged;
};

static ssize_t read_stream(void *cookie, char *data, size_t size)
{
	struct stream *stream = cookie;
	int error, got;

	errno = 0;
	got = gzread(stream->packed, data, size < INT_MAX ? (unsigned)size : INT_MAX);
	if (got > 0)
		return got;
	gzerror(stream->packed, &error);
	/* The end of the file within the packed data is no error to gzread(). */
	if (got == 0 && error != Z_BUF_ERROR)
		return 0;
	stream->damaged = error != Z_ERRNO;
	if (errno == 0)
		errno = EIO;
	return -1;
}

/* A descriptor of its own. -1: errno. */
static int open_path(const char *path)
{
	int fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC);
	struct stat info;

	if (fd >= 0 && fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {
		close(fd);
		errno = EISDIR;
		return -1;
	}
	return fd;
}

struct stream *stream_open(const char *path)
{
	struct stream *stream;
	int fd = open_path(path);

	if (fd < 0)
		return NULL;
	stream = calloc(1, sizeof(*stream));
	if (stream != NULL)
		stream->packed = gzdopen(fd, "rb");
	if (stream != NULL && stream->packed != NULL) {
		gzbuffer(stream->packed, BUFFER_BYTES);
		return stream;
	}
	free(stream);
	close(fd);
	errno = ENOMEM;
	return NULL;
}

FILE *stream_file(struct stream *stream)
{
	return fopencookie(stream, "rb", (cookie_io_functions_t){ .read = read_stream });
}

uint64_t stream_offset(const struct stream *stream)
{
	z_off_t offset = gzoffset(stream->packed);

	return offset > 0 ? (uint64_t)offset : 0;
}

bool stream_is_damaged(const struct stream *stream)
{
	return stream->damaged;
}

void stream_close(struct stream *stream)
{
	if (stream == NULL)
		return;
	gzclose(stream->packed);
	free(stream);
}
