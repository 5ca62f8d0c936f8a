/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs about settings: what is in effect, and changes that last until the next reload. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "config/describe.h"
#include "service/verbs.h"

#define VALUE_SIZE 8192 /* of the longest list */

static const char *const origins[] = {
	[ORIGIN_DEFAULT] = "default",
	[ORIGIN_FILE] = "file",
	[ORIGIN_COMMAND_LINE] = "command line",
	[ORIGIN_CONTROL] = "tcpwardenctl",
};

static json_t *option_object(const struct settings *settings, enum option_id id, bool origin)
{
	const struct option_info *option = &option_table[id];
	char value_data[VALUE_SIZE], allowed_data[512], default_data[512];
	struct text value, allowed, def;

	text_init(&value, value_data, sizeof value_data);
	describe_value(&value, option, settings);
	if (!origin)
		return json_pack("{s:s,s:s}", "option", option->path, "value", value_data);
	text_init(&allowed, allowed_data, sizeof allowed_data);
	describe_allowed(&allowed, option);
	text_init(&def, default_data, sizeof default_data);
	describe_default(&def, option);
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "option", option->path, "value", value_data,
			 "origin", origins[settings->origin[id]], "unit", option_unit_word(option->unit),
			 "allowed", allowed_data, "default", default_data, "change",
			 option->when == OPTION_START ? "restart" : "reload");
}

void verb_config(struct daemon *daemon, struct reply *reply)
{
	bool origin = request_has(&reply->request, "--origin");

	if (reply->request.count > 0 && !origin) {
		reply_fail(reply, "\"%s\" is no option of config (allowed: --origin)", reply->request.arg[0]);
		return;
	}
	for (int i = 0; i < OPTION_COUNT; i++)
		reply_object(reply, option_object(&daemon->settings, (enum option_id)i, origin));
	reply_done(reply);
}

/* Sets a choice and hands the settings to whoever uses them. False: the answer has failed. */
static bool switch_choice(struct daemon *daemon, struct reply *reply, const char *path, const char *value)
{
	char error[REQUEST_ERROR_SIZE];

	if (!config_set(&daemon->settings, path, value, error, sizeof error)) {
		reply_fail(reply, "%s", error);
		return false;
	}
	daemon->settings.origin[option_find(path)] = ORIGIN_CONTROL;
	reload_hand_over(daemon);
	reply_object(reply, json_pack("{s:s,s:s}", "option", path, "value", value));
	reply_done(reply);
	return true;
}

void verb_mode(struct daemon *daemon, struct reply *reply)
{
	char keys[64];

	if (!switch_choice(daemon, reply, "policy.mode", reply->request.arg[0]))
		return;
	snprintf(keys, sizeof keys, "mode=%.16s", reply->request.arg[0]);
	daemon_tell(daemon, EVENT_CONFIG_RELOADED, keys);
}

void verb_log(struct daemon *daemon, struct reply *reply)
{
	const struct request *request = &reply->request;

	if (strcmp(request->arg[0], "level") == 0 && request->count == 2) {
		switch_choice(daemon, reply, "log.level", request->arg[1]);
	} else if (strcmp(request->arg[0], "reopen") == 0 && request->count == 1) {
		reporter_reload(daemon->reporter, &daemon->settings, &daemon->services);
		reply_done(reply);
	} else {
		reply_fail(reply, "usage: tcpwardenctl log %s", command_table[COMMAND_LOG].arguments);
	}
}

static void fail_with(struct reply *reply, const struct config_errors *errors)
{
	char data[4096];
	struct text text;

	text_init(&text, data, sizeof data);
	text_str(&text, "the old settings stay:");
	for (size_t i = 0; i < errors->count; i++)
		text_fmt(&text, "\n%s", errors->line[i]);
	reply_fail(reply, "%s", data);
}

void verb_reload(struct daemon *daemon, struct reply *reply)
{
	struct config_errors errors = { 0 };
	char restart[RESTART_KEYS_SIZE];

	if (reload_run(daemon, &errors, restart)) {
		if (restart[0] != '\0')
			reply_object(reply, json_pack("{s:s}", "restart_needed", strchr(restart, '=') + 1));
		reply_done(reply);
	} else {
		fail_with(reply, &errors);
	}
	config_errors_fini(&errors);
}
