/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one thread that writes the log: empties the rings of the workers and of the main thread into the
 * output. It alone may wait for a syslog that hangs; nobody waits for it, except a stop for a limited time.
 */
#pragma once

#include <stdbool.h>

#include "engine/event.h"
#include "report/output.h"
#include "service/drop_writer.h"
#include "service/ring.h"
#include "tables/services.h"
#include "tables/settings.h"

struct reporter;

/*
 * Takes over `output`. rings: how many producers. NULL: out of memory or descriptors; the output stays the caller's.
 */
struct reporter *reporter_new(struct output *output, unsigned rings);
/* Only before reporter_start() or after a reporter_stop() that returned true. Closes the output. */
void reporter_free(struct reporter *reporter);

/* Before reporter_start(): the reporter empties and owns the drop capture too. */
void reporter_set_drops(struct reporter *reporter, struct drop_writer *drops);

/* 0 or -errno. */
int reporter_start(struct reporter *reporter);
/* Waits until all rings are empty, or timeout_ms: what is pushed then comes last. */
void reporter_settle(struct reporter *reporter, int timeout_ms);
/* Writes all that is in the rings and ends. False: the output hangs, the thread lives on and must not be freed. */
bool reporter_stop(struct reporter *reporter, int timeout_ms);

struct ring *reporter_ring(struct reporter *reporter, unsigned index);
/* Any thread, after pushing: wakes the reporter if it sleeps, else costs no system call. */
void reporter_wake(struct reporter *reporter);

/* Any thread: event lines lost so far, for want of room in a ring or because the output did not take them. */
uint64_t reporter_lost(const struct reporter *reporter);

/* Any thread: dropped packets that are not in the drop capture. */
uint64_t reporter_drops_lost(const struct reporter *reporter);

/*
 * Main thread: from now on, or no longer, every event goes to the watch ring as well, which the main thread empties;
 * what does not fit is counted there. The descriptor is readable when there are some.
 */
void reporter_watch(struct reporter *reporter, bool on);
struct ring *reporter_watch_ring(struct reporter *reporter);
int reporter_watch_fd(const struct reporter *reporter);

/* Main thread: a message for log_error() or log_warn(). Lost, and counted, where the log hangs and too many wait. */
void reporter_say(struct reporter *reporter, enum severity severity, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Main thread: the output takes over the settings and opens its file again, as soon as the reporter can. */
void reporter_reload(struct reporter *reporter, const struct settings *settings, const struct services *services);
/*
 * Main thread: waits until the reporter has done so. False: error (size bytes) says which file could not be opened, or
 * that the log did not take its lines for timeout_ms.
 */
bool reporter_reloaded(struct reporter *reporter, int timeout_ms, char *error, size_t size);
