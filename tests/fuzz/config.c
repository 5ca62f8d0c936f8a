/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration file of any text: settings within their bounds, or errors that name the place. */
#include "config/config.h"
#include "leaks.h"
#include "memory_file.h"

static void check_number(const struct settings *settings, const struct option_info *info)
{
	int64_t value;

	memcpy(&value, (const char *)settings + info->offset, sizeof value);
	REQUIRE(value >= info->least && value <= info->most, "%s = %lld", info->path, (long long)value);
}

static void check_settings(const struct settings *settings)
{
	for (int id = 0; id < OPTION_COUNT; id++)
		if (option_table[id].type == OPTION_TYPE_INT)
			check_number(settings, &option_table[id]);
	REQUIRE(memchr(settings->log_target, '\0', sizeof settings->log_target) != NULL,
		"log.target has no end");
	REQUIRE(settings->syn_flood_allow.count <= SETTING_LIST_MAX, "%u prefixes",
		settings->syn_flood_allow.count);
	REQUIRE(settings->syn_flood_stop_percent < settings->syn_flood_start_percent,
		"flood mode never ends");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_errors errors = { .line = NULL };
	struct settings settings;
	struct services services;
	struct memory_file file;
	int result;

	memory_file_open(&file, data, size);
	result = config_load(&settings, &services, file.path, NULL, 0, &errors);
	if (result == 0)
		check_settings(&settings);
	REQUIRE((result == 0) == (errors.count == 0), "%d with %zu errors", result, errors.count);
	for (size_t i = 0; i < errors.count; i++)
		REQUIRE(strncmp(errors.line[i], file.path, strlen(file.path)) == 0, "%s", errors.line[i]);
	config_errors_fini(&errors);
	memory_file_close(&file);
	return 0;
}
