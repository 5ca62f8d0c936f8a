/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of config/ share while one set of settings is being read. Private to this folder.
 */
#pragma once

#include <libconfig.h>
#include <stdbool.h>

#include "base/text.h"
#include "config/config.h"
#include "tables/services.h"
#include "tables/settings.h"

struct config_context {
	struct settings *settings;
	struct services *services;
	struct config_errors *errors;
	const config_setting_t *service_list;     /* `services` of the file, read last; NULL: none */
	const char *service;                      /* of whose settings we speak; NULL: the global ones */
	const bool *own;                          /* OPTION_COUNT: what that service sets itself */
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

/* `services`, once the global settings are known: these and no others. With any error there are none. */
void config_read_services(struct config_context *context, const config_setting_t *list);

/* How errors call an option: its path, or within a service services.NAME.last_name. */
void config_option_path(const struct config_context *context, enum option_id id, struct text *path);

/* The file that syn_flood.ban_file names: every line of it is a prefix. */
void config_check_ban_file(struct config_context *context);

/* Relations between options, after all of them were read. */
void config_check_relations(struct config_context *context);
/* Only those of numbers that must be less than others; of a service those that it sets. */
void config_check_orders(struct config_context *context);
