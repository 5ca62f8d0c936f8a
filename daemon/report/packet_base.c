/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/packet_base.h"

/* Remarks that say: this SYN is not the flow's own number, at least not yet. */
#define FOREIGN_SYN (reason_bit(REASON_SHADOW_SYN) | reason_bit(REASON_SYNACK_CHANGED))

static uint32_t isn_of(const struct isn_entry *entry, enum side side)
{
	return entry != NULL && side != SIDE_NONE && entry->known[side] ? entry->isn[side] : 0;
}

void packet_base_learn(struct isn_table *isns, const struct packet *packet, const struct decision *decision)
{
	const struct isn_entry *entry;
	bool opening;

	if (!decision->has_flow || packet->kind != PACKET_TCP || decision->reason != REASON_NONE)
		return;
	if (decision->dir == SIDE_NONE)
		return;
	if ((packet->segment.flags & (TCP_SYN | TCP_RST)) != TCP_SYN || decision->remarks & FOREIGN_SYN)
		return;
	opening = decision->phase == PHASE_SYN_SENT || decision->phase == PHASE_SYN_SENT2 ||
		  decision->phase == PHASE_SYN_RECV;
	entry = isn_table_find(isns, decision->flow_id);
	if (opening || entry == NULL || !entry->known[decision->dir])
		isn_table_learn(isns, decision->flow_id, decision->dir, packet->segment.seq);
}

struct packet_base packet_base_find(const struct isn_table *isns, const struct decision *decision)
{
	const struct isn_entry *entry;
	struct packet_base base = { 0, 0 };

	if (!decision->has_flow || decision->dir == SIDE_NONE)
		return base;
	entry = isn_table_find(isns, decision->flow_id);
	base.own = isn_of(entry, decision->dir);
	base.peer = isn_of(entry, side_other(decision->dir));
	return base;
}
