/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tables/services.h"

#include <string.h>

/* Options outside of syn_flood that a service may set. */
static const enum option_id of_service[] = {
	OPTION_policy_mode,
	OPTION_tracking_window,
	OPTION_tracking_pickup,
	OPTION_log_events,
	OPTION_log_remarks,
	OPTION_log_sample,
};

/* Options of syn_flood that are about the gateway as a whole. */
static const enum option_id of_gateway[] = {
	OPTION_syn_flood_start_percent,
	OPTION_syn_flood_ban_file,
};

static bool is_among(enum option_id id, const enum option_id *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == id)
			return true;
	return false;
}

bool service_may_set(enum option_id id)
{
	if (is_among(id, of_service, sizeof of_service / sizeof of_service[0]))
		return true;
	return strncmp(option_table[id].path, "syn_flood.", 10) == 0 && option_table[id].when == OPTION_RELOAD &&
	       !is_among(id, of_gateway, sizeof of_gateway / sizeof of_gateway[0]);
}

const char *service_key(enum option_id id)
{
	const char *dot = strrchr(option_table[id].path, '.');

	return dot != NULL ? dot + 1 : option_table[id].path;
}

static void inherit(struct service *service, const struct settings *global)
{
	struct settings all = *global;

	for (int i = 0; i < OPTION_COUNT; i++) {
		const struct option_info *option = &option_table[i];

		if (!service->own[i])
			continue;
		memcpy((char *)&all + option->offset, (const char *)&service->settings + option->offset,
		       option_field_size(option->type));
		all.origin[i] = service->settings.origin[i];
		all.line[i] = service->settings.line[i];
	}
	service->settings = all;
}

void services_inherit(struct services *services, const struct settings *global)
{
	for (unsigned i = 0; i < services->count; i++)
		inherit(&services->service[i], global);
}
