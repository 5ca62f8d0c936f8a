/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the daemon's event lines go: syslog, the journal, standard output or a file, filtered by log.level,
 * log.events, log.remarks and log.sample, of a service where it has its own. Used by one thread, the reporter, which
 * alone may wait for a slow target. A line that cannot be written is counted, never fatal, and told by an events-lost
 * line as soon as the target takes lines again; the process ignores SIGPIPE.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/event.h"
#include "tables/services.h"
#include "tables/settings.h"

struct output;

/* What log.level, log.events and log.remarks of these settings (event_settings()) say about an event. */
bool output_is_chosen(const struct settings *settings, enum event_kind kind);

/* Opens log.target, without services so far. NULL: `error` (size bytes) says why. Settings are copied. */
struct output *output_open(const struct settings *settings, char *error, size_t size);
void output_close(struct output *output);

/* A line of logfmt in a file begins with its time. wall_offset_ns: wall-clock time minus the clock of the event. */
void output_event(struct output *output, const struct event *event, int64_t wall_offset_ns);

/* Opens the file again after it was moved away. False: it keeps writing to the old one, `error` says why. */
bool output_reopen(struct output *output, char *error, size_t size);

/*
 * New log.format, log.level, log.events, log.remarks, log.sample; target and facility stay. services: with all that
 * they inherit; copied.
 */
void output_set_settings(struct output *output, const struct settings *settings, const struct services *services);

/* Those it was given last. */
const struct services *output_services(const struct output *output);
/* Whether standard output is the target (then a terminal user reads it). */
bool output_is_stdout(const struct output *output);
/* The facility of syslog(3) where syslog is the target, else -1: where other messages of the program belong. */
int output_syslog_facility(const struct output *output);
/* Lines that could not be written. */
uint64_t output_errors(const struct output *output);
