/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/syslog_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define HEADER_SIZE 96

/* RFC 3164 4.1, as local programs send it: priority, local time, name and process. */
static size_t make_header(char header[HEADER_SIZE], int priority)
{
	time_t now = time(NULL);
	char date[32] = "";
	struct tm tm;

	if (localtime_r(&now, &tm) != NULL)
		strftime(date, sizeof date, "%b %e %H:%M:%S", &tm);
	snprintf(header, HEADER_SIZE, "<%d>%s %.32s[%d]: ", priority, date, program_invocation_short_name,
		 (int)getpid());
	return strlen(header);
}

/* The descriptor, or -1 with errno. */
static int connect_to(const char *path, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	if (fd >= 0 && connect(fd, (const void *)&address, sizeof address) < 0) {
		int cause = errno;
		close(fd);
		errno = cause;
		return -1;
	}
	return fd;
}

static bool reconnect(struct syslog_socket *log)
{
	syslog_socket_fini(log);
	log->fd = connect_to(log->path, SOCK_DGRAM);
	log->stream = log->fd < 0 && errno == EPROTOTYPE;
	if (log->stream)
		log->fd = connect_to(log->path, SOCK_STREAM);
	return log->fd >= 0;
}

/* A record that a stream took in part cannot be taken back: it counts as not sent. */
static bool send_record(const struct syslog_socket *log, int priority, const char *line)
{
	char header[HEADER_SIZE];
	size_t header_size = make_header(header, priority), line_size = strlen(line) + log->stream;
	struct iovec parts[] = { { header, header_size }, { (char *)line, line_size } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t n;

	do
		n = sendmsg(log->fd, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)(header_size + line_size);
}

void syslog_socket_init(struct syslog_socket *log, const char *path)
{
	*log = (struct syslog_socket){ .path = path, .fd = -1 };
}

void syslog_socket_fini(struct syslog_socket *log)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
}

bool syslog_socket_send(struct syslog_socket *log, int priority, const char *line)
{
	if (log->fd >= 0 && send_record(log, priority, line))
		return true;
	return reconnect(log) && send_record(log, priority, line);
}
