/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs of the control socket, printed from commands.def. */
#pragma once

enum command {
#define COMMAND(name, word, arguments, least, most, access, help) COMMAND_##name,
#include "tables/commands.def"
#undef COMMAND
	COMMAND_COUNT
};

/* Who may: every reader; root and the daemon's own user; whoever runs the client, which does it without asking. */
enum command_access { COMMAND_READ, COMMAND_CHANGE, COMMAND_LOCAL };

struct command_info {
	const char *word;
	const char *arguments; /* as a usage line shows them */
	unsigned least, most;  /* number of arguments */
	enum command_access access;
	const char *help;
};

extern const struct command_info command_table[COMMAND_COUNT];

int command_find(const char *word); /* enum command, or -1 */
const char *command_access_word(enum command_access access);
