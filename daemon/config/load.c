/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "config/context.h"
#include "config/suggest.h"

#define FILE_MOST (1 << 20) /* bytes of a configuration file */
#define PATH_SIZE 256       /* bytes of the path of an option as somebody wrote it */
#define LINE_SIZE 4096      /* bytes of an error */

void config_complain(struct config_context *context, const config_setting_t *at, const char *path,
		     const char *format, ...)
{
	char line[LINE_SIZE];
	struct text out;
	va_list args;

	text_init(&out, line, sizeof line);
	if (context->origin == ORIGIN_FILE && at != NULL) {
		const char *file = config_setting_source_file(at);

		text_fmt(&out, "%s:%u: ", file != NULL ? file : context->file, config_setting_source_line(at));
	} else {
		text_str(&out, context->set_prefix);
	}
	text_fmt(&out, "%s: ", path);
	va_start(args, format);
	vsnprintf(line + out.len, sizeof line - out.len, format, args);
	va_end(args);
	config_errors_add(context->errors, "%s", line);
}

static void complain_unknown(struct config_context *context, const config_setting_t *at, const char *path)
{
	char text[LINE_SIZE / 2];
	struct text suggestion;

	text_init(&suggestion, text, sizeof text);
	suggest_path(&suggestion, path);
	config_complain(context, at, path, "unknown option%s", text);
}

/* One value for `path`: an option, or a mistake. */
static void read_value(struct config_context *context, const config_setting_t *setting, const char *path)
{
	int id = option_find(path);

	if (id >= 0)
		config_read_value(context, setting, (enum option_id)id);
	else if (option_group(path))
		config_complain(context, setting, path, "is a group, not an option (allowed: %s = { ... };)", path);
	else
		complain_unknown(context, setting, path);
}

/* prefix: the path of the group with a dot behind it, or "". */
static void read_group(struct config_context *context, const config_setting_t *group, const char *prefix)
{
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *member = config_setting_get_elem(group, (unsigned)i);
		char path_text[PATH_SIZE];
		struct text path;

		text_init(&path, path_text, sizeof path_text);
		text_fmt(&path, "%s%s", prefix, config_setting_name(member));
		if (config_setting_is_group(member) && option_group(path_text)) {
			text_char(&path, '.');
			read_group(context, member, path_text);
		} else {
			read_value(context, member, path_text);
		}
	}
}

/* The file as one string, NULL after an error told with its cause; *error is -errno then. */
static char *slurp(const char *path, struct config_errors *errors, int *error)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	struct stat status;
	size_t length;

	if (file == NULL) {
		*error = errno == ENOENT ? -ENOENT : -EINVAL;
		config_errors_add(errors, "%s: cannot be read: %s", path, strerror(errno));
		return NULL;
	}
	*error = -EINVAL;
	if (fstat(fileno(file), &status) == 0 && S_ISDIR(status.st_mode)) {
		config_errors_add(errors, "%s: cannot be read: %s", path, strerror(EISDIR));
		goto out;
	}
	text = malloc(FILE_MOST + 1);
	if (text == NULL)
		abort();
	length = fread(text, 1, FILE_MOST + 1, file);
	if (ferror(file))
		config_errors_add(errors, "%s: cannot be read: %s", path, strerror(errno));
	else if (length > FILE_MOST)
		config_errors_add(errors, "%s: is too large (allowed: up to %d bytes)", path, FILE_MOST);
	else if (memchr(text, '\0', length) != NULL)
		config_errors_add(errors, "%s: is not a text: it has a NUL byte", path);
	else
		*error = 0;
	text[*error == 0 ? length : 0] = '\0';
out:
	fclose(file);
	if (*error == 0)
		return text;
	free(text);
	return NULL;
}

/* @include is relative to the file it stands in. */
static void set_include_dir(config_t *config, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder;

	if (slash == NULL)
		return;
	folder = strndup(path, slash == path ? 1 : (size_t)(slash - path));
	if (folder == NULL)
		abort();
	config_set_include_dir(config, folder);
	free(folder);
}

/* 0, or -errno as config_load() gives it; the settings read point into `config` (context->at). */
static int load_file(struct config_context *context, config_t *config, const char *path)
{
	int error;
	char *text = slurp(path, context->errors, &error);

	if (text == NULL)
		return error;
	set_include_dir(config, path);
	if (config_read_string(config, text) != CONFIG_TRUE) {
		const char *file = config_error_file(config);
		const char *what = config_error_text(config);
		const char *syntax = strcmp(what, "syntax error") == 0 ? "" : "syntax error: ";

		config_errors_add(context->errors, "%s:%d: %s%s", file != NULL ? file : path,
				  config_error_line(config), syntax, what);
		free(text);
		return -EINVAL;
	}
	free(text);
	context->origin = ORIGIN_FILE;
	read_group(context, config_root_setting(config), "");
	return 0;
}

/* VALUE as libconfig reads it, exactly one value; else VALUE as a string. The setting belongs to `config`. */
static config_setting_t *parse_value(config_t *config, const char *value)
{
	config_setting_t *root, *setting;
	char *text;

	if (asprintf(&text, "value = %s\n;", value) < 0)
		abort();
	config_init(config);
	if (config_read_string(config, text) == CONFIG_TRUE &&
	    config_setting_length(config_root_setting(config)) == 1) {
		free(text);
		return config_setting_get_elem(config_root_setting(config), 0);
	}
	free(text);
	config_destroy(config);
	config_init(config);
	root = config_root_setting(config);
	setting = config_setting_add(root, "value", CONFIG_TYPE_STRING);
	config_setting_set_string(setting, value);
	return setting;
}

static void set_one(struct config_context *context, const char *path, const char *value)
{
	config_t config;
	config_setting_t *setting = parse_value(&config, value);

	context->origin = ORIGIN_COMMAND_LINE;
	read_value(context, setting, path);
	config_destroy(&config);
}

/* "PATH=VALUE", blanks around either allowed. */
static void apply_set(struct config_context *context, const char *set)
{
	const char *equals = strchr(set, '=');
	char path[PATH_SIZE];
	size_t length;

	set += strspn(set, " ");
	length = equals != NULL ? strcspn(set, " =") : 0;
	if (length == 0 || length >= sizeof path || set + length + strspn(set + length, " ") != equals) {
		config_errors_add(context->errors, "--set: %s: is no setting (allowed: PATH=VALUE)", set);
		return;
	}
	memcpy(path, set, length);
	path[length] = '\0';
	set_one(context, path, equals + 1 + strspn(equals + 1, " "));
}

int config_load(struct settings *out, const char *path, const char *const *sets, size_t nsets,
		struct config_errors *errors)
{
	struct config_context context = {
		.settings = out, .errors = errors, .file = path, .set_prefix = "--set: "
	};
	size_t before = errors->count;
	config_t config;
	int error = 0;

	settings_defaults(out);
	config_init(&config);
	if (path != NULL)
		error = load_file(&context, &config, path);
	for (size_t i = 0; i < nsets; i++)
		apply_set(&context, sets[i]);
	config_check_relations(&context);
	config_destroy(&config);
	if (error == 0 && errors->count > before)
		error = -EINVAL;
	return error;
}

bool config_set(struct settings *settings, const char *path, const char *value, char *error, size_t size)
{
	struct config_errors errors = { 0 };
	struct config_context context = { .settings = settings, .errors = &errors, .set_prefix = "" };
	bool good;

	set_one(&context, path, value);
	good = errors.count == 0;
	if (!good)
		snprintf(error, size, "%s", errors.line[0]);
	config_errors_fini(&errors);
	return good;
}
