/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How fast a flow is: what it has more than at the look before. Pure. */
#pragma once

#include <jansson.h>

/* A moment, by two clocks. */
struct top_moment {
	double at_s;   /* monotonic */
	double wall_s; /* as the daemon's "start" */
};

/* The flows of a look by their ids, for the next one; a new object. */
json_t *top_rates_keep(const json_t *flows);
/*
 * Adds to each flow bytes and packets a second of either end (client_bytes_per_s ...): since the look before (`kept`),
 * or since its own start where that is later; null where it was not seen then. kept: NULL at the first look.
 */
void top_rates_flows(json_t *flows, struct top_moment now, const json_t *kept, struct top_moment then);
/* Adds drops_per_s to the status, null where the one before (NULL: none) is of another daemon. */
void top_rates_status(json_t *status, struct top_moment now, const json_t *before, struct top_moment then);
