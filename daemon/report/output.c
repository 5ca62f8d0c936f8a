/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "report/event_service.h"
#include "report/journal.h"
#include "report/line.h"
#include "report/syslog_socket.h"
#include "report/timestamp.h"

#define FILE_PREFIX "file:"
#define FILE_MODE   0640

enum target { TARGET_DESCRIPTOR, TARGET_SYSLOG, TARGET_JOURNAL };

struct output {
	struct settings settings;
	struct services services;
	enum target target;
	int fd;         /* of the file or standard output, else -1 */
	bool owns_fd;
	int facility;   /* of syslog(3) */
	struct syslog_socket syslog;
	struct journal_entry journal;
	bool torn;      /* the last line was written in part */
	uint64_t errors;
	uint64_t untold; /* of these, since the last events-lost line */
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

	if (fd < 0 && errno == EACCES)
		snprintf(error, size, "log.target: cannot open %s as user id %u: %s", path,
			 (unsigned int)geteuid(), strerror(errno));
	else if (fd < 0)
		snprintf(error, size, "log.target: cannot open %s: %s", path, strerror(errno));
	return fd;
}

static bool open_target(struct output *output, char *error, size_t size)
{
	const char *target = output->settings.log_target, *path = file_path(&output->settings);

	output->fd = -1;
	output->target = TARGET_DESCRIPTOR;
	if (path != NULL) {
		output->owns_fd = true;
		output->fd = open_file(path, error, size);
		return output->fd >= 0;
	}
	if (strcmp(target, "stdout") == 0 || (target[0] == '\0' && isatty(STDOUT_FILENO))) {
		output->fd = STDOUT_FILENO;
		return true;
	}
	output->target = strcmp(target, "journal") == 0 ? TARGET_JOURNAL : TARGET_SYSLOG;
	if (output->target == TARGET_JOURNAL && !journal_is_there()) {
		snprintf(error, size, "log.target: no journal of systemd takes entries here");
		return false;
	}
	if (output->target == TARGET_JOURNAL || strcmp(target, "syslog") == 0 || target[0] == '\0')
		return true;
	snprintf(error, size, "log.target: \"%s\" is not known (allowed: %s)", target,
		 "\"\", \"syslog\", \"journal\", \"stdout\", \"file:/PATH\"");
	return false;
}

/* One line, one write() where the target takes it whole; *size: what is left. */
static bool write_all(int fd, const char *line, size_t *size)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };

	while (*size > 0) {
		ssize_t n = write(fd, line, *size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN && poll(&ready, 1, -1) >= 0)
			continue;
		if (n <= 0)
			return false;
		line += n;
		*size -= (size_t)n;
	}
	return true;
}

/* A line that ends early is closed before the next one, so that only itself is lost. */
static bool write_line(struct output *output, const char *line, size_t size)
{
	size_t newline = 1, left = size;

	if (output->torn && !write_all(output->fd, "\n", &newline))
		return false;
	output->torn = !write_all(output->fd, line, &left) && left < size;
	return left == 0;
}

static bool write_event(struct output *output, const struct event *event, int64_t wall_offset_ns)
{
	int priority = priorities[event_table[event->kind].severity];
	struct text text;

	text_init(&text, output->line, REPORT_LINE_SIZE);
	if (output->owns_fd && output->settings.log_format == FORMAT_LOGFMT)
		timestamp_text(&text, (int64_t)event->now_ns + wall_offset_ns, "Z"); /* nobody else writes the time */
	report_line(&text, event, &output->services, output->settings.log_format, NULL, wall_offset_ns);
	switch (output->target) {
	case TARGET_SYSLOG:
		return syslog_socket_send(&output->syslog, output->facility | priority, output->line);
	case TARGET_JOURNAL:
		journal_fill(&output->journal, event, &output->services, output->facility, priority);
		return journal_send(&output->journal, output->line);
	case TARGET_DESCRIPTOR:
		break;
	}
	output->line[text.len] = '\n';
	return write_line(output, output->line, text.len + 1);
}

/* Once the target takes lines again, the first one says how many it did not take. */
static void tell_lost(struct output *output, uint64_t now_ns, int64_t wall_offset_ns)
{
	struct event event = { .kind = EVENT_EVENTS_LOST, .now_ns = now_ns };

	event.notice.count = output->untold;
	if (!output_is_chosen(&output->settings, EVENT_EVENTS_LOST) ||
	    write_event(output, &event, wall_offset_ns))
		output->untold = 0;
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
	syslog_socket_init(&output->syslog, _PATH_LOG);
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
	syslog_socket_fini(&output->syslog);
	free(output);
}

void output_event(struct output *output, const struct event *event, int64_t wall_offset_ns)
{
	const struct settings *settings = event_settings(&output->services, &output->settings, event);
	uint64_t sample = (uint64_t)settings->log_sample;
	struct event sampled;

	if (!output_is_chosen(settings, event->kind))
		return;
	if (sample > 1 && event_table[event->kind].group == EVENT_GROUP_FLOW) {
		if (event->flow.id % sample != 0)
			return;
		sampled = *event;
		sampled.flow.sample = (uint32_t)sample;
		event = &sampled;
	}
	if (output->untold > 0)
		tell_lost(output, event->now_ns, wall_offset_ns);
	if (write_event(output, event, wall_offset_ns))
		return;
	output->errors++;
	output->untold++;
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
	output->torn = false;
	return true;
}

void output_set_settings(struct output *output, const struct settings *settings, const struct services *services)
{
	output->services = *services;
	output->settings.log_format = settings->log_format;
	output->settings.log_level = settings->log_level;
	output->settings.log_events = settings->log_events;
	output->settings.log_remarks = settings->log_remarks;
	output->settings.log_sample = settings->log_sample;
}

const struct services *output_services(const struct output *output)
{
	return &output->services;
}

bool output_is_stdout(const struct output *output)
{
	return output->fd == STDOUT_FILENO;
}

int output_syslog_facility(const struct output *output)
{
	return output->target == TARGET_SYSLOG ? output->facility : -1;
}

uint64_t output_errors(const struct output *output)
{
	return output->errors;
}
