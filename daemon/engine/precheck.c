/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pre-checks (P-1 to P-10): what packet/ found, judged by the settings, before any flow is looked up. */
#include <stddef.h>

#include "engine/state.h"

#define NO_SETTING SIZE_MAX

struct check {
	enum reason reason;
	size_t setting; /* offset of its action in struct settings, NO_SETTING: by its default verdict */
};

/* In the order of the rules; the first that drops decides. */
static const struct check checks[] = {
	{ REASON_MALFORMED_IP, NO_SETTING },
	{ REASON_FRAGMENT, offsetof(struct settings, policy_fragment) },
	{ REASON_MALFORMED_TCP, NO_SETTING },
	{ REASON_BAD_CHECKSUM, offsetof(struct settings, policy_bad_checksum) },
	{ REASON_BAD_FLAGS, offsetof(struct settings, policy_bad_flags) },
	{ REASON_BROKEN_ACK, offsetof(struct settings, policy_broken_ack) },
	{ REASON_RESERVED_BITS, NO_SETTING },
	{ REASON_BAD_OPTION, offsetof(struct settings, policy_bad_option) },
	{ REASON_BAD_ADDRESS, offsetof(struct settings, policy_bad_address) },
	{ REASON_SYN_DATA, offsetof(struct settings, policy_syn_data) },
	{ REASON_WS_RANGE, NO_SETTING },
};

/* P-10: a finding of its own, as the option and the data together make it. */
static reason_set findings_of(const struct packet *packet)
{
	const struct segment *seg = &packet->segment;
	bool syn_data = packet->kind == PACKET_TCP && seg->kind == SEGMENT_SYN && seg->len > 0 &&
			!(seg->options & OPTION_SEEN_FAST_OPEN);

	return packet->findings | (syn_data ? reason_bit(REASON_SYN_DATA) : 0);
}

static bool check_drops(const struct settings *settings, const struct packet *packet, const struct check *check)
{
	const uint16_t synack_urg = TCP_SYN | TCP_ACK | TCP_URG;
	const uint16_t kinds = TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK | TCP_URG;

	if (check->reason == REASON_FRAGMENT && packet->fragment_fixed)
		return true;
	if (check->reason == REASON_BAD_FLAGS && settings->tracking_window == WINDOW_LIBERAL &&
	    (packet->segment.flags & kinds) == synack_urg) /* M-10 */
		return false;
	if (check->setting == NO_SETTING)
		return reason_table[check->reason].verdict == VERDICT_DROP;
	return *(const int *)(const void *)((const char *)settings + check->setting) == ACTION_DROP;
}

/* E-3: a dropped segment leaves a note in the record of its flow. */
static void note_in_history(struct engine *e, struct passage *p, enum reason reason)
{
	enum side from;

	if (p->packet->kind != PACKET_TCP)
		return;
	passage_find(e, p);
	if (p->index == FLOW_NONE)
		return;
	from = side_of(conn_of(e, p->index), p->src_is_high);
	if (reason == REASON_BAD_CHECKSUM || reason == REASON_BAD_FLAGS)
		history_note(conn_of(e, p->index), cold_of(e, p->index), from, &p->packet->segment,
			     reason == REASON_BAD_CHECKSUM);
}

bool precheck(struct engine *e, struct passage *p)
{
	reason_set findings = findings_of(p->packet);

	if (findings == 0)
		return true;
	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
		if (!(findings & reason_bit(checks[i].reason)))
			continue;
		if (check_drops(passage_settings(e, p), p->packet, &checks[i])) {
			note_in_history(e, p, checks[i].reason);
			decide_drop(e, p, checks[i].reason);
			return false;
		}
		decide_remark(e, p, checks[i].reason);
	}
	/* P-3: a segment with a wrong sum passes if it must, but tells nothing about its flow */
	return !(findings & reason_bit(REASON_BAD_CHECKSUM)) && p->packet->kind != PACKET_BAD;
}
