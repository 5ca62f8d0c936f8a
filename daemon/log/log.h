/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program's own messages to the person who runs it (errors at start, warnings): six functions that keep errno.
 * Lifecycle events do not come here, see report/.
 */
#pragma once

#include <stdbool.h>

/* Messages go to stderr, prefixed by the program's name, or to syslog after log_to_syslog(). */
void log_init(const char *program);
void log_to_syslog(int facility);
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
