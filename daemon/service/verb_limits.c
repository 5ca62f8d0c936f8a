/* SPDX-License-Identifier: GPL-2.0-or-later */
/* limits: what they hold and how often they were met, then the bans; ban and unban. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/describe.h"
#include "config/prefix.h"
#include "config/quantity.h"
#include "policy/ban.h"
#include "report/address.h"
#include "service/clock.h"
#include "service/verbs.h"

#define BAN_MOST_S 31536000 /* a year */

static const char *const causes[] = {
	[BAN_OVERLOAD] = "overload",
	[BAN_OPERATOR] = "operator",
	[BAN_FILE] = "file",
};

static json_t *limit_object(const struct daemon *daemon, const struct engine_stats *stats, enum reason reason)
{
	const struct reason_info *info = &reason_table[reason];
	int option = option_find(info->setting);
	char data[SETTING_STRING_SIZE];
	struct text value;

	text_init(&value, data, sizeof data);
	if (option >= 0)
		describe_value(&value, &option_table[option], &daemon->settings);
	return json_pack("{s:s,s:s,s:o,s:I,s:I,s:s}", "limit", info->word, "setting", info->setting, "value",
			 verbs_value(&value), "dropped", (json_int_t)stats->reason_dropped[reason], "would_drop",
			 (json_int_t)stats->reason_would_drop[reason], "meaning", info->help);
}

static void prefix_word(struct text *out, const struct prefix *prefix)
{
	address_prefix_text(out, prefix->address, prefix->bits);
}

static json_t *ban_object(const struct ban_entry *entry, uint64_t now_ns)
{
	char data[ADDRESS_PORT_SIZE];
	struct text text;
	json_t *left = json_null();

	if (entry->until_ns != BAN_FOREVER)
		left = json_integer(
			(json_int_t)((entry->until_ns - min_u64(now_ns, entry->until_ns)) / NS_PER_S));
	text_init(&text, data, sizeof data);
	prefix_word(&text, &entry->prefix);
	return json_pack("{s:s,s:s,s:o}", "ban", data, "cause", causes[entry->cause], "left_s", left);
}

/* The answer to the first call: all limits, and how full the tables are. */
static void answer_limits(struct daemon *daemon, struct reply *reply)
{
	struct metrics metrics;
	struct ban *ban = limits_ban(daemon->limits);

	daemon_collect(daemon, &metrics);
	for (int i = 0; i < REASON_COUNT; i++)
		if (reason_table[i].class == REASON_CLASS_LIMIT && i != REASON_INTERNAL_ERROR)
			reply_object(reply, limit_object(daemon, &metrics.stats, (enum reason)i));
	reply_object(reply, json_pack("{s:I,s:I,s:I,s:b,s:I,s:I}", "half_open", (json_int_t)metrics.half_open,
				      "flows", (json_int_t)metrics.stats.flows, "flows_max",
				      (json_int_t)metrics.flows_max, "flood", (int)metrics.flood, "bans",
				      (json_int_t)ban_count(ban), "bans_max", (json_int_t)ban_most(ban)));
}

/* The bans as many calls as it takes; the worker of the state counts the calls. */
void verb_limits(struct daemon *daemon, struct reply *reply)
{
	uint64_t now_ns = clock_monotonic_ns();
	struct ban_entry entry;

	if (reply->state.worker++ == 0)
		answer_limits(daemon, reply);
	for (int i = 0; i < 1000; i++) {
		if (!ban_walk(limits_ban(daemon->limits), &reply->state.cursor, &entry)) {
			reply_done(reply);
			return;
		}
		if (entry.until_ns > now_ns)
			reply_object(reply, ban_object(&entry, now_ns));
	}
}

/* False: the answer has failed. */
static bool read_prefix(struct reply *reply, struct prefix *prefix)
{
	const char *wrong = prefix_parse(reply->request.arg[0], prefix);

	if (wrong != NULL) {
		reply_fail(reply, "\"%s\" %s", reply->request.arg[0], wrong);
		return false;
	}
	return true;
}

/* Seconds, 0: for ever. False: the answer has failed. */
static bool read_time(struct reply *reply, int64_t *seconds)
{
	const char *text = reply->request.arg[1];
	size_t digits = strspn(text, "0123456789");

	*seconds = 0;
	if (reply->request.count < 2)
		return true;
	if (digits > 0 && digits < 10 && text[digits] == '\0')
		*seconds = strtoll(text, NULL, 10);
	else if (quantity_parse(text, UNIT_SECONDS, seconds) != NULL)
		*seconds = 0;
	if (*seconds > 0 && *seconds <= BAN_MOST_S)
		return true;
	reply_fail(reply, "\"%s\" is no time of up to a year (90, 90s, 5m, 2h)", text);
	return false;
}

static void tell(struct daemon *daemon, enum event_kind kind, const struct prefix *prefix, int64_t seconds)
{
	struct event event = { .kind = kind, .now_ns = clock_monotonic_ns() };

	event.notice.reason = REASON_NONE;
	event.notice.prefix_bits = prefix->bits;
	memcpy(event.notice.prefix, prefix->address, 16);
	event.notice.count = (uint64_t)seconds;
	daemon_tell_event(daemon, &event);
}

void verb_ban(struct daemon *daemon, struct reply *reply)
{
	struct ban_entry entry = { .cause = BAN_OPERATOR, .until_ns = BAN_FOREVER };
	int64_t seconds;

	if (!read_prefix(reply, &entry.prefix) || !read_time(reply, &seconds))
		return;
	if (seconds > 0)
		entry.until_ns = clock_monotonic_ns() + (uint64_t)seconds * NS_PER_S;
	if (ban_add(limits_ban(daemon->limits), &entry) == BAN_FULL) {
		reply_fail(reply, "the ban table is full: raise syn_flood.ban_entries");
		return;
	}
	tell(daemon, EVENT_SOURCE_BANNED, &entry.prefix, seconds);
	reply_object(reply, ban_object(&entry, clock_monotonic_ns()));
	reply_done(reply);
}

void verb_unban(struct daemon *daemon, struct reply *reply)
{
	struct prefix prefix;

	if (!read_prefix(reply, &prefix))
		return;
	if (!ban_remove(limits_ban(daemon->limits), &prefix)) {
		reply_fail(reply, "%s is not in the ban table: see tcpwardenctl limits",
			   reply->request.arg[0]);
		return;
	}
	tell(daemon, EVENT_SOURCE_RELEASED, &prefix, 0);
	reply_done(reply);
}
