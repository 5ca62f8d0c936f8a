/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config: the settings in effect, then what each service sets for itself. */
#include <string.h>

#include "base/text.h"
#include "config/describe.h"
#include "report/event_service.h"
#include "service/verbs.h"

#define VALUE_SIZE   8192             /* of the longest list */
#define SERVICE_MOST (REPLY_ROOM / 2) /* bytes that the lines of a service take at most */

static const char *const origins[] = {
	[ORIGIN_DEFAULT] = "default",
	[ORIGIN_FILE] = "file",
	[ORIGIN_COMMAND_LINE] = "command line",
	[ORIGIN_CONTROL] = "tcpwardenctl",
};

/* With --origin: where a value comes from and what else might stand there. Takes `object` and returns it. */
static json_t *add_origin(json_t *object, const struct daemon *daemon, enum option_origin origin, unsigned line)
{
	const char *path = daemon->source->path != NULL ? daemon->source->path : CONFIG_DEFAULT_PATH;

	json_object_set_new(object, "origin", json_string(origins[origin]));
	if (origin == ORIGIN_FILE) {
		json_object_set_new(object, "file", json_string(path));
		json_object_set_new(object, "line", json_integer(line));
	}
	return object;
}

static void add_range(json_t *object, const char *unit, const char *allowed, struct text *def,
		      const char *change)
{
	json_object_set_new(object, "unit", json_string(unit));
	json_object_set_new(object, "allowed", json_string(allowed));
	json_object_set_new(object, "default", verbs_value(def));
	json_object_set_new(object, "change", json_string(change));
}

/* An option, of the service of this number or (0) of all. What a service does not set is as for all: its default. */
static json_t *option_object(const struct daemon *daemon, unsigned service, enum option_id id, bool origin)
{
	const struct settings *settings = services_settings(&daemon->services, &daemon->settings, service);
	const struct option_info *option = &option_table[id];
	char path_data[SETTING_PATH_SIZE], value_data[VALUE_SIZE], allowed_data[512], default_data[VALUE_SIZE];
	struct text path, value, allowed, def;
	json_t *object;

	text_init(&path, path_data, sizeof path_data);
	service_option_path(&path, &daemon->services, service, id);
	text_init(&value, value_data, sizeof value_data);
	describe_value(&value, option, settings);
	object = json_pack("{s:s,s:o}", "option", path_data, "value", verbs_value(&value));
	if (!origin)
		return object;
	text_init(&allowed, allowed_data, sizeof allowed_data);
	describe_allowed(&allowed, option);
	text_init(&def, default_data, sizeof default_data);
	if (service == 0)
		describe_default(&def, option);
	else
		describe_value(&def, option, &daemon->settings);
	add_origin(object, daemon, (enum option_origin)settings->origin[id], settings->line[id]);
	add_range(object, option_unit_word(option->unit), allowed_data, &def,
		  option->when == OPTION_START ? "restart" : "reload");
	return object;
}

/* What is no option: addresses, ports, reserve. */
static void write_key(const struct daemon *daemon, struct reply *reply, const struct service *service,
		      enum service_word key, bool origin)
{
	static const struct {
		const char *word, *unit, *allowed, *def;
	} keys[] = {
		[SERVICE_WORD_ADDRESSES] = { "addresses", "", "up to 32 prefixes; none: any address", "()" },
		[SERVICE_WORD_PORTS] = { "ports", "", "up to 32 of 1..65535, \"8000-8099\"; none: any port", "()" },
		[SERVICE_WORD_RESERVE] = { "reserve", "%", "0..90 %", "0" },
	};
	char path[SETTING_PATH_SIZE], data[VALUE_SIZE], default_data[8];
	struct text value, def;
	json_t *object;

	snprintf(path, sizeof path, "services.%s.%s", service->name, keys[key].word);
	text_init(&value, data, sizeof data);
	describe_service(&value, service, key);
	object = json_pack("{s:s,s:o}", "option", path, "value", verbs_value(&value));
	if (origin) {
		text_init(&def, default_data, sizeof default_data);
		text_str(&def, keys[key].def);
		add_origin(object, daemon, service->line != 0 ? ORIGIN_FILE : ORIGIN_COMMAND_LINE, service->line);
		add_range(object, keys[key].unit, keys[key].allowed, &def, "reload");
	}
	reply_object(reply, object);
}

static void write_service(const struct daemon *daemon, struct reply *reply, unsigned number, bool origin)
{
	const struct service *service = &daemon->services.service[number - 1];

	for (int key = 0; key < SERVICE_WORDS; key++)
		write_key(daemon, reply, service, (enum service_word)key, origin);
	for (int id = 0; id < OPTION_COUNT; id++)
		if (service->own[id])
			reply_object(reply, option_object(daemon, number, (enum option_id)id, origin));
}

void verb_config(struct daemon *daemon, struct reply *reply)
{
	bool origin = request_has(&reply->request, "--origin");

	if (reply->request.count > 0 && !origin) {
		reply_fail(reply, "\"%s\" is no option of config (allowed: --origin)", reply->request.arg[0]);
		return;
	}
	for (int id = 0; reply->state.cursor == 0 && id < OPTION_COUNT; id++)
		reply_object(reply, option_object(daemon, 0, (enum option_id)id, origin));
	for (; reply->state.cursor < daemon->services.count; reply->state.cursor++) {
		if (reply_free(reply) < SERVICE_MOST)
			return; /* the next call goes on */
		write_service(daemon, reply, reply->state.cursor + 1, origin);
	}
	reply_done(reply);
}
