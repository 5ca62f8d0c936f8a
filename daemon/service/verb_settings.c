/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs that change settings: until the next reload, or by one. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "service/verbs.h"

/* Sets a choice and hands the settings to whoever uses them. False: the answer has failed. */
static bool switch_choice(struct daemon *daemon, struct reply *reply, const char *path, const char *value)
{
	char error[REQUEST_ERROR_SIZE];

	if (!config_set(&daemon->settings, &daemon->services, path, value, error, sizeof error)) {
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
	char error[REQUEST_ERROR_SIZE];

	if (strcmp(request->arg[0], "level") == 0 && request->count == 2) {
		switch_choice(daemon, reply, "log.level", request->arg[1]);
	} else if (strcmp(request->arg[0], "reopen") == 0 && request->count == 1) {
		reporter_reload(daemon->reporter, &daemon->settings, &daemon->services);
		if (reporter_reloaded(daemon->reporter, MAIL_WAIT_MS, error, sizeof error))
			reply_done(reply);
		else
			reply_fail(reply, "%s", error);
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
