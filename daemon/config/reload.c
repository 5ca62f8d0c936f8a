/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "config/config.h"

static size_t field_size(enum option_type type)
{
	switch (type) {
	case OPTION_TYPE_INT: return sizeof(int64_t);
	case OPTION_TYPE_BOOL: return sizeof(bool);
	case OPTION_TYPE_CHOICE: return sizeof(int);
	case OPTION_TYPE_STRING: return SETTING_STRING_SIZE;
	case OPTION_TYPE_LIST: return sizeof(struct setting_list);
	}
	return 0;
}

size_t config_restart_needed(const struct settings *old, const struct settings *loaded,
			     enum option_id changed[OPTION_COUNT])
{
	size_t count = 0;

	for (int i = 0; i < OPTION_COUNT; i++) {
		const struct option_info *option = &option_table[i];
		const char *before = (const char *)old + option->offset;
		const char *after = (const char *)loaded + option->offset;

		if (option->when == OPTION_START && memcmp(before, after, field_size(option->type)) != 0)
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
		       field_size(option->type));
		merged.origin[i] = old->origin[i];
	}
	*out = merged;
}
