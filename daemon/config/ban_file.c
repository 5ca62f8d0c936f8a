/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/ban_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/context.h"
#include "config/prefix.h"

#define LINE_SIZE   256 /* of the file, with its end */
#define ERRORS_MOST 10  /* told of one file */

struct reader {
	FILE *file;
	unsigned line;
	char text[LINE_SIZE]; /* of the prefix read last */
};

/* The next prefix. 1: read; 0: the end; -1: *wrong says what is wrong with the line. */
static int read_prefix(struct reader *reader, struct prefix *prefix, const char **wrong)
{
	while (fgets(reader->text, sizeof reader->text, reader->file) != NULL) {
		char *text = reader->text;
		size_t length;

		reader->line++;
		if (strchr(text, '\n') == NULL && !feof(reader->file)) {
			*wrong = "is too long";
			return -1;
		}
		text[strcspn(text, "#\r\n")] = '\0';
		length = strspn(text, " \t");
		memmove(text, text + length, strlen(text + length) + 1);
		for (length = strlen(text); length > 0 && strchr(" \t", text[length - 1]) != NULL; length--)
			text[length - 1] = '\0';
		if (length == 0)
			continue;
		*wrong = prefix_parse(text, prefix);
		return *wrong == NULL ? 1 : -1;
	}
	return 0;
}

static void check_lines(struct config_context *context, struct reader *reader, const char *path)
{
	const config_setting_t *at = context->at[OPTION_syn_flood_ban_file];
	const char *option = option_table[OPTION_syn_flood_ban_file].path, *wrong;
	struct prefix prefix;
	int64_t count = 0;
	unsigned errors = 0;
	int result;

	while ((result = read_prefix(reader, &prefix, &wrong)) != 0 && errors < ERRORS_MOST) {
		if (result < 0) {
			config_complain(context, at, option, "%s:%u: \"%.64s\" %s", path, reader->line, reader->text,
					wrong);
			errors++;
		} else if (++count > context->settings->syn_flood_ban_entries) {
			config_complain(context, at, option, "%s:%u: more than syn_flood.ban_entries = %lld prefixes",
					path, reader->line, (long long)context->settings->syn_flood_ban_entries);
			return;
		}
	}
}

void config_check_ban_file(struct config_context *context)
{
	const char *path = context->settings->syn_flood_ban_file;
	struct reader reader = { .file = NULL };

	if (path[0] == '\0' || context->failed[OPTION_syn_flood_ban_file])
		return;
	context->origin = context->settings->origin[OPTION_syn_flood_ban_file];
	reader.file = fopen(path, "re");
	if (reader.file == NULL) {
		config_complain(context, context->at[OPTION_syn_flood_ban_file],
				option_table[OPTION_syn_flood_ban_file].path, "%s cannot be read: %s", path,
				strerror(errno));
		return;
	}
	errno = 0;
	check_lines(context, &reader, path);
	if (ferror(reader.file))
		config_complain(context, context->at[OPTION_syn_flood_ban_file],
				option_table[OPTION_syn_flood_ban_file].path, "%s cannot be read: %s", path,
				strerror(errno));
	fclose(reader.file);
}

bool ban_file_apply(const struct settings *settings, struct ban *ban)
{
	uint32_t most = ban_most(ban), count = 0;
	struct prefix *prefix = calloc(most, sizeof *prefix);
	struct reader reader = { .file = NULL };
	const char *wrong;
	bool good = true;
	int result = 0;

	if (prefix == NULL)
		return false;
	if (settings->syn_flood_ban_file[0] != '\0') {
		reader.file = fopen(settings->syn_flood_ban_file, "re");
		if (reader.file == NULL) {
			free(prefix);
			return false;
		}
		while (count < most && (result = read_prefix(&reader, &prefix[count], &wrong)) != 0)
			count += result > 0;
		good = !ferror(reader.file); /* half a file would release whoever the other half names */
		fclose(reader.file);
	}
	if (good)
		ban_set_file(ban, prefix, count);
	free(prefix);
	return good;
}
