/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

static const char *program_name = "tcpwarden";
static bool use_syslog;

void log_init(const char *program)
{
	program_name = program;
}

void log_to_syslog(int facility)
{
	openlog(program_name, LOG_PID | LOG_NDELAY, facility);
	use_syslog = true;
}

static void log_message(int priority, const char *format, va_list args)
{
	int saved = errno;

	if (use_syslog) {
		vsyslog(priority, format, args);
	} else {
		flockfile(stderr);
		fprintf(stderr, "%s: ", program_name);
		vfprintf(stderr, format, args);
		fputc('\n', stderr);
		funlockfile(stderr);
	}
	errno = saved;
}

#define LOG_FUNCTION(name, priority)             \
	void name(const char *format, ...)       \
	{                                        \
		va_list args;                    \
		va_start(args, format);          \
		log_message(priority, format, args); \
		va_end(args);                    \
	}

LOG_FUNCTION(log_error, LOG_ERR)
LOG_FUNCTION(log_warn, LOG_WARNING)
LOG_FUNCTION(log_info, LOG_INFO)
LOG_FUNCTION(log_debug, LOG_DEBUG)
