/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "config/context.h"

/* Pairs of numbers of which the first must be less than the second, or at most the second. */
static const struct order {
	enum option_id less, more;
	bool equal; /* may be equal */
} orders[] = {
	{ OPTION_syn_flood_stop_percent, OPTION_syn_flood_start_percent, false },
	{ OPTION_syn_flood_first_syn_min, OPTION_syn_flood_first_syn_max, true },
	{ OPTION_tracking_adaptive_start, OPTION_tracking_adaptive_end, false },
};

/* The files that options name. */
static const enum option_id paths[] = {
	OPTION_syn_flood_ban_file, OPTION_control_socket, OPTION_drop_capture_path,
};

static int64_t number(const struct config_context *context, enum option_id id)
{
	return *(const int64_t *)(const void *)((const char *)context->settings + option_table[id].offset);
}

/* The error stands where `id` was set, or else where `other` was: one of the two is not the default. */
static void complain(struct config_context *context, enum option_id id, enum option_id other,
		     const char *what)
{
	bool set = context->service != NULL ? context->own[id] : context->settings->origin[id] != ORIGIN_DEFAULT;
	enum option_id at = set ? id : other;
	char path_text[128];
	struct text path;

	text_init(&path, path_text, sizeof path_text);
	config_option_path(context, id, &path);
	context->origin = context->settings->origin[at];
	config_complain(context, context->at[at], path_text, "%s", what);
}

static void check_order(struct config_context *context, const struct order *order)
{
	int64_t less = number(context, order->less), more = number(context, order->more);
	char what[160];

	if (context->failed[order->less] || context->failed[order->more])
		return;
	if (context->service != NULL && !context->own[order->less] && !context->own[order->more])
		return; /* told of the global settings */
	if (less < more || (order->equal && less == more))
		return;
	snprintf(what, sizeof what, "%" PRId64 " does not go with %s = %" PRId64 " (allowed: %s %s)", less,
		 option_table[order->more].path, more, order->equal ? "at most" : "less than",
		 option_table[order->more].path);
	complain(context, order->less, order->more, what);
}

static void check_queues(struct config_context *context)
{
	const struct settings *s = context->settings;
	char what[160];

	if (context->failed[OPTION_queue_number] || context->failed[OPTION_queue_count])
		return;
	if (s->queue_number + s->queue_count > 65536) {
		snprintf(what, sizeof what,
			 "%" PRId64 " queues from number %" PRId64
			 " on pass the last one (allowed: up to 65535)",
			 s->queue_count, s->queue_number);
		complain(context, OPTION_queue_number, OPTION_queue_count, what);
	}
	if (context->failed[OPTION_queue_cpus] || s->queue_cpus.count == 0)
		return;
	if (s->queue_cpus.count != s->queue_count) {
		snprintf(what, sizeof what,
			 "names %u for queue.count = %" PRId64 " (allowed: none, or one for each queue)",
			 s->queue_cpus.count, s->queue_count);
		complain(context, OPTION_queue_cpus, OPTION_queue_count, what);
	}
}

static void check_log_target(struct config_context *context)
{
	static const char *const words[] = { "", "syslog", "journal", "stdout" };
	const char *target = context->settings->log_target;
	char what[SETTING_STRING_SIZE + 80];

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(target, words[i]) == 0)
			return;
	if (strncmp(target, "file:/", 6) == 0)
		return;
	snprintf(what, sizeof what, "\"%s\" is no target (allowed: \"\", syslog, journal, stdout, file:/PATH)", target);
	complain(context, OPTION_log_target, OPTION_log_target, what);
}

/* The daemon runs in / under systemd, elsewhere wherever somebody stood: a relative path would name two files. */
static void check_path(struct config_context *context, enum option_id id)
{
	const char *path = (const char *)context->settings + option_table[id].offset;
	char what[SETTING_STRING_SIZE + 80];

	if (path[0] == '\0' || path[0] == '/')
		return;
	snprintf(what, sizeof what, "\"%s\" is no absolute path (allowed: /PATH, or \"\" for none)", path);
	complain(context, id, id, what);
	context->failed[id] = true; /* nobody opens it */
}

void config_check_orders(struct config_context *context)
{
	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
		check_order(context, &orders[i]);
}

void config_check_relations(struct config_context *context)
{
	config_check_orders(context);
	check_queues(context);
	check_log_target(context);
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		check_path(context, paths[i]);
}
