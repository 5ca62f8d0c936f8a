/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "report/line.h"

#define FILE_PREFIX "file:"
#define FILE_MODE   0640

struct output {
	struct settings settings;
	int fd;         /* of the file or standard output; -1: syslog */
	bool owns_fd;
	int facility;   /* of syslog(3) */
	uint64_t errors;
	char line[REPORT_LINE_SIZE + 1]; /* with the newline */
};

/* In the order of the choices of log.facility. */
static const int facilities[] = {
	LOG_DAEMON, LOG_LOCAL0, LOG_LOCAL1, LOG_LOCAL2, LOG_LOCAL3, LOG_LOCAL4, LOG_LOCAL5, LOG_LOCAL6,
	LOG_LOCAL7, LOG_USER,
};

static const int priorities[] = {
	[SEVERITY_ERR] = LOG_ERR,   [SEVERITY_WARNING] = LOG_WARNING, [SEVERITY_NOTICE] = LOG_NOTICE,
	[SEVERITY_INFO] = LOG_INFO, [SEVERITY_DEBUG] = LOG_DEBUG,
};

static const char *file_path(const struct settings *settings)
{
	size_t prefix = strlen(FILE_PREFIX);

	return strncmp(settings->log_target, FILE_PREFIX, prefix) == 0 ? settings->log_target + prefix : NULL;
}

static int open_file(const char *path, char *error, size_t size)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, FILE_MODE);

	if (fd < 0)
		snprintf(error, size, "log.target: cannot open %s: %s", path, strerror(errno));
	return fd;
}

static bool open_target(struct output *output, char *error, size_t size)
{
	const char *target = output->settings.log_target, *path = file_path(&output->settings);

	output->fd = -1;
	if (path != NULL) {
		output->owns_fd = true;
		output->fd = open_file(path, error, size);
		return output->fd >= 0;
	}
	if (strcmp(target, "stdout") == 0 || (target[0] == '\0' && isatty(STDOUT_FILENO))) {
		output->fd = STDOUT_FILENO;
		return true;
	}
	if (strcmp(target, "syslog") == 0 || target[0] == '\0')
		return true;
	snprintf(error, size, "log.target: \"%s\" is not known (allowed: %s)", target,
		 "\"\", \"syslog\", \"stdout\", \"file:PATH\"");
	return false;
}

/* One line, one write() where the target takes it whole. */
static bool write_line(int fd, const char *line, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, line, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		line += n;
		size -= (size_t)n;
	}
	return true;
}

bool output_is_chosen(const struct settings *settings, enum event_kind kind)
{
	if ((int)event_table[kind].severity > settings->log_level)
		return false;
	if (kind == EVENT_PACKET_REMARKED && !settings->log_remarks)
		return false;
	if (settings->log_events.count == 0)
		return true;
	for (unsigned i = 0; i < settings->log_events.count; i++)
		if (settings->log_events.event[i] == kind)
			return true;
	return false;
}

struct output *output_open(const struct settings *settings, char *error, size_t size)
{
	struct output *output = calloc(1, sizeof(*output));

	if (output == NULL) {
		snprintf(error, size, "out of memory");
		return NULL;
	}
	output->settings = *settings;
	output->facility = facilities[settings->log_facility];
	if (!open_target(output, error, size)) {
		free(output);
		return NULL;
	}
	return output;
}

void output_close(struct output *output)
{
	if (output == NULL)
		return;
	if (output->owns_fd)
		close(output->fd);
	free(output);
}

void output_event(struct output *output, const struct event *event, int64_t wall_offset_ns)
{
	struct text text;

	if (!output_is_chosen(&output->settings, event->kind))
		return;
	text_init(&text, output->line, REPORT_LINE_SIZE);
	report_line(&text, event, output->settings.log_format, NULL, wall_offset_ns);
	if (output->fd < 0) {
		syslog(output->facility | priorities[event_table[event->kind].severity], "%s", output->line);
		return;
	}
	output->line[text.len] = '\n';
	if (!write_line(output->fd, output->line, text.len + 1))
		output->errors++;
}

bool output_reopen(struct output *output, char *error, size_t size)
{
	int fd;

	if (!output->owns_fd)
		return true;
	fd = open_file(file_path(&output->settings), error, size);
	if (fd < 0)
		return false;
	close(output->fd);
	output->fd = fd;
	return true;
}

void output_set_settings(struct output *output, const struct settings *settings)
{
	output->settings.log_format = settings->log_format;
	output->settings.log_level = settings->log_level;
	output->settings.log_events = settings->log_events;
	output->settings.log_remarks = settings->log_remarks;
}

bool output_is_stdout(const struct output *output)
{
	return output->fd == STDOUT_FILENO;
}

int output_syslog_facility(const struct output *output)
{
	return output->fd < 0 ? output->facility : -1;
}

uint64_t output_errors(const struct output *output)
{
	return output->errors;
}
