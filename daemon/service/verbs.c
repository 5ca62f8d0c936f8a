/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/verbs.h"

#include <string.h>

typedef void verb_function(struct daemon *daemon, struct reply *reply);

static verb_function *const verbs[COMMAND_COUNT] = {
	[COMMAND_STATUS] = verb_status, [COMMAND_FLOWS] = verb_flows,   [COMMAND_CONFIG] = verb_config,
	[COMMAND_FLOW] = verb_flow,     [COMMAND_WATCH] = verb_watch,   [COMMAND_LIMITS] = verb_limits,
	[COMMAND_BAN] = verb_ban,       [COMMAND_UNBAN] = verb_unban,   [COMMAND_RECHECK] = verb_recheck,
	[COMMAND_WHY] = verb_why,       [COMMAND_DROPS] = verb_drops,   [COMMAND_METRICS] = verb_metrics,
	[COMMAND_MODE] = verb_mode,     [COMMAND_RELOAD] = verb_reload, [COMMAND_LOG] = verb_log,
	[COMMAND_KILL] = verb_kill,     [COMMAND_FLUSH] = verb_flush,   [COMMAND_TOP] = verb_top,
};

bool verbs_without_options(struct reply *reply)
{
	for (unsigned i = 0; i < reply->request.count; i++) {
		if (strncmp(reply->request.arg[i], "--", 2) != 0)
			continue;
		reply_fail(reply, "\"%s\": this verb takes filters only", reply->request.arg[i]);
		return false;
	}
	return true;
}

void verbs_finish(const struct daemon *daemon, struct reply *reply, unsigned silent)
{
	if (silent == 0)
		reply_done(reply);
	else
		reply_fail(reply, "%u of %u workers did not answer: what they know is missing", silent,
			   daemon->count);
}

/* libconfig and JSON write values alike, but for the parentheses around a list. */
json_t *verbs_value(struct text *value)
{
	json_t *json;

	if (value->len > 0 && value->data[0] == '(') {
		value->data[0] = '[';
		value->data[value->len - 1] = ']';
	}
	json = json_loadb(value->data, value->len, JSON_DECODE_ANY, NULL);
	return json != NULL ? json : json_null();
}

void verbs_more(void *daemon, struct reply *reply)
{
	verbs[reply->request.command](daemon, reply);
}
