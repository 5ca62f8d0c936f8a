/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_gateway.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "sim.h"
#include "sim_icmp.h"
#include "tcp/seq.h"

#define FLOWS     1024
#define OLDEST_NS (9000 * NS_PER_S)  /* a flow that is not gone that long after the run never goes by itself */

static void emit(void *context, const struct event *event)
{
	struct sim_gateway *gateway = context;

	if (gateway->sim != NULL)
		sim_trace_event(gateway->sim, event);
}

struct sim_gateway *sim_gateway_new(void)
{
	static const struct hash_key key = { 5, 6 };
	struct sim_gateway *gateway = calloc(1, sizeof *gateway);
	size_t size = (engine_pool_size(FLOWS) + 63) / 64 * 64;
	struct engine_config config = { .max_flows = FLOWS, .key = key, .random_seed = 1 };

	if (gateway == NULL)
		return NULL;
	settings_defaults(&gateway->settings);
	gateway->settings.tracking_max_flows = FLOWS;
	gateway->limits = limits_new(&gateway->settings, &key);
	gateway->pool = aligned_alloc(64, size);
	if (gateway->limits == NULL || gateway->pool == NULL) {
		sim_gateway_free(gateway);
		return NULL;
	}
	memset(gateway->pool, 0, size);
	config.settings = &gateway->settings;
	config.limits = gateway->limits;
	config.sink = (struct event_sink){ emit, gateway };
	config.pool = gateway->pool;
	gateway->engine = engine_new(&config);
	return gateway;
}

void sim_gateway_free(struct sim_gateway *gateway)
{
	if (gateway->engine != NULL)
		engine_free(gateway->engine);
	if (gateway->limits != NULL)
		limits_free(gateway->limits);
	free(gateway->pool);
	free(gateway);
}

void sim_gateway_begin(struct sim_gateway *gateway, struct sim *sim)
{
	gateway->sim = sim;
	gateway->present = gateway->settings;
	sim_view_settings(&sim->view, &gateway->present);
	engine_set_settings(gateway->engine, &gateway->present, NULL);
	if (sim->view.pickup == PICKUP_WARMUP) /* the warm-up of a start is that of a blindness */
		engine_blind(gateway->engine, gateway->base_ns);
}

static void note_drop(struct sim *sim, struct sim_judgement *judgement)
{
	const struct sim_segment *s = &judgement->segment;
	enum sim_excuse excuse;
	char text[256];

	if (s->forged)
		return;
	excuse = s->icmp ? sim_icmp_excuse(sim, s, judgement->decision.reason) :
			   sim_excuse_find(sim, s, judgement->decision.reason);
	judgement->excused = excuse != SIM_EXCUSES;
	if (judgement->excused) {
		sim->gateway->totals.excused[excuse]++;
		sim->attack.excused[sim->attack.mode][excuse]++;
		return;
	}
	if (sim->attack.mode != SIM_ATTACK_NONE) {
		sim->attack.dropped[sim->attack.mode][judgement->decision.reason]++;
		return;
	}
	sim->gateway->totals.dropped++;
	sim->gateway->totals.dropped_for[judgement->decision.reason]++;
	sim_segment_text(s, text, sizeof text);
	sim_fail(sim, "legitimate segment dropped: %s at %.9f s: %s", reason_word(judgement->decision.reason),
		 (double)judgement->at_ns / 1e9, text);
}

static bool has_fin(const struct sim *sim, int side, uint32_t life)
{
	const struct sim_end *end = &sim->end[side];

	return end->life != life || end->state == SIM_CLOSED || end->fin_received;
}

/* No phase is ahead of what both ends know; of a life that began unseen the engine knows no beginning (B-1). */
static void check_phase(struct sim *sim, const struct sim_segment *s, enum phase phase)
{
	const struct sim_life *life = sim_trace_life_of(sim, s->life);
	bool same = sim_life_is_simple(life) && sim->trace.flows == sim->lives;
	bool one = has_fin(sim, SIDE_CLIENT, s->life) || has_fin(sim, SIDE_SERVER, s->life);
	bool both = has_fin(sim, SIDE_CLIENT, s->life) && has_fin(sim, SIDE_SERVER, s->life);

	if (!same || life->missed_opening || sim->trace.misled || (s->flags & TCP_SYN))
		return;
	if ((phase == PHASE_TIME_WAIT && !both) ||
	    ((phase == PHASE_HALF_CLOSED || phase == PHASE_LAST_ACK) && !one))
		sim_fail(sim, "phase %s at %.9f s, but no end received that FIN", phase_word(phase),
			 (double)sim->clock.now_ns / 1e9);
}

/* What the engine knows of the FINs of a life. */
static void note_fin(struct sim *sim, const struct sim_segment *s)
{
	struct sim_life *life = sim_trace_life_of(sim, s->life);
	int from = s->from, other = 1 - from;

	if ((s->flags & TCP_ACK) && life->fin_judged[other] && !seq_before(s->ack, life->fin_next[other]))
		life->fin_acked[other] = true;
	if (!(s->flags & TCP_FIN))
		return;
	life->fin_judged[from] = true;
	life->fin_next[from] = sim_next(s);
}

/* Of an earlier life, a refusal that the server has thought better of since (H-43), or of a host that is done. */
static bool is_stale_reset(struct sim *sim, const struct sim_segment *s)
{
	return s->life < sim->lives || s->seq == 0 ||
	       sim_trace_life_of(sim, s->life)->outcome[s->from] == SIM_FINISHED;
}

static void note_passed(struct sim *sim, const struct sim_segment *s, reason_set remarks)
{
	const struct sim_end *sender = &sim->end[s->from];
	const reason_set misleading = reason_bit(REASON_ACK_HIGH) | reason_bit(REASON_SEQ_HIGH) |
				      reason_bit(REASON_OLD_SEQ) | reason_bit(REASON_OLD_ACK) |
				      reason_bit(REASON_OVERSHOOT) | reason_bit(REASON_BAD_HANDSHAKE_ACK);
	bool opens;
	uint32_t edge = s->ack + ((uint32_t)s->window << ((s->flags & TCP_SYN) ? 0 : sender->receive_scale));

	if (s->forged)
		return;
	if (s->icmp) {
		sim->gateway->totals.errors++;
		sim->trace.errors++;
		return;
	}
	if (sim->view.window_mode == WINDOW_LIBERAL && (remarks & misleading))
		sim->trace.misled = true;
	sim->trace.strayed |= (remarks & reason_bit(REASON_RESYNC)) && s->life < sim->lives;
	if ((s->flags & TCP_RST) && is_stale_reset(sim, s) &&
	    (sim->trace.stale_reset_ns == 0 || sim->trace.reset_ns == sim->clock.now_ns))
		sim->trace.stale_reset_ns = sim->clock.now_ns;
	opens = (s->flags & TCP_SYN) && !sim_trace_life_of(sim, s->life)->syn_judged[s->from];
	if (!(s->flags & TCP_RST) &&
	    (!sim->trace.top_known[s->from] || opens || seq_after(sim_next(s), sim->trace.top[s->from]))) {
		sim->trace.top[s->from] = sim_next(s);
		sim->trace.top_known[s->from] = true;
	}
	if (opens)
		sim->trace.acked_known[s->from] = false;
	if (s->flags & TCP_SYN) {
		sim_trace_life_of(sim, s->life)->syn_passed[s->from] |= s->birth == sender->birth;
		sim_trace_life_of(sim, s->life)->syn_judged[s->from] |= s->birth == sender->birth;
		sim->trace.edge_known[s->from] = false;
		sim->trace.stray_syn |= s->life < sim->lives;
		if (s->life < sim->lives) /* a stray SYN takes the place of the one that pended */
			sim->trace.turned_ns = sim->clock.now_ns;
		else
			sim->trace.syn_ns[s->from] = sim->clock.now_ns;
	}
	if ((s->flags & (TCP_ACK | TCP_RST)) != TCP_ACK)
		return;
	if (!sim->trace.acked_known[1 - s->from] || seq_after(s->ack, sim->trace.acked[1 - s->from]))
		sim->trace.acked[1 - s->from] = s->ack;
	sim->trace.acked_known[1 - s->from] = true;
	if (!sim->trace.edge_known[s->from] || seq_after(edge, sim->trace.edge[s->from]))
		sim->trace.edge[s->from] = edge;
	sim->trace.edge_known[s->from] = true;
}

/* The engine does not see it. */
static void pass_by(struct sim *sim, const struct sim_segment *s)
{
	struct sim_life *life = sim_trace_life_of(sim, s->life);

	if (s->flags & TCP_SYN) {
		life->syn_passed[s->from] |= s->birth == sim->end[s->from].birth;
		life->missed_opening = true;
	}
	sim_link_behind_gateway(sim, s);
}

static void judge(struct sim *sim, const struct sim_segment *s)
{
	struct sim_gateway *gateway = sim->gateway;
	uint64_t now_ns = gateway->base_ns + sim->clock.now_ns;
	uint8_t buffer[SIM_PACKET_ROOM];
	struct packet_bytes bytes = sim_segment_bytes(s, &sim->at, buffer);
	struct sim_judgement *judgement = sim_trace_add(sim, s);
	struct sim_segment passed = *s;

	engine_expire(gateway->engine, now_ns);
	judgement->blind_before = sim_view_blinded(sim);
	if (judgement->blind_before)
		engine_blind(gateway->engine, now_ns);
	sim_attack_before(sim, s);
	judgement->decision = engine_input(gateway->engine, &bytes, now_ns);
	sim_attack_after(sim, s, &judgement->decision);
	sim_witness_judged(sim, s, &judgement->decision);
	passed.number = (uint32_t)sim->trace.count;
	gateway->totals.segments++;
	gateway->totals.forged += s->forged;
	for (reason_set left = judgement->decision.remarks; left != 0; left &= left - 1)
		gateway->totals.remarks[__builtin_ctzll(left)]++;
	if (judgement->decision.verdict == VERDICT_DROP) {
		note_drop(sim, judgement);
		return;
	}
	note_passed(sim, s, judgement->decision.remarks);
	if (judgement->decision.has_flow && !s->forged && !s->icmp && !(s->flags & TCP_RST) &&
	    !(judgement->decision.remarks & reason_bit(REASON_RESYNC))) /* B-5: its retransmission is what records it */
		note_fin(sim, s);
	if (sim->attack.mode == SIM_ATTACK_NONE && s->life == sim->lives && !s->icmp)
		check_phase(sim, s, judgement->decision.phase);
	if (!(s->icmp && s->forged))
		sim_link_behind_gateway(sim, &passed);
}

void sim_gateway_input(struct sim *sim, const struct sim_segment *s)
{
	switch (sim_view_passage(sim, s)) {
	case SIM_JUDGED:
		judge(sim, s);
		break;
	case SIM_PASSES_BY:
		pass_by(sim, s);
		break;
	case SIM_LOST:
		break;
	}
}

void sim_gateway_finish(struct sim *sim)
{
	struct sim_gateway *gateway = sim->gateway;
	uint64_t start_ns = gateway->base_ns + sim->clock.now_ns, now_ns = start_ns;

	engine_expire(gateway->engine, start_ns);
	while (engine_stats(gateway->engine)->flows > 0 && now_ns - start_ns < OLDEST_NS) {
		now_ns = engine_deadline(gateway->engine);
		engine_expire(gateway->engine, now_ns);
	}
	engine_flush(gateway->engine, now_ns);
	if (sim->trace.open)
		sim_fail(sim, "a flow is left that told no flow-closed");
	gateway->sim = NULL;
	gateway->base_ns = (now_ns / NS_PER_S + 1) * NS_PER_S;
	engine_expire(gateway->engine, gateway->base_ns);
}
