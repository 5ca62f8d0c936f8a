/* SPDX-License-Identifier: GPL-2.0-or-later */
/* May this packet make a flow? Rules A through policy/, K-9, and a place in the table. */
#include <string.h>

#include "engine/state.h"

/* xorshift64*: bits for random early drop, not a secret. */
static uint64_t next_random(struct engine *e)
{
	e->random ^= e->random >> 12;
	e->random ^= e->random << 25;
	e->random ^= e->random >> 27;
	return e->random * UINT64_C(2685821657736338717);
}

/* from the server that the SYN was meant for. */
static void answer(struct engine *e, struct passage *p, const struct admission_result *result)
{
	const struct packet *packet = p->packet;

	e->answer = (struct answer){
		.family = packet->family,
		.src_port = packet->dst_port,
		.dst_port = packet->src_port,
		.seq = result->answer_seq,
		.ack = result->answer_ack,
	};
	memcpy(e->answer.src, packet->dst, sizeof e->answer.src);
	memcpy(e->answer.dst, packet->src, sizeof e->answer.dst);
	e->stats.counter[COUNTER_CHALLENGES]++;
	p->decision.answer = true;
}

static struct admission admission_of(const struct engine *e, struct passage *p)
{
	const struct packet *packet = p->packet;

	return (struct admission){
		.src = packet->src,
		.dst = packet->dst,
		.src_port = packet->src_port,
		.dst_port = packet->dst_port,
		.seq = packet->segment.seq,
		.len = packet->segment.len,
		.family = packet->family,
		.service = (uint8_t)passage_service(e, p),
	};
}

/* A-1 steps 1 to 6. True: go on; in monitor mode the flow is made all the same (M-14). */
static bool admitted(struct engine *e, struct passage *p)
{
	struct admission admission = admission_of(e, p);
	struct admission_result result;

	admission.random = next_random(e);
	admission.mute = e->mute;
	admission.pickup = p->packet->segment.kind != SEGMENT_SYN;
	result = limits_admit(e->limits, passage_settings(e, p), &admission, p->now_ns);
	if (result.answer)
		answer(e, p, &result);
	for (unsigned i = 0; i < result.limited_count; i++)
		tell_source_limited(e, &result.limited[i], p->now_ns);
	if (result.banned)
		tell_banned(e, result.limited[result.limited_count - 1].prefix,
			    result.limited[result.limited_count - 1].prefix_bits,
			    passage_settings(e, p)->syn_flood_ban_time, p->now_ns);
	p->decision.limiter = result.limiter;
	p->decision.remarks |= result.logged;
	if (result.verdict == VERDICT_DROP)
		decide_drop(e, p, result.reason);
	return p->decision.verdict == VERDICT_ACCEPT;
}

/* A-1 step 7, A-11. */
static uint32_t place(struct engine *e, struct passage *p)
{
	unsigned service = passage_service(e, p);
	uint32_t index = FLOW_NONE;

	if (service_has_room(e, service))
		index = flow_table_insert(&e->table, &p->key, p->hash);
	if (index == FLOW_NONE && flow_evict(e, service, p->now_ns))
		index = flow_table_insert(&e->table, &p->key, p->hash);
	if (index != FLOW_NONE)
		return index;
	tell_table_full(e, p->now_ns);
	if (e->settings.policy_on_table_full == ACTION_DROP)
		decide_drop(e, p, REASON_TABLE_FULL);
	else
		decide_remark(e, p, REASON_TABLE_FULL);
	return FLOW_NONE;
}

static void set_client(struct engine *e, uint32_t index, bool client_is_high)
{
	if (client_is_high)
		conn_of(e, index)->flags |= CONN_CLIENT_IS_HIGH;
	flow_serve(e, index);
}

uint32_t admit_admitted(struct engine *e, struct passage *p)
{
	uint32_t index = place(e, p);

	if (index != FLOW_NONE)
		set_client(e, index, p->src_is_high);
	return index;
}

uint32_t admit_syn(struct engine *e, struct passage *p)
{
	return admitted(e, p) ? admit_admitted(e, p) : FLOW_NONE;
}

bool admit_shadow(struct engine *e, struct passage *p)
{
	return admitted(e, p);
}

bool admit_challenge_answer(struct engine *e, struct passage *p)
{
	const struct segment *seg = &p->packet->segment;
	struct admission rst;

	if (seg->kind != SEGMENT_RST || (seg->flags & TCP_ACK))
		return false;
	rst = admission_of(e, p);
	if (!limits_challenge_answer(e->limits, &rst, p->now_ns))
		return false;
	decide_drop(e, p, REASON_CHALLENGE_ANSWER);
	return true;
}

/* K-9: unconfirmed pickups are bounded. */
uint32_t admit_pickup(struct engine *e, struct passage *p, bool client_is_high)
{
	uint64_t most = (uint64_t)e->table.head->max_flows * (uint64_t)e->settings.tracking_pickup_max / 100;
	uint32_t index;

	if (e->stats.phase_flows[PHASE_PICKUP] >= most) {
		if (passage_settings(e, p)->tracking_pickup == PICKUP_ON)
			decide_drop(e, p, REASON_TABLE_FULL);
		else
			decide_remark(e, p, REASON_NO_FLOW);
		return FLOW_NONE;
	}
	if (!admitted(e, p))
		return FLOW_NONE;
	index = place(e, p);
	if (index != FLOW_NONE)
		set_client(e, index, client_is_high);
	return index;
}
