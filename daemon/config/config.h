/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcpwardend.conf and --set into struct settings, checked against the option table. Called by the programs at
 * start and by the daemon at a reload; prints nothing, keeps nothing: errors come back as finished lines.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "tables/services.h"
#include "tables/settings.h"

/* The default file of tcpwardend; tcpwarden-replay reads none of its own accord. */
#ifndef CONFDIR /* the build says otherwise where --sysconfdir did */
#define CONFDIR "/etc/tcpwarden"
#endif
#define CONFIG_DEFAULT_PATH CONFDIR "/tcpwardend.conf"

/* All that is wrong, a line each without the newline. Start with { 0 }, end with config_errors_fini(). */
struct config_errors {
	char **line; /* count lines, owned */
	size_t count;
};

void config_errors_fini(struct config_errors *errors);
void config_errors_add(struct config_errors *errors, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Fills *out with the defaults, then the file at `path` (NULL: none), then the `nsets` texts "PATH=VALUE" of
 * --set in their order; later wins. *services gets the last list of them, with all that holds for each. 0, or
 * -ENOENT where the file does not exist, -EINVAL for every other error; then *errors has at least one line more,
 * "FILE:LINE: PATH: what is wrong (allowed: ...)", and *out and *services are not to be used.
 */
int config_load(struct settings *out, struct services *services, const char *path, const char *const *sets,
		size_t nsets, struct config_errors *errors);

/*
 * Sets one option, or all services, from text: `value` as --set takes it (a libconfig value; what is none is a
 * string). False: error (size bytes) says "PATH: what is wrong (allowed: ...)", no option changed, services that
 * were to be set are none. Relations between two options are checked by config_load(), those of a service here too.
 */
bool config_set(struct settings *settings, struct services *services, const char *path, const char *value,
		char *error, size_t size);

/* Reload: the start-only options in which the two differ, into changed[]; returns how many. */
size_t config_restart_needed(const struct settings *old, const struct settings *loaded,
			     enum option_id changed[OPTION_COUNT]);

/* Reload: *out is *loaded with the start-only options of *old. out may be either. */
void config_merge_reload(const struct settings *old, const struct settings *loaded, struct settings *out);
