/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon from the opened configuration to its end: queues, engines, workers, reporter, and the main
 * loop with signals, reload and watchdog. Called once by tcpwardend.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "tables/settings.h"

enum service_exit { SERVICE_STOPPED = 0, SERVICE_SYSTEM_ERROR = 3 };

/* Where settings come from, at start and at every reload. */
struct service_source {
	const char *path; /* NULL: the default file, which may be missing */
	const char *const *sets;
	size_t set_count;
};

/* Reads them. False: errors say why. */
bool service_load(const struct service_source *source, struct settings *settings, struct services *services,
		  struct config_errors *errors);

/* some limit challenges, but nothing may be sent (policy.inject): what to tell the operator, or NULL. */
const char *service_mute_advice(const struct settings *settings, const struct services *services);

/*
 * Runs until a signal ends it. The result is the exit code. *stuck: a log target hangs and a thread with
 * it; leave the process without cleaning up.
 */
enum service_exit service_run(const struct service_source *source, const struct settings *settings,
			      const struct services *services, bool *stuck);
