/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * simulate [-n RUNS] [-s SEED] [-v] [--attack] [--mode MODE] [--sight SIGHT]: connections between two simulated TCPs
 * over a bad link, the engine in its middle, on a virtual clock. Run i has seed SEED + i, so that one run can be
 * repeated alone. Prints one line; of the first run that failed also the scenario that repeats it, of others seed and
 * reason. -v: counts in detail, and of a single run always the scenario. MODE (tracking.window) and SIGHT (what the
 * engine sees, sim_view.h) are drawn for each run unless given. Exit 1: a run failed.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"
#include "sim_check.h"
#include "sim_report.h"

#define EVENTS_MOST  2000000 /* of a run: one that goes on for longer never ends */
#define SEEDS_TOLD   20

struct options {
	uint64_t runs, seed;
	bool verbose, attack;
	int mode, sight; /* or SIM_ANY */
};

static void dispatch(struct sim *sim, const struct sim_event *event, const struct sim_segment *s)
{
	struct sim_end *end = &sim->end[event->side];

	switch (event->kind) {
	case SIM_EVENT_GATEWAY:
		sim_link_at_gateway(sim, s);
		break;
	case SIM_EVENT_MERGED:
		sim_link_merged(sim, end->side, event->what);
		break;
	case SIM_EVENT_END:
		sim_end_receive(sim, sim_peer(sim, end), s);
		break;
	case SIM_EVENT_TIMER:
		sim_timers(sim, end);
		break;
	case SIM_EVENT_ACT:
		sim_plan_act(sim, end, (enum sim_act)event->what);
		break;
	case SIM_EVENT_FORGE:
		sim_attack_send(sim);
		break;
	}
}

static void run(struct sim *sim, const struct options *options, uint64_t seed)
{
	struct sim_event event;
	struct sim_segment segment;
	unsigned events = 0;

	sim->seed = seed;
	sim->random.state = seed * UINT64_C(0x2545f4914f6cdd1d);
	sim->lives = 0;
	sim_clock_reset(&sim->clock);
	sim_trace_reset(&sim->trace);
	sim_witness_reset(&sim->witness);
	sim_link_reset(&sim->link);
	sim_plan_draw(sim);
	sim_attack_begin(sim, options->attack);
	sim_view_draw(sim);
	sim_gateway_begin(sim->gateway, sim);
	while (sim_clock_next(&sim->clock, &event, &segment)) {
		dispatch(sim, &event, &segment);
		if (++events > EVENTS_MOST) {
			sim_fail(sim, "the run does not end");
			break;
		}
	}
	sim_gateway_finish(sim);
	sim_check(sim);
}

static void tell(struct sim *sim, const struct options *options)
{
	struct sim_totals *totals = &sim->gateway->totals;

	totals->runs++;
	sim->attack.harmed[sim->attack.mode] += sim->trace.harmed;
	totals->failed += sim->trace.failed;
	if (!sim->trace.failed && (options->runs > 1 || !options->verbose))
		return;
	totals->told = true;
	if (totals->failed == 1 || options->runs == 1)
		sim_report_scenario(sim, stdout);
	else if (options->verbose || totals->failed <= SEEDS_TOLD)
		printf("# seed %llu: %s\n", (unsigned long long)sim->seed, sim->trace.failure);
}

static int word_number(const char *word, const char *(*word_of)(int), int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(word, word_of(i)) == 0)
			return i;
	return count;
}

static const char *sight_word(int sight)
{
	return sim_sight_word((enum sim_sight)sight);
}

static bool read_options(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = { { "attack", no_argument, NULL, 'a' },
					       { "mode", required_argument, NULL, 'm' },
					       { "sight", required_argument, NULL, 'i' },
					       { NULL, 0, NULL, 0 } };
	int c;

	*options = (struct options){ .runs = 5000, .seed = 1, .mode = SIM_ANY, .sight = SIM_ANY };
	while ((c = getopt_long(argc, argv, "n:s:v", longs, NULL)) != -1) {
		if (c == 'n')
			options->runs = strtoull(optarg, NULL, 10);
		else if (c == 's')
			options->seed = strtoull(optarg, NULL, 10);
		else if (c == 'v')
			options->verbose = true;
		else if (c == 'a')
			options->attack = true;
		else if (c == 'm')
			options->mode = word_number(optarg, sim_mode_word, WINDOW_LIBERAL + 1);
		else if (c == 'i')
			options->sight = word_number(optarg, sight_word, SIM_SIGHTS);
		else
			return false;
	}
	return optind == argc && options->mode <= WINDOW_LIBERAL && options->sight < SIM_SIGHTS;
}

int main(int argc, char **argv)
{
	struct options options;
	struct sim *sim = calloc(1, sizeof *sim);
	bool failed;

	if (!read_options(argc, argv, &options)) {
		fprintf(stderr, "usage: simulate [-n RUNS] [-s SEED] [-v] [--attack] [--mode MODE] [--sight SIGHT]\n");
		free(sim);
		return 2;
	}
	if (sim != NULL)
		sim->gateway = sim_gateway_new();
	if (sim == NULL || sim->gateway == NULL || sim->gateway->engine == NULL) {
		fprintf(stderr, "simulate: out of memory\n");
		return 2;
	}
	sim->view.only_mode = options.mode;
	sim->view.only_sight = options.sight;
	for (uint64_t i = 0; i < options.runs; i++) {
		run(sim, &options, options.seed + i);
		tell(sim, &options);
	}
	if (options.verbose) {
		sim_report_totals(sim, stdout);
		if (options.attack)
			sim_attack_table(&sim->attack, stdout);
	}
	sim_report_summary(sim, options.seed, stdout);
	failed = sim->gateway->totals.failed > 0;
	sim_gateway_free(sim->gateway);
	sim_clock_free(&sim->clock);
	free(sim->trace.judgement);
	free(sim);
	return failed;
}
