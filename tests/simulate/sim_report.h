/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a run that failed leaves behind, and the last line of all. */
#pragma once

#include <stdint.h>
#include <stdio.h>

struct sim;

/* The scenario that repeats the run, for tcpwarden-replay --check; the failure in comments above it. */
void sim_report_scenario(const struct sim *sim, FILE *out);
/* Drops and remarks by reason, ends of flows. */
void sim_report_totals(const struct sim *sim, FILE *out);
/* One line for all runs. */
void sim_report_summary(const struct sim *sim, uint64_t seed, FILE *out);
