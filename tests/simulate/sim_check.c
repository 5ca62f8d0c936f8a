/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_check.h"

#include "sim.h"

static bool both_finished(const struct sim_life *life)
{
	return sim_life_is_simple(life) && life->outcome[SIDE_CLIENT] == SIM_FINISHED &&
	       life->outcome[SIDE_SERVER] == SIM_FINISHED;
}

static bool is_end_of(const struct sim_closing *closing, const struct sim_life *life)
{
	return closing->reason == CLOSE_FIN && closing->bytes[SIDE_CLIENT] == life->written[SIDE_CLIENT] &&
	       closing->bytes[SIDE_SERVER] == life->written[SIDE_SERVER];
}

/* Some of it went past the engine: what it saw of both FINs and their acknowledgements counts. */
static void check_seen(struct sim *sim, unsigned number, const struct sim_life *life)
{
	if (sim->view.sight != SIM_SIGHT_LATE || sim->lives > 1 || sim->trace.closings > 1 ||
	    !life->fin_acked[SIDE_CLIENT] || !life->fin_acked[SIDE_SERVER] || sim->trace.stale_reset_ns != 0)
		return;
	for (unsigned i = 0; i < sim->trace.closings; i++)
		if (sim->trace.closing[i].reason == CLOSE_FIN || sim->trace.closing[i].reason == CLOSE_RESET)
			return;
	sim_fail(sim, "life %u: both FINs were seen, but no flow-closed says so", number);
}

/* Both ends sent and heard both FINs: the flow ended by FIN, with the bytes that were written, read and no others. */
static void check_finished(struct sim *sim, unsigned number, const struct sim_life *life, unsigned *closing)
{
	const struct sim_trace *trace = &sim->trace;

	for (int i = 0; i < 2; i++)
		if (life->written[i] != life->delivered[1 - i])
			sim_fail(sim, "the simulation's own fault: life %u wrote %u bytes, %u arrived", number,
				 life->written[i], life->delivered[1 - i]);
	if (!sim_view_is_whole(&sim->view)) {
		check_seen(sim, number, life);
		return;
	}
	for (unsigned i = *closing; i < trace->closings; i++) {
		if (!is_end_of(&trace->closing[i], life))
			continue;
		*closing = i + 1;
		return;
	}
	if (trace->stale_reset_ns != 0)
		sim->gateway->totals.weak++;
	else if (trace->closings == 0)
		sim_fail(sim, "life %u: both ends finished, no flow-closed", number);
	else
		sim_fail(sim,
			 "life %u: both ends finished after %u and %u bytes, the last flow-closed says %s, "
			 "%llu and %llu",
			 number, life->written[0], life->written[1],
			 close_word(trace->closing[trace->closings - 1].reason),
			 (unsigned long long)trace->closing[trace->closings - 1].bytes[0],
			 (unsigned long long)trace->closing[trace->closings - 1].bytes[1]);
}

/* A RST that ended a life was taken as such by the gateway too. */
static void check_killer(struct sim *sim, unsigned number, uint32_t killer)
{
	const struct sim_judgement *judgement;
	reason_set inexact = reason_bit(REASON_RST_INEXACT);
	enum phase phase;

	if (killer == 0)
		return;
	judgement = &sim->trace.judgement[killer - 1];
	phase = judgement->decision.phase;
	if (judgement->segment.forged || judgement->segment.life < sim->lives)
		return;
	/*
	 * SYN_SENT: a SYN pends on a closed flow (F-2); inexact: the target had more than the gateway saw in order, or
	 * had acknowledged: its number is exact there only.
	 */
	if (judgement->decision.remarks & inexact)
		sim->gateway->totals.weak++;
	else if (phase != PHASE_CLOSED && phase != PHASE_TIME_WAIT && phase != PHASE_SYN_SENT && phase != PHASE_COUNT)
		sim_fail(sim, "life %u: a RST ended it at %.9f s, the phase is %s", number,
			 (double)judgement->at_ns / 1e9, phase_word(phase));
}

static void check_reasons(struct sim *sim)
{
	const struct sim_trace *trace = &sim->trace;

	for (unsigned i = 0; i < trace->closings; i++) {
		enum close_reason reason = trace->closing[i].reason;

		sim->gateway->totals.closed[reason]++;
		if (reason == CLOSE_EVICTED || (reason == CLOSE_UNREACHABLE && trace->errors == 0) ||
		    (reason == CLOSE_REPLACED && trace->flows == 1 && sim_view_is_whole(&sim->view)))
			sim_fail(sim, "flow-closed reason=%s at %.9f s", close_word(reason),
				 (double)trace->closing[i].at_ns / 1e9);
	}
}

void sim_check(struct sim *sim)
{
	unsigned closing = 0;

	sim->gateway->totals.lives += sim->lives;
	check_reasons(sim);
	if (sim->trace.misled)
		return;
	for (unsigned i = 0; i < sim->lives && i < SIM_LIVES - 1; i++) {
		const struct sim_life *life = &sim->trace.life[i];

		if (both_finished(life))
			check_finished(sim, i + 1, life, &closing);
		for (int side = 0; side < 2; side++)
			if (life->outcome[side] == SIM_RESET || life->outcome[side] == SIM_REFUSED)
				check_killer(sim, i + 1, life->killer[side]);
	}
}
