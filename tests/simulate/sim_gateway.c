/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_gateway.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "sim.h"
#include "tcp/seq.h"

#define FLOWS     1024
#define LINGER_NS (10 * NS_PER_S) /* timer closed: after it the gateway knows nothing of a flow that was reset */
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
	gateway->settings.tracking_pickup = PICKUP_OFF;
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

void sim_gateway_begin(struct sim_gateway *gateway, struct sim *sim, int window_mode)
{
	gateway->sim = sim;
	if (gateway->settings.tracking_window == window_mode)
		return;
	gateway->settings.tracking_window = window_mode;
	engine_set_settings(gateway->engine, &gateway->settings);
}

/* A RST that its target would not look at anyway: its loss harms nobody. */
static bool is_ignored(const struct sim *sim, const struct sim_segment *s)
{
	const struct sim_end *target = &sim->end[side_other((enum side)s->from)];

	if (!(s->flags & TCP_RST))
		return false;
	switch (target->state) {
	case SIM_CLOSED:
	case SIM_TIME_WAIT:
		return true;
	case SIM_SYN_SENT:
		return !(s->flags & TCP_ACK) || !seq_after(s->ack, target->iss) || seq_after(s->ack, target->nxt);
	case SIM_SYN_RECEIVED:
	case SIM_OPEN:
		return seq_before(s->seq, target->rcv) || !seq_before(s->seq, target->edge + 1);
	}
	return false;
}

/* Half of a connection that died goes on; the gateway has forgotten it, not too early. */
static bool is_orphan(const struct sim *sim, const struct sim_segment *s, enum reason reason)
{
	const struct sim_end *target = &sim->end[side_other((enum side)s->from)];
	const struct sim_trace *trace = &sim->trace;
	const struct sim_closing *closing = &trace->closing[trace->closings > 0 ? trace->closings - 1 : 0];

	return reason == REASON_NO_FLOW && trace->closings > 0 && closing->at_ns - closing->last_ns >= LINGER_NS &&
	       (target->state == SIM_CLOSED || target->life != s->life);
}

static bool is_excused(struct sim *sim, const struct sim_segment *s, enum reason reason)
{
	struct sim_totals *totals = &sim->gateway->totals;

	if (s->life < sim->lives) /* of a connection that was followed by another */
		totals->stale++;
	else if (is_ignored(sim, s))
		totals->ignored++;
	else if (is_orphan(sim, s, reason))
		totals->orphaned++;
	else
		return false;
	return true;
}

static void note_drop(struct sim *sim, struct sim_judgement *judgement)
{
	const struct sim_segment *s = &judgement->segment;
	char text[256];

	if (s->forged)
		return;
	judgement->excused = is_excused(sim, s, judgement->decision.reason);
	if (judgement->excused)
		return;
	if (sim->attack.mode != SIM_ATTACK_NONE) {
		sim->attack.dropped[sim->attack.mode]++;
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

/* No phase is ahead of what both ends know. */
static void check_phase(struct sim *sim, const struct sim_segment *s, enum phase phase)
{
	bool one = has_fin(sim, SIDE_CLIENT, s->life) || has_fin(sim, SIDE_SERVER, s->life);
	bool both = has_fin(sim, SIDE_CLIENT, s->life) && has_fin(sim, SIDE_SERVER, s->life);

	if ((phase == PHASE_TIME_WAIT && !both) ||
	    ((phase == PHASE_HALF_CLOSED || phase == PHASE_LAST_ACK) && !one))
		sim_fail(sim, "phase %s at %.9f s, but no end received that FIN", phase_word(phase),
			 (double)sim->clock.now_ns / 1e9);
}

void sim_gateway_input(struct sim *sim, const struct sim_segment *s)
{
	struct sim_gateway *gateway = sim->gateway;
	uint64_t now_ns = gateway->base_ns + sim->clock.now_ns;
	uint8_t buffer[SIM_PACKET_ROOM];
	struct packet_bytes bytes = sim_segment_bytes(s, &sim->at, buffer);
	struct sim_judgement *judgement = sim_trace_add(sim, s);
	struct sim_segment passed = *s;

	engine_expire(gateway->engine, now_ns);
	sim_attack_before(sim, s);
	judgement->decision = engine_input(gateway->engine, &bytes, now_ns);
	sim_attack_after(sim, s, &judgement->decision);
	passed.number = (uint32_t)sim->trace.count;
	gateway->totals.segments++;
	gateway->totals.forged += s->forged;
	for (reason_set left = judgement->decision.remarks; left != 0; left &= left - 1)
		gateway->totals.remarks[__builtin_ctzll(left)]++;
	if (judgement->decision.verdict == VERDICT_DROP) {
		note_drop(sim, judgement);
		return;
	}
	if (sim->attack.mode == SIM_ATTACK_NONE && s->life == sim->lives)
		check_phase(sim, s, judgement->decision.phase);
	if (!s->icmp)
		sim_link_behind_gateway(sim, &passed);
}

void sim_gateway_finish(struct sim *sim)
{
	struct sim_gateway *gateway = sim->gateway;
	uint64_t start_ns = gateway->base_ns + sim->clock.now_ns, now_ns = start_ns;

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
