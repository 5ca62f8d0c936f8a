/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/why.h"

#include "base/text.h"
#include "config/describe.h"
#include "control/cause.h"
#include "control/remedy.h"
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

static void say_remedy(struct text *out, const struct remedy *remedy, const struct settings *settings)
{
	if (remedy->option == NULL) {
		text_fmt(out, " %s", remedy->instead != NULL ? remedy->instead : "No setting passes such a packet.");
		return;
	}
	text_fmt(out, " %s = ", remedy->path);
	if (remedy->higher)
		text_fmt(out, "a higher value, at most %s,", remedy->value);
	else
		text_fmt(out, "%s%s", remedy->or_zero ? "a higher value, or " : "", remedy->value);
	if (remedy->also[0] != '\0')
		text_fmt(out, " together with %s", remedy->also);
	text_str(out, " would have passed it; now it is ");
	describe_value(out, remedy->option, settings);
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

static void say_all(struct text *out, const struct drop_record *drop, const struct remedy *remedy,
		    const struct settings *settings)
{
	enum cause cause = cause_of_drop(drop, settings);
	int rule = rule_find(remedy->rule);

	say_segment(out, drop);
	text_fmt(out, "%s, %s. Rule %s: %s.", reason_word((enum reason)drop->reason),
		 reason_table[drop->reason].help, remedy->rule, rule >= 0 ? rule_table[rule].help : "-");
	say_bound(out, drop);
	say_remedy(out, remedy, settings);
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

static void put_remedy(json_t *object, const struct remedy *remedy)
{
	bool known = remedy->option != NULL;

	put(object, "setting", known ? json_string(remedy->path) : json_null());
	put(object, "value", known ? json_string(remedy->value) : json_null());
	put(object, "also", remedy->also[0] != '\0' ? json_string(remedy->also) : json_null());
}

json_t *why_object(const struct drop_record *drop, const struct settings *settings, const struct services *services,
		   int64_t wall_ns)
{
	unsigned service = drop_service(services, drop);
	const struct settings *of = service == 0 ? settings : services_settings(services, settings, service);
	enum cause cause = cause_of_drop(drop, of);
	json_t *object = json_object();
	char data[TEXT_SIZE];
	struct remedy remedy;
	struct text text;

	remedy_of_drop(drop, of, services, service, &remedy);
	put(object, "ts", json_real((double)(wall_ns / 1000) / 1e6));
	put_flow(object, drop);
	put(object, "verdict", json_string(drop->monitor ? "would-drop" : "drop"));
	put(object, "reason", json_string(reason_word((enum reason)drop->reason)));
	put(object, "rule", json_string(remedy.rule));
	put_numbers(object, drop);
	put_remedy(object, &remedy);
	put(object, "cause", cause != CAUSE_NONE ? json_string(cause_table[cause].word) : json_null());
	text_init(&text, data, sizeof data);
	say_all(&text, drop, &remedy, of);
	put(object, "text", json_string(data));
	return object;
}
