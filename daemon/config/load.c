/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/context.h"
#include "config/source.h"
#include "config/suggest.h"

#define PATH_SIZE 256  /* bytes of the path of an option as somebody wrote it */
#define LINE_SIZE 4096 /* bytes of an error */

void config_complain(struct config_context *context, const config_setting_t *at, const char *path,
		     const char *format, ...)
{
	char line[LINE_SIZE];
	struct text out;
	va_list args;

	text_init(&out, line, sizeof line);
	if (context->origin == ORIGIN_FILE && at != NULL)
		text_fmt(&out, "%s:%u: ", context->file, config_setting_source_line(at));
	else
		text_str(&out, context->set_prefix);
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

static bool is_services(const char *path)
{
	return strcmp(path, "services") == 0;
}

/* One value for `path`: an option, the services, or a mistake. */
static void read_value(struct config_context *context, const config_setting_t *setting, const char *path)
{
	int id = option_find(path);

	if (is_services(path))
		config_read_services(context, setting);
	else if (id >= 0)
		config_read_value(context, setting, (enum option_id)id);
	else if (option_group(path))
		config_complain(context, setting, path, "is a group, not an option (allowed: %s = { ... };)",
				path);
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
		if (is_services(path_text)) {
			context->service_list = member;
		} else if (config_setting_is_group(member) && option_group(path_text)) {
			text_char(&path, '.');
			read_group(context, member, path_text);
		} else {
			read_value(context, member, path_text);
		}
	}
}

/* 0, or -errno as config_load() gives it; the settings read point into `config` (context->at). */
static int load_file(struct config_context *context, config_t *config)
{
	const char *what;
	int error, line;
	char *text = source_read(context->file, context->errors, &error);

	if (text == NULL)
		return error;
	if (source_parse(config, text, &line, &what)) {
		context->origin = ORIGIN_FILE;
		read_group(context, config_root_setting(config), "");
	} else {
		config_errors_add(context->errors, "%s:%d: %s%s", context->file, line,
				  strcmp(what, "syntax error") == 0 ? "" : "syntax error: ", what);
		error = -EINVAL;
	}
	free(text);
	return error;
}

/* VALUE as libconfig reads it, exactly one value; else VALUE as a string. The setting belongs to `config`. */
static config_setting_t *parse_value(config_t *config, const char *value)
{
	config_setting_t *root, *setting;
	const char *what;
	char *text;
	int line;

	if (asprintf(&text, "value = %s\n;", value) < 0)
		abort();
	config_init(config);
	if (source_parse(config, text, &line, &what) &&
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

/* "PATH=VALUE", blanks around either allowed. Returns VALUE, or NULL: it is not of this form. */
static const char *split_set(const char *set, char path[PATH_SIZE])
{
	const char *equals = strchr(set, '=');
	size_t length;

	set += strspn(set, " ");
	length = equals != NULL ? strcspn(set, " =") : 0;
	if (length == 0 || length >= PATH_SIZE || set + length + strspn(set + length, " ") != equals)
		return NULL;
	memcpy(path, set, length);
	path[length] = '\0';
	return equals + 1 + strspn(equals + 1, " ");
}

/* All texts of --set for services, or all others: services come last, for they begin as copies of what is global. */
static void apply_sets(struct config_context *context, const char *const *sets, size_t nsets, bool services)
{
	for (size_t i = 0; i < nsets; i++) {
		char path[PATH_SIZE];
		const char *value = split_set(sets[i], path);

		if (value != NULL && is_services(path) == services)
			set_one(context, path, value);
		else if (value == NULL && !services)
			config_errors_add(context->errors, "--set: %s: is no setting (allowed: PATH=VALUE)",
					  sets[i] + strspn(sets[i], " "));
	}
}

int config_load(struct settings *out, struct services *services, const char *path, const char *const *sets,
		size_t nsets, struct config_errors *errors)
{
	struct config_context context = {
		.settings = out, .services = services, .errors = errors, .file = path, .set_prefix = "--set: "
	};
	size_t before = errors->count;
	config_t config;
	int error = 0;

	settings_defaults(out);
	services->count = 0;
	config_init(&config);
	if (path != NULL)
		error = load_file(&context, &config);
	apply_sets(&context, sets, nsets, false);
	config_check_relations(&context);
	context.origin = ORIGIN_FILE;
	if (context.service_list != NULL)
		config_read_services(&context, context.service_list);
	apply_sets(&context, sets, nsets, true);
	config_check_ban_file(&context);
	config_destroy(&config);
	if (error == 0 && errors->count > before)
		error = -EINVAL;
	return error;
}

bool config_set(struct settings *settings, struct services *services, const char *path, const char *value,
		char *error, size_t size)
{
	struct config_errors errors = { 0 };
	struct config_context context = {
		.settings = settings, .services = services, .errors = &errors, .set_prefix = ""
	};
	bool good;

	set_one(&context, path, value);
	good = errors.count == 0;
	if (!good)
		snprintf(error, size, "%s", errors.line[0]);
	config_errors_fini(&errors);
	return good;
}
