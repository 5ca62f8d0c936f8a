/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_report.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "base/units.h"
#include "sim.h"

static void print_end(FILE *out, uint8_t family, const uint8_t address[16], uint16_t port)
{
	char text[INET6_ADDRSTRLEN];

	if (family == 4)
		inet_ntop(AF_INET, address + 12, text, sizeof text);
	else
		inet_ntop(AF_INET6, address, text, sizeof text);
	fprintf(out, family == 4 ? " %s:%u" : " [%s]:%u", text, port);
}

static void print_outcomes(const struct sim *sim, FILE *out)
{
	static const char *const words[] = { "not yet", "finished", "reset",   "refused",
					     "aborted", "gave up",  "vanished" };

	for (unsigned i = 0; i < sim->lives && i < SIM_LIVES; i++) {
		const struct sim_life *life = &sim->trace.life[i];

		fprintf(out, "# life %u: client %s, %u bytes written, %u read; server %s, %u written, %u read\n", i + 1,
			words[life->outcome[0]], life->written[0], life->delivered[0], words[life->outcome[1]],
			life->written[1], life->delivered[1]);
	}
	for (unsigned i = 0; i < sim->trace.closings; i++) {
		const struct sim_closing *closing = &sim->trace.closing[i];

		fprintf(out, "# flow-closed at %.3f s: %s, %llu and %llu bytes\n", (double)closing->at_ns / 1e9,
			close_word(closing->reason), (unsigned long long)closing->bytes[0],
			(unsigned long long)closing->bytes[1]);
	}
}

/* Without an attacker a drop that nothing excuses is what the scenario shows to be wrong. */
static void print_judgement(const struct sim *sim, const struct sim_judgement *judgement, FILE *out)
{
	bool expected = judgement->excused || sim->attack.mode != SIM_ATTACK_NONE;
	bool dropped = judgement->decision.verdict == VERDICT_DROP && expected;
	char text[256];

	sim_segment_text(&judgement->segment, text, sizeof text);
	if (judgement->blind_before)
		fprintf(out, "blind\n");
	fprintf(out, "@%llu.%09llu %s", (unsigned long long)(judgement->at_ns / NS_PER_S),
		(unsigned long long)(judgement->at_ns % NS_PER_S), text);
	if (judgement->segment.forged)
		fprintf(out, " # forged");
	else if (dropped)
		fprintf(out, " => drop");
	else
		fprintf(out, " => accept");
	fputc('\n', out);
}

static void print_settings(const struct sim_view *view, FILE *out)
{
	static const char *const pickups[] = { "off", "warmup", "on", "observe" };

	fprintf(out, "set    tracking.pickup = \"%s\"\n", pickups[view->pickup]);
	if (view->pickup != PICKUP_WARMUP)
		fprintf(out, "set    tracking.pickup_warmup = 0\n");
	if (view->sight == SIM_SIGHT_ONE_SIDED)
		fprintf(out, "set    tracking.async = true\n");
	if (view->window_mode != WINDOW_NORMAL)
		fprintf(out, "set    tracking.window = \"%s\"\n", sim_mode_word(view->window_mode));
}

void sim_report_scenario(const struct sim *sim, FILE *out)
{
	const struct sim_trace *trace = &sim->trace;
	uint64_t last_ns = trace->count > 0 ? trace->judgement[trace->count - 1].at_ns : 0;

	fprintf(out, "# seed %llu: %s\n", (unsigned long long)sim->seed, trace->failure);
	print_outcomes(sim, out);
	fprintf(out, "title  simulated connection %llu\n", (unsigned long long)sim->seed);
	print_settings(&sim->view, out);
	fprintf(out, "flow   f1");
	print_end(out, sim->at.family, sim->at.client, sim->at.client_port);
	print_end(out, sim->at.family, sim->at.server, sim->at.server_port);
	fputc('\n', out);
	for (size_t i = 0; i < trace->count; i++)
		print_judgement(sim, &trace->judgement[i], out);
	fprintf(out, "@%llu wait => flows=0", (unsigned long long)(last_ns / NS_PER_S + 9000));
	if (sim->lives == 1 && trace->flows == 1 && trace->life[0].outcome[0] == SIM_FINISHED &&
	    trace->life[0].outcome[1] == SIM_FINISHED)
		fprintf(out, " closed=fin");
	fputc('\n', out);
}

void sim_report_totals(const struct sim *sim, FILE *out)
{
	const struct sim_totals *totals = &sim->gateway->totals;

	fprintf(out, "# closed");
	for (int i = 0; i < CLOSE_COUNT; i++)
		fprintf(out, " %s=%llu", close_word((enum close_reason)i), (unsigned long long)totals->closed[i]);
	fprintf(out, "\n# remarked");
	for (int i = 0; i < REASON_COUNT; i++)
		if (totals->remarks[i] > 0)
			fprintf(out, " %s=%llu", reason_word((enum reason)i), (unsigned long long)totals->remarks[i]);
	fprintf(out, "\n# dropped without excuse");
	for (int i = 0; i < REASON_COUNT; i++)
		if (totals->dropped_for[i] > 0)
			fprintf(out, " %s=%llu", reason_word((enum reason)i),
				(unsigned long long)totals->dropped_for[i]);
	fputc('\n', out);
}

static void print_attack(const struct sim_attack *attack, FILE *out)
{
	static const char *const words[SIM_ATTACK_MODES] = { NULL, "blind", "on the path", "two-sided pairs" };

	for (int mode = SIM_ATTACK_BLIND; mode < SIM_ATTACK_MODES; mode++) {
		uint64_t sent = 0;

		for (int effect = 0; effect < SIM_EFFECTS; effect++)
			sent += sim_attack_sum(attack, (enum sim_attack_mode)mode, (enum sim_effect)effect);
		fprintf(out, "; %s %llu forged, %llu changed state, %llu a timer", words[mode],
			(unsigned long long)sent,
			(unsigned long long)sim_attack_sum(attack, (enum sim_attack_mode)mode,
							   SIM_EFFECT_STATE),
			(unsigned long long)(sim_attack_sum(attack, (enum sim_attack_mode)mode,
							    SIM_EFFECT_SHORTER) +
					     sim_attack_sum(attack, (enum sim_attack_mode)mode,
							    SIM_EFFECT_LONGER)));
		if (mode == SIM_ATTACK_BLIND)
			fprintf(out,
				", %llu data, %llu SYNs on an opening, %llu on a closed flow, "
				"%llu RSTs on a closing one",
				(unsigned long long)sim_attack_sum(attack, SIM_ATTACK_BLIND, SIM_EFFECT_DATA),
				(unsigned long long)sim_attack_sum(attack, SIM_ATTACK_BLIND,
								   SIM_EFFECT_OPENING),
				(unsigned long long)sim_attack_sum(attack, SIM_ATTACK_BLIND,
								   SIM_EFFECT_REOPENING),
				(unsigned long long)sim_attack_sum(attack, SIM_ATTACK_BLIND,
								   SIM_EFFECT_CLOSING));
	}
}

void sim_report_summary(const struct sim *sim, uint64_t seed, FILE *out)
{
	const struct sim_totals *totals = &sim->gateway->totals;
	const struct sim_link *link = &sim->link;

	fprintf(out,
		"%ssimulate: %llu runs from seed %llu, %llu connections, %llu segments (%llu lost, "
		"%llu repeated, %llu overtaken, %llu aggregates, %llu errors, %llu unseen): "
		"%llu legitimate dropped, %llu runs failed; dropped without harm:",
		totals->told ? "# " : "", (unsigned long long)totals->runs, (unsigned long long)seed,
		(unsigned long long)totals->lives, (unsigned long long)(totals->segments - totals->forged),
		(unsigned long long)link->lost, (unsigned long long)link->repeated,
		(unsigned long long)link->overtaken, (unsigned long long)link->aggregates,
		(unsigned long long)totals->errors, (unsigned long long)sim->view.passed_by,
		(unsigned long long)totals->dropped, (unsigned long long)totals->failed);
	for (int i = 0; i < SIM_EXCUSES; i++)
		fprintf(out, " %s=%llu", sim_excuse_word((enum sim_excuse)i), (unsigned long long)totals->excused[i]);
	fprintf(out, "; %llu RSTs seen otherwise than by their target, %llu flows restored",
		(unsigned long long)totals->weak, (unsigned long long)totals->restored);
	if (sim->attack.runs[SIM_ATTACK_BLIND] > 0)
		print_attack(&sim->attack, out);
	fputc('\n', out);
}
