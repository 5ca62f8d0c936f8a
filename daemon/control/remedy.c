/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/remedy.h"

#include <string.h>

#include "base/text.h"
#include "packet/packet.h"

#define NOTHING "-" /* no setting */

static bool has_flags(const struct drop_record *drop, uint16_t mask, uint16_t flags)
{
	return drop->has_segment && (drop->flags & mask) == flags;
}

static bool is_synack(const struct drop_record *drop, const struct settings *settings)
{
	(void)settings;
	return has_flags(drop, TCP_SYN | TCP_ACK | TCP_RST, TCP_SYN | TCP_ACK);
}

static bool is_rst(const struct drop_record *drop, const struct settings *settings)
{
	(void)settings;
	return has_flags(drop, TCP_RST, TCP_RST);
}

/* A FIN, or flags without any that a TCP sets: neither begins anything. */
static bool is_no_beginning(const struct drop_record *drop, const struct settings *settings)
{
	(void)settings;
	return has_flags(drop, TCP_FIN, TCP_FIN) || has_flags(drop, TCP_SYN | TCP_ACK, 0);
}

/* M-9 is all that stands against picking it up. */
static bool is_strict_alone(const struct drop_record *drop, const struct settings *settings)
{
	int pickup = settings->tracking_pickup;

	if (settings->tracking_window != WINDOW_STRICT)
		return false;
	return is_synack(drop, settings) ? pickup == PICKUP_OBSERVE
					 : pickup == PICKUP_ON || pickup == PICKUP_OBSERVE;
}

/* tracking.async opens a connection by what its client says, as long as nothing else is known of it. */
static bool is_not_one_sided(const struct drop_record *drop, const struct settings *settings)
{
	(void)settings;
	return drop->dir != SIDE_CLIENT || drop->phase != PHASE_SYN_SENT || !drop->has_ack;
}

static bool is_half_open(const struct drop_record *drop, const struct settings *settings)
{
	(void)settings;
	return drop->phase == PHASE_SYN_RECV;
}

static bool is_open(const struct drop_record *drop, const struct settings *settings)
{
	(void)settings;
	return drop->phase >= PHASE_ESTABLISHED && drop->phase < PHASE_COUNT;
}

static bool is_crossed(const struct drop_record *drop, const struct settings *settings)
{
	(void)settings;
	return drop->phase == PHASE_SYN_SENT2;
}

static bool is_over_rate(const struct drop_record *drop, const struct settings *settings)
{
	(void)settings;
	return drop->allowed == ALLOWED_RATE;
}

static bool is_by_its_start(const struct drop_record *drop, const struct settings *settings)
{
	(void)settings;
	return drop->allowed == ALLOWED_SEQ;
}

static bool is_no_segment(const struct drop_record *drop, const struct settings *settings)
{
	(void)settings;
	return !drop->has_segment;
}

static bool is_of_no_flow(const struct drop_record *drop, const struct settings *settings)
{
	(void)settings;
	return drop->flow == 0;
}

static bool is_network_rate(const struct drop_record *drop, const struct settings *settings)
{
	(void)drop;
	return settings->syn_flood_source_rate == 0;
}

/* K-9: who begins with an ACK is picked up, and a pickup that may not be is dropped only where pickup is on. */
static bool is_pickup(const struct drop_record *drop, const struct settings *settings)
{
	return settings->tracking_pickup == PICKUP_ON && has_flags(drop, TCP_SYN | TCP_ACK, TCP_ACK);
}

/* Where the chief rule and setting of a reason are not those of the packet; the first row that holds counts. */
static const struct special {
	enum reason reason;
	bool (*holds)(const struct drop_record *drop, const struct settings *settings);
	const char *rule, *setting;
} specials[] = {
	{ REASON_FRAGMENT, is_no_segment, "P-9", NOTHING },
	{ REASON_NO_FLOW, is_rst, "H-5", "policy.unknown_rst" },
	{ REASON_NO_FLOW, is_no_beginning, "H-5", NOTHING },
	{ REASON_NO_FLOW, is_strict_alone, "M-9", "tracking.window" },
	{ REASON_NO_FLOW, is_synack, "H-2", "tracking.pickup" },
	{ REASON_WRONG_DIRECTION, is_synack, "H-12", NOTHING },
	{ REASON_NO_SYNACK, is_not_one_sided, "H-15", NOTHING },
	{ REASON_BAD_SYNACK, is_half_open, "H-39", "policy.bad_synack" },
	{ REASON_BAD_SYNACK, is_open, "C-9", "policy.bad_synack" },
	{ REASON_BAD_HANDSHAKE_ACK, is_crossed, "H-25", NOTHING },
	{ REASON_SHADOW_SYN, is_open, "S-11", "policy.syn_on_established" },
	{ REASON_OVERSHOOT, is_by_its_start, "W-1", "policy.overshoot" },
	{ REASON_OLD_ACK, is_over_rate, "W-7", "tracking.old_segment_rate" },
	{ REASON_SYN_RATE_SOURCE, is_network_rate, "A-2", "syn_flood.network_rate" },
	{ REASON_TABLE_FULL, is_pickup, "K-9", "tracking.pickup_max" },
	{ REASON_ICMP_STALE, is_of_no_flow, "I-1", "icmp.stale" },
};

/* Where no setting helps, but something else does. */
static const struct {
	enum reason reason;
	const char *sentence;
} insteads[] = {
	{ REASON_FRAGMENT, "Load the gateway rules as shipped: they put fragments together before the queue." },
	{ REASON_SOURCE_BANNED, "No setting lifts a ban that stands: \"tcpwardenctl limits\" lists the bans and who "
				"made them, \"tcpwardenctl unban PREFIX\" lifts one." },
	{ REASON_CHALLENGE_ANSWER, "Nothing is lost: the source is taken for real now, its SYN passes when it comes "
				   "again." },
};

/* What a choice has to be; where more than one would do, the mildest. */
static const char *passing_word(const struct option_info *option, const struct drop_record *drop, const char *rule)
{
	static const char *const words[] = { "accept", "liberal", "log", "on" };

	if (strcmp(rule, "M-9") == 0)
		return "normal";
	if (option == &option_table[OPTION_tracking_pickup] && is_synack(drop, NULL))
		return "observe";
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (choice_find(option->choices, words[i]) >= 0)
			return words[i];
	return NULL;
}

static int64_t present(const struct option_info *option, const struct settings *settings)
{
	return *(const int64_t *)(const void *)((const char *)settings + option->offset);
}

/* False: the option has no value that passes it. */
static bool find_value(struct remedy *remedy, const struct drop_record *drop, const struct settings *settings)
{
	const struct option_info *option = remedy->option;
	const char *word;
	struct text text;

	text_init(&text, remedy->value, sizeof remedy->value);
	if (option->type == OPTION_TYPE_INT) {
		remedy->or_zero = strstr(option->help, "; 0: no ") != NULL; /* "no limit", "no cap" */
		remedy->higher = !remedy->or_zero;
		text_fmt(&text, "%lld", remedy->or_zero ? 0LL : (long long)option->most);
		return remedy->or_zero || present(option, settings) < option->most;
	}
	if (option->type == OPTION_TYPE_BOOL) {
		text_str(&text, "true");
		return true;
	}
	word = option->type == OPTION_TYPE_CHOICE ? passing_word(option, drop, remedy->rule) : NULL;
	if (word != NULL)
		text_fmt(&text, "\"%s\"", word);
	return word != NULL;
}

static const char *instead_of(enum reason reason)
{
	for (size_t i = 0; i < sizeof insteads / sizeof insteads[0]; i++)
		if (insteads[i].reason == reason)
			return insteads[i].sentence;
	return NULL;
}

/* M-9: strict mode picks nothing up, whatever tracking.pickup says. */
static void not_strict(struct remedy *remedy, const struct services *services, unsigned service)
{
	struct text text;

	text_init(&text, remedy->also, sizeof remedy->also);
	service_option_path(&text, services, service, OPTION_tracking_window);
	text_str(&text, " = \"normal\"");
}

void remedy_of_drop(const struct drop_record *drop, const struct settings *settings, const struct services *services,
		    unsigned service, struct remedy *remedy)
{
	const struct reason_info *reason = &reason_table[drop->reason];
	const char *setting = drop->reason == REASON_SOURCE_BANNED
				      ? NOTHING
				      : reason_setting((enum reason)drop->reason, (enum limiter)drop->limiter);
	struct text text;
	int id;

	*remedy = (struct remedy){ .rule = reason->rule };
	for (size_t i = 0; i < sizeof specials / sizeof specials[0]; i++)
		if (specials[i].reason == drop->reason && specials[i].holds(drop, settings)) {
			remedy->rule = specials[i].rule;
			setting = specials[i].setting;
			break;
		}
	id = service_option(services, service, setting);
	remedy->option = id >= 0 ? &option_table[id] : NULL;
	if (remedy->option != NULL && !find_value(remedy, drop, settings))
		remedy->option = NULL;
	if (remedy->option == NULL) {
		remedy->instead = instead_of((enum reason)drop->reason);
		return;
	}
	text_init(&text, remedy->path, sizeof remedy->path);
	service_option_path(&text, services, service, (enum option_id)id);
	if (id == OPTION_tracking_pickup && settings->tracking_window == WINDOW_STRICT)
		not_strict(remedy, services, service);
}
