/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of config/ share while one set of settings is being read. Private to this folder.
 */
#pragma once

#include <libconfig.h>
#include <stdbool.h>

#include "config/config.h"
#include "tables/settings.h"

struct config_context {
	struct settings *settings;
	struct config_errors *errors;
	enum option_origin origin;                /* of what is read now */
	const char *file;                         /* its name */
	const char *set_prefix;                   /* in front of errors about a --set */
	const config_setting_t *at[OPTION_COUNT]; /* where the file set an option; NULL: it did not */
	bool failed[OPTION_COUNT];                /* an error about its value was told already */
};

/* Adds an error about `path`. at: the setting it stands at; NULL: no line to name. */
void config_complain(struct config_context *context, const config_setting_t *at, const char *path,
		     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Takes the value of option `id` from a libconfig setting, or complains about all that is wrong with it. */
void config_read_value(struct config_context *context, const config_setting_t *setting, enum option_id id);

/* Relations between options, after all of them were read. */
void config_check_relations(struct config_context *context);
