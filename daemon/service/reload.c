/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "config/ban_file.h"
#include "report/logfmt.h"
#include "service/daemon.h"
#include "service/notify.h"

#define FIRST_ERROR_SIZE 100 /* of the first error in config-rejected; the whole one is logged besides */

bool service_load(const struct service_source *source, struct settings *settings, struct services *services,
		  struct config_errors *errors)
{
	if (source->path != NULL)
		return config_load(settings, services, source->path, source->sets, source->set_count, errors) == 0;
	int result = config_load(settings, services, CONFIG_DEFAULT_PATH, source->sets, source->set_count, errors);
	if (result != -ENOENT)
		return result == 0;
	config_errors_fini(errors);
	*errors = (struct config_errors){ 0 };
	return config_load(settings, services, NULL, source->sets, source->set_count, errors) == 0;
}

static bool challenges(const struct settings *settings, const struct option_info *option)
{
	return option->type == OPTION_TYPE_CHOICE && choice_find(option->choices, "challenge") == LIMIT_CHALLENGE &&
	       *(const int *)(const void *)((const char *)settings + option->offset) == LIMIT_CHALLENGE;
}

const char *service_mute_advice(const struct settings *settings, const struct services *services)
{
	for (unsigned number = 0; number <= services->count && !settings->policy_inject; number++)
		for (int i = 0; i < OPTION_COUNT; i++)
			if (challenges(services_settings(services, settings, number), &option_table[i]))
				return "a limit challenges but nothing may be sent, so every SYN of an unproven "
				       "source that it meets is dropped, again and again: set policy.inject = true, "
				       "or the action to \"first-syn\"";
	return NULL;
}

static void reject(struct daemon *daemon, const struct config_errors *errors)
{
	struct text keys;
	char data[sizeof((struct notice_record *)0)->text];
	char first[FIRST_ERROR_SIZE] = "";

	for (size_t i = 0; i < errors->count; i++)
		reporter_say(daemon->reporter, SEVERITY_ERR, "%s", errors->line[i]);
	if (errors->count > 0)
		strncpy(first, errors->line[0], sizeof first - 1);
	text_init(&keys, data, sizeof data);
	text_fmt(&keys, "errors=%zu first=", errors->count);
	logfmt_value(&keys, first);
	daemon_tell(daemon, EVENT_CONFIG_REJECTED, data);
}

/* restart_needed=PATH,PATH, or ""; where not all fit, the number of the others: PATH,+2 */
static void restart_keys(struct text *keys, const struct settings *old, const struct settings *loaded)
{
	enum option_id changed[OPTION_COUNT];
	size_t count = config_restart_needed(old, loaded, changed), i = 0;
	const size_t room = keys->size - sizeof "restart_needed=,+999";

	for (; i < count && keys->len + strlen(option_table[changed[i]].path) < room; i++)
		text_fmt(keys, "%s%s", i == 0 ? "restart_needed=" : ",", option_table[changed[i]].path);
	if (i < count)
		text_fmt(keys, ",+%zu", count - i);
}

void reload_hand_over(struct daemon *daemon)
{
	services_inherit(&daemon->services, &daemon->settings);
	for (unsigned i = 0; i < daemon->count; i++) {
		struct mailbox *box = worker_mailbox(daemon->lane[i].worker);
		struct mail *mail = mailbox_begin(box, MAIL_WAIT_MS);
		if (mail == NULL) {
			reporter_say(daemon->reporter, SEVERITY_ERR,
				     "the worker of queue %u does not answer: it keeps its old settings",
				     (unsigned)daemon->settings.queue_number + i);
			continue;
		}
		mail->kind = MAIL_SETTINGS;
		mail->settings = daemon->settings;
		mail->services = daemon->services;
		mailbox_post(box);
	}
	for (unsigned i = 0; i < daemon->count; i++)
		mailbox_wait(worker_mailbox(daemon->lane[i].worker), MAIL_WAIT_MS);
	reporter_reload(daemon->reporter, &daemon->settings, &daemon->services);
	daemon->look_ns = 0; /* the service manager's line names the mode */
}

/* It was good when the settings were checked; between then and now it may have gone. */
static void read_bans(struct daemon *daemon)
{
	if (!ban_file_apply(&daemon->settings, limits_ban(daemon->limits)))
		reporter_say(daemon->reporter, SEVERITY_ERR,
			     "syn_flood.ban_file: %s cannot be read: the bans of before stay",
			     daemon->settings.syn_flood_ban_file);
}

bool reload_run(struct daemon *daemon, struct config_errors *errors, char restart[RESTART_KEYS_SIZE])
{
	struct settings loaded;
	struct services services;
	struct text keys;

	notify_reloading();
	text_init(&keys, restart, RESTART_KEYS_SIZE);
	bool good = service_load(daemon->source, &loaded, &services, errors);
	if (good) {
		restart_keys(&keys, &daemon->settings, &loaded);
		config_merge_reload(&daemon->settings, &loaded, &daemon->settings);
		daemon->services = services;
		read_bans(daemon);
		reload_hand_over(daemon);
		daemon_tell(daemon, EVENT_CONFIG_RELOADED, restart);
		if (service_mute_advice(&daemon->settings, &daemon->services) != NULL)
			reporter_say(daemon->reporter, SEVERITY_WARNING, "%s",
				     service_mute_advice(&daemon->settings, &daemon->services));
	} else {
		reporter_reload(daemon->reporter, &daemon->settings, &daemon->services);
		reject(daemon, errors);
	}
	notify_ready();
	return good;
}
