/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tables/commands.h"

#include <string.h>

const struct command_info command_table[COMMAND_COUNT] = {
#define COMMAND(name, word, arguments, least, most, access, help) \
	[COMMAND_##name] = { word, arguments, least, most, COMMAND_##access, help },
#include "tables/commands.def"
#undef COMMAND
};

int command_find(const char *word)
{
	for (int i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(command_table[i].word, word) == 0)
			return i;
	return -1;
}

const char *command_access_word(enum command_access access)
{
	static const char *const words[] = { "read", "change", "local" };

	return words[access];
}
