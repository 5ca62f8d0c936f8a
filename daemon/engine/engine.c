/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pipeline: read engine_input_packet() first. */
#include "engine/engine.h"

#include <stdlib.h>

#include "engine/state.h"

/* P-0, P-2: accepted, not looked at. */
static bool is_judged(const struct packet *packet)
{
	return packet->kind != PACKET_OTHER && packet->kind != PACKET_SHORT;
}

struct decision engine_input_packet(struct engine *e, const struct packet *packet, uint64_t now_ns)
{
	struct passage p = {
		.packet = packet,
		.now_ns = now_ns,
		.index = FLOW_NONE,
		.service = -1,
		.decision = {
			.verdict = VERDICT_ACCEPT,
			.judged = true,
			.reason = REASON_NONE,
			.dir = SIDE_NONE,
			.phase = PHASE_COUNT,
		},
	};

	e->stats.counter[COUNTER_PACKETS]++;
	if (!is_judged(packet)) {
		p.decision.judged = false;
		e->stats.counter[COUNTER_OTHER]++;
	} else if (precheck(e, &p)) {
		if (packet->kind == PACKET_TCP)
			track_segment(e, &p);
		else
			track_icmp(e, &p);
	}
	if (e->describe)
		describe_names(e, &p);
	decide_finish(e, &p);
	return p.decision;
}

struct decision engine_input(struct engine *e, const struct packet_bytes *bytes, uint64_t now_ns)
{
	struct packet packet;

	packet_decode(bytes, e->settings.tracking_verify_checksum, &packet);
	return engine_input_packet(e, &packet, now_ns);
}

const struct answer *engine_answer(const struct engine *e)
{
	return &e->answer;
}

size_t engine_pool_size(uint32_t max_flows)
{
	return flow_table_size(max_flows);
}

struct engine *engine_new(const struct engine_config *config)
{
	struct engine *e = calloc(1, sizeof *e);

	if (e == NULL)
		return NULL;
	e->limits = config->limits;
	e->sink = config->sink;
	e->dropped = config->dropped;
	e->describe = config->describe;
	e->sparing = config->sparing;
	e->unthinned = config->unthinned;
	e->warm_from_ns = config->start_ns;
	e->next_tick_ns = config->start_ns / NS_PER_S * NS_PER_S + NS_PER_S;
	e->random = config->random_seed | 1;
	e->swept_factor = FACTOR_ONE;
	flow_table_init(&e->table, config->pool, config->max_flows, &config->key);
	engine_serve(e, config->settings, config->services);
	flow_clock_start(&e->table, config->start_ns);
	return e;
}

void engine_free(struct engine *e)
{
	free(e);
}

void engine_set_settings(struct engine *e, const struct settings *settings, const struct services *services)
{
	engine_serve(e, settings, services);
	e->sweep = 1; /* timeouts may have shrunk */
}

void engine_mute(struct engine *e, bool mute)
{
	e->mute = mute;
}

void engine_blind(struct engine *e, uint64_t now_ns)
{
	e->epoch++;
	if (e->settings.policy_on_visibility_lost == ACTION_ACCEPT) /* B-7 */
		e->warm_from_ns = now_ns;
	tell_blind(e, now_ns);
}

const struct engine_stats *engine_stats(const struct engine *e)
{
	return &e->stats;
}

bool engine_find(const struct engine *e, const struct packet *packet, uint64_t now_ns, struct flow_record *record,
		 uint64_t *left_ns)
{
	struct tcp_timing timing;
	struct flow_key key;
	uint64_t deadline_ns;
	uint32_t index;

	flow_key_init(&key, packet->src, packet->dst, packet->src_port, packet->dst_port, packet->family,
		      packet->zone);
	index = flow_table_find(&e->table, &key, flow_key_hash(&key, &e->table.secret));
	if (index == FLOW_NONE)
		return false;
	flow_fill_record(e, index, record);
	timing = engine_timing(e, index);
	deadline_ns = tcp_deadline(conn_of(e, index), cold_of(e, index), flow_extra(&e->table, index), &timing);
	*left_ns = deadline_ns > now_ns ? deadline_ns - now_ns : 0;
	return true;
}

bool engine_walk(const struct engine *e, uint32_t *cursor, uint32_t most,
		 void (*visit)(void *context, const struct flow_record *record), void *context)
{
	struct flow_record record;
	uint32_t end = e->table.head->fresh_flow;

	if (*cursor == 0)
		*cursor = 1;
	for (; *cursor < end && most > 0; ++*cursor, --most) {
		if (!flow_is_used(&e->table, *cursor))
			continue;
		flow_fill_record(e, *cursor, &record);
		visit(context, &record);
	}
	return *cursor < end;
}
