/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "config/config.h"

size_t config_restart_needed(const struct settings *old, const struct settings *loaded,
			     enum option_id changed[OPTION_COUNT])
{
	size_t count = 0;

	for (int i = 0; i < OPTION_COUNT; i++) {
		const struct option_info *option = &option_table[i];
		const char *before = (const char *)old + option->offset;
		const char *after = (const char *)loaded + option->offset;

		if (option->when == OPTION_START && memcmp(before, after, option_field_size(option->type)) != 0)
			changed[count++] = (enum option_id)i;
	}
	return count;
}

void config_merge_reload(const struct settings *old, const struct settings *loaded, struct settings *out)
{
	struct settings merged = *loaded;

	for (int i = 0; i < OPTION_COUNT; i++) {
		const struct option_info *option = &option_table[i];

		if (option->when != OPTION_START)
			continue;
		memcpy((char *)&merged + option->offset, (const char *)old + option->offset,
		       option_field_size(option->type));
		merged.origin[i] = old->origin[i];
		merged.line[i] = old->line[i];
	}
	*out = merged;
}
