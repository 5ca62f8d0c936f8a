/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/why.h"

#include <string.h>

#include "base/text.h"
#include "config/describe.h"
#include "control/cause.h"
#include "packet/packet.h"
#include "report/address.h"
#include "report/event_service.h"
#include "report/flow_id.h"

#define TEXT_SIZE 2048

static const struct {
	const char *what; /* in the JSON form */
	const char *said; /* of a segment, before the number */
} alloweds[] = {
	[ALLOWED_NOTHING] = { NULL, "" },
	[ALLOWED_SEQ] = { "seq", "began at sequence number" },
	[ALLOWED_ACK] = { "ack", "acknowledged" },
	[ALLOWED_NEXT] = { "next", "ended before sequence number" },
	[ALLOWED_TS] = { "ts", "" },
	[ALLOWED_RATE] = { "rate", "" },
};

/* Reasons that more than one rule gives, by the segment. */
static const struct {
	enum reason reason;
	uint16_t mask, flags; /* of the segment */
	const char *rule, *setting;
} special[] = {
	{ REASON_NO_FLOW, TCP_SYN | TCP_ACK, TCP_SYN | TCP_ACK, "H-2", "tracking.pickup" },
	{ REASON_NO_FLOW, TCP_RST, TCP_RST, "H-5", "policy.unknown_rst" },
	{ REASON_NO_FLOW, TCP_FIN, TCP_FIN, "H-5", "-" },
	{ REASON_WRONG_DIRECTION, TCP_SYN | TCP_ACK, TCP_SYN | TCP_ACK, "H-12", "-" },
	{ REASON_NO_SYNACK, TCP_FIN, TCP_FIN, "H-15", "tracking.async" },
};

static void find_rule(const struct drop_record *drop, const char **rule, const char **setting)
{
	const struct reason_info *reason = &reason_table[drop->reason];

	*rule = reason->rule;
	*setting = reason->setting;
	for (size_t i = 0; drop->has_segment && i < sizeof special / sizeof special[0]; i++)
		if (special[i].reason == drop->reason &&
		    (drop->flags & special[i].mask) == special[i].flags) {
			*rule = special[i].rule;
			*setting = special[i].setting;
			return;
		}
}

/* What to set an option to so that such a segment passes, as libconfig writes it. */
static void passing_value(struct text *out, const struct option_info *option, const struct drop_record *drop)
{
	static const char *const words[] = { "accept", "liberal", "log", "on" };
	bool synack = (drop->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);

	if (option == &option_table[OPTION_tracking_pickup]) {
		text_str(out, synack ? "\"observe\"" : "\"on\"");
		return;
	}
	if (option->type == OPTION_TYPE_BOOL) {
		text_str(out, "true");
		return;
	}
	for (size_t i = 0; option->type == OPTION_TYPE_CHOICE && i < sizeof words / sizeof words[0]; i++)
		if (choice_find(option->choices, words[i]) >= 0) {
			text_fmt(out, "\"%s\"", words[i]);
			return;
		}
	text_str(out, option->least == 0 ? "a higher value, or 0" : "a higher value");
}

/* path: how the operator finds the option in the file. */
static void say_setting(struct text *out, int option, const char *path, const struct drop_record *drop,
			const struct settings *settings)
{
	if (option < 0) {
		text_str(out, " No setting passes such a segment.");
		return;
	}
	text_fmt(out, " %s = ", path);
	passing_value(out, &option_table[option], drop);
	text_str(out, " would have passed it; now it is ");
	describe_value(out, &option_table[option], settings);
	text_char(out, '.');
}

static void say_bound(struct text *out, const struct drop_record *drop)
{
	uint32_t value, distance;
	bool above;

	if (drop->allowed == ALLOWED_RATE) {
		text_fmt(out, " More than %lu a second came.", (unsigned long)drop->allowed_high);
		return;
	}
	if (drop->allowed == ALLOWED_TS) {
		text_fmt(out, " Its timestamp is older than %lu.", (unsigned long)drop->allowed_low);
		return;
	}
	if (!cause_distance(drop, &value, &distance, &above))
		return;
	text_fmt(out, " It %s %lu; %lu to %lu was allowed: it is %lu too %s.", alloweds[drop->allowed].said,
		 (unsigned long)value, (unsigned long)drop->allowed_low, (unsigned long)drop->allowed_high,
		 (unsigned long)distance, above ? "high" : "low");
}

static void say_segment(struct text *out, const struct drop_record *drop)
{
	char flags[9];

	if (!drop->has_segment) {
		text_str(out, "A packet");
	} else {
		packet_flags_word(drop->flags, flags);
		text_fmt(out, "A segment %s, seq %lu", flags, (unsigned long)drop->seq);
		if (drop->has_ack)
			text_fmt(out, ", ack %lu", (unsigned long)drop->ack);
		text_fmt(out, ", %lu bytes", (unsigned long)drop->len);
	}
	if (drop->dir != SIDE_NONE)
		text_fmt(out, ", from the %s", side_word((enum side)drop->dir));
	if (drop->phase < PHASE_COUNT)
		text_fmt(out, ", in %s", phase_word((enum phase)drop->phase));
	text_str(out, drop->monitor ? ", would have been dropped: " : ", was dropped: ");
}

static void say_all(struct text *out, const struct drop_record *drop, const char *rule, int option, const char *path,
		    const struct settings *settings)
{
	enum cause cause = cause_of_drop(drop, settings);

	say_segment(out, drop);
	text_fmt(out, "%s, %s. Rule %s: %s.", reason_word((enum reason)drop->reason),
		 reason_table[drop->reason].help, rule,
		 rule_find(rule) >= 0 ? rule_table[rule_find(rule)].help : "-");
	say_bound(out, drop);
	say_setting(out, option, path, drop, settings);
	if (cause != CAUSE_NONE)
		text_fmt(out, " Likely cause: %s.", cause_table[cause].help);
}

static void put(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static void put_number_if(json_t *object, const char *key, bool known, uint32_t number)
{
	put(object, key, known ? json_integer(number) : json_null());
}

static void put_address(json_t *object, const char *key, const uint8_t address[16], bool known)
{
	char data[ADDRESS_SIZE];
	struct text text;

	text_init(&text, data, sizeof data);
	address_text(&text, address);
	put(object, key, known ? json_string(data) : json_null());
}

static void put_flow(json_t *object, const struct drop_record *drop)
{
	char id[FLOW_ID_SIZE];
	bool known = drop->at.family != 0;

	flow_id_text(drop->flow, id);
	put(object, "flow", drop->flow != 0 ? json_string(id) : json_null());
	put_address(object, "client", drop->at.client, known);
	put_number_if(object, "client_port", known, drop->at.client_port);
	put_address(object, "server", drop->at.server, known);
	put_number_if(object, "server_port", known, drop->at.server_port);
	put(object, "dir",
	    drop->dir != SIDE_NONE ? json_string(drop->dir == SIDE_CLIENT ? ">" : "<") : json_null());
	put(object, "phase",
	    drop->phase < PHASE_COUNT ? json_string(phase_word((enum phase)drop->phase)) : json_null());
}

static void put_numbers(json_t *object, const struct drop_record *drop)
{
	char flags[9];
	uint32_t value = 0, distance = 0;
	bool above = false, off = cause_distance(drop, &value, &distance, &above);

	packet_flags_word(drop->flags, flags);
	put(object, "flags", drop->has_segment ? json_string(flags) : json_null());
	put_number_if(object, "seq", drop->has_segment, drop->seq);
	put_number_if(object, "ack", drop->has_segment && drop->has_ack, drop->ack);
	put_number_if(object, "len", drop->has_segment, drop->len);
	put(object, "allowed",
	    drop->allowed != ALLOWED_NOTHING ? json_string(alloweds[drop->allowed].what) : json_null());
	put_number_if(object, "allowed_low", drop->allowed != ALLOWED_NOTHING, drop->allowed_low);
	put_number_if(object, "allowed_high", drop->allowed != ALLOWED_NOTHING, drop->allowed_high);
	put(object, "off",
	    off ? json_integer(above ? (json_int_t)distance : -(json_int_t)distance) : json_null());
}

json_t *why_object(const struct drop_record *drop, const struct settings *settings, const struct services *services,
		   int64_t wall_ns)
{
	unsigned service = drop_service(services, drop);
	const struct settings *of = service == 0 ? settings : services_settings(services, settings, service);
	enum cause cause = cause_of_drop(drop, of);
	json_t *object = json_object();
	const char *rule, *setting;
	char data[TEXT_SIZE], path[SETTING_PATH_SIZE] = "";
	struct text text;

	find_rule(drop, &rule, &setting);
	int option = service_option(services, service, setting);
	text_init(&text, path, sizeof path);
	if (option >= 0)
		service_option_path(&text, services, service, (enum option_id)option);
	put(object, "ts", json_real((double)(wall_ns / 1000) / 1e6));
	put_flow(object, drop);
	put(object, "verdict", json_string(drop->monitor ? "would-drop" : "drop"));
	put(object, "reason", json_string(reason_word((enum reason)drop->reason)));
	put(object, "rule", json_string(rule));
	put_numbers(object, drop);
	put(object, "setting", option >= 0 ? json_string(path) : json_null());
	put(object, "cause", cause != CAUSE_NONE ? json_string(cause_table[cause].word) : json_null());
	text_init(&text, data, sizeof data);
	say_all(&text, drop, rule, option, path, of);
	put(object, "text", json_string(data));
	return object;
}
