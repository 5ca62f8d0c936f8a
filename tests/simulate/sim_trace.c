/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

void sim_trace_reset(struct sim_trace *trace)
{
	struct sim_judgement *judgement = trace->judgement;
	size_t room = trace->room;

	memset(trace, 0, sizeof *trace);
	trace->judgement = judgement;
	trace->room = room;
}

void sim_fail(struct sim *sim, const char *format, ...)
{
	va_list args;

	if (sim->attack.mode != SIM_ATTACK_NONE && !sim->attack.breach) {
		sim->trace.harmed = true;
		return;
	}
	if (sim->trace.failed)
		return;
	sim->trace.failed = true;
	va_start(args, format);
	vsnprintf(sim->trace.failure, sizeof sim->trace.failure, format, args);
	va_end(args);
}

struct sim_judgement *sim_trace_add(struct sim *sim, const struct sim_segment *s)
{
	struct sim_trace *trace = &sim->trace;

	if (trace->count == trace->room) {
		trace->room = trace->room * 2 + 1024;
		trace->judgement = realloc(trace->judgement, trace->room * sizeof *trace->judgement);
		if (trace->judgement == NULL) {
			perror("simulate");
			exit(2);
		}
	}
	trace->judgement[trace->count] = (struct sim_judgement){ .at_ns = sim->clock.now_ns, .segment = *s };
	return &trace->judgement[trace->count++];
}

struct sim_life *sim_trace_life_of(struct sim *sim, uint32_t life)
{
	return &sim->trace.life[life <= SIM_LIVES ? life - 1 : SIM_LIVES - 1];
}

void sim_trace_life(struct sim *sim, const struct sim_end *end)
{
	struct sim_life *life = sim_trace_life_of(sim, end->life);

	life->births[end->side]++;
	life->syn_passed[end->side] = life->syn_judged[end->side] = false;
	life->outcome[end->side] = SIM_NOT_YET;
}

void sim_trace_death(struct sim *sim, const struct sim_end *end)
{
	struct sim_life *life = sim_trace_life_of(sim, end->life);

	if (life->outcome[end->side] != SIM_NOT_YET) /* TIME-WAIT ran out */
		return;
	life->outcome[end->side] = end->outcome;
	life->written[end->side] = end->written;
	life->delivered[end->side] = end->irs != 0 || end->rcv != 0 ? sim_end_delivered(end) : 0;
	life->killer[end->side] = end->killer;
	life->death_ns[end->side] = sim->clock.now_ns;
}

/* A flow's events come in this order, each at most once. -1: no event of a phase. */
static int rank_of(enum event_kind kind)
{
	static const struct {
		enum event_kind kind;
		int rank;
	} ranks[] = {
		{ EVENT_FLOW_NEW, 1 },        { EVENT_FLOW_SYNACK, 2 },  { EVENT_FLOW_ESTABLISHED, 3 },
		{ EVENT_FLOW_FIN, 4 },        { EVENT_FLOW_CLOSING, 5 }, { EVENT_FLOW_HALF_CLOSED, 5 },
		{ EVENT_FLOW_LAST_ACK, 6 },   { EVENT_FLOW_TIME_WAIT, 7 }, { EVENT_FLOW_RESET, 8 },
		{ EVENT_FLOW_CLOSED, 9 },
	};

	for (size_t i = 0; i < sizeof ranks / sizeof ranks[0]; i++)
		if (ranks[i].kind == kind)
			return ranks[i].rank;
	return -1;
}

static void note_closing(struct sim *sim, const struct event *event)
{
	struct sim_trace *trace = &sim->trace;
	const struct flow_record *record = &event->flow;
	bool same = record->at.client_port == sim->at.client_port && memcmp(record->at.client, sim->at.client, 16) == 0;
	struct sim_closing *closing = &trace->closing[trace->closings];

	if (trace->closings == SIM_CLOSINGS) {
		if (sim_view_is_whole(&sim->view)) /* else one may begin by any segment */
			sim_fail(sim, "more than %d flows in one run", SIM_CLOSINGS);
		return;
	}
	trace->closings++;
	*closing = (struct sim_closing){
		.at_ns = event->now_ns - sim->gateway->base_ns,
		.started_ns = record->started_ns - sim->gateway->base_ns,
		.last_ns = record->last_ns - sim->gateway->base_ns,
		.reset_ns = trace->reset_ns,
		.established = trace->established,
		.reason = (enum close_reason)record->close_reason,
	};
	for (int i = 0; i < 2; i++)
		closing->bytes[same ? i : 1 - i] = record->end[i].bytes;
}

void sim_trace_event(struct sim *sim, const struct event *event)
{
	struct sim_trace *trace = &sim->trace;
	int rank = rank_of(event->kind);

	if (event->kind == EVENT_FLOW_PICKED_UP) {
		trace->flows += !trace->open;
		trace->open = trace->established = true;
	}
	if (event->kind == EVENT_FLOW_RESTORED) {
		trace->rank = event->flow.phase == PHASE_SYN_RECV ? 2 : 3;
		sim->gateway->totals.restored++;
		return;
	}
	if (rank < 0)
		return;
	if (trace->aside || (rank == 1 && trace->open)) {
		trace->aside = event->kind != EVENT_FLOW_CLOSED;
		return;
	}
	if (rank == 1) {
		trace->flows++;
		trace->refused = trace->strayed = false;
		trace->established = false;
	}
	if (event->kind == EVENT_FLOW_RESET)
		trace->reset_ns = event->now_ns - sim->gateway->base_ns;
	if (event->kind == EVENT_FLOW_RESET || event->kind == EVENT_FLOW_SYNACK ||
	    event->kind == EVENT_FLOW_CLOSED)
		trace->turned_ns = event->now_ns - sim->gateway->base_ns;
	trace->refused |= event->kind == EVENT_FLOW_RESET && event->flow.close_reason == CLOSE_REFUSED;
	trace->established |= event->kind == EVENT_FLOW_ESTABLISHED;
	if (sim->view.window_mode != WINDOW_LIBERAL && sim_view_is_whole(&sim->view) && rank != 1 &&
	    (!trace->open || rank <= trace->rank))
		sim_fail(sim, "event %s out of order, at %.9f s", event_word(event->kind),
			 (double)(event->now_ns - sim->gateway->base_ns) / 1e9);
	if (event->kind == EVENT_FLOW_CLOSED) {
		note_closing(sim, event);
		if (trace->closings > 0)
			sim_witness_closed(sim, &trace->closing[trace->closings - 1], trace->rank);
	}
	sim_witness_event(sim, event);
	trace->rank = rank;
	trace->open = event->kind != EVENT_FLOW_CLOSED;
}
