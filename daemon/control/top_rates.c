/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/top_rates.h"

#include <stdio.h>

#include "control/show.h"

#define KEY 32

static const char *const counted[] = { "client_bytes", "server_bytes", "client_packets", "server_packets" };

json_t *top_rates_keep(const json_t *flows)
{
	json_t *kept = json_object(), *flow;
	size_t index;

	json_array_foreach((json_t *)flows, index, flow)
		json_object_set(kept, show_word(flow, "flow"), flow);
	return kept;
}

/* null where it is not known: no time passed, or what only grows became less. */
static json_t *rate(json_int_t now, json_int_t then, double seconds)
{
	return seconds > 0 && now >= then ? json_real((double)(now - then) / seconds) : json_null();
}

static void add_rates(json_t *flow, struct top_moment now, const json_t *before, struct top_moment then)
{
	double start = json_number_value(json_object_get(flow, "start")), seconds = now.at_s - then.at_s;
	bool is_new = before == NULL && start >= then.wall_s;

	for (size_t i = 0; i < sizeof counted / sizeof counted[0]; i++) {
		char key[KEY];

		snprintf(key, sizeof key, "%s_per_s", counted[i]);
		json_object_set_new(flow, key,
				    before == NULL && !is_new
					    ? json_null()
					    : rate(show_number(flow, counted[i]),
						   before != NULL ? show_number(before, counted[i]) : 0, seconds));
	}
}

void top_rates_flows(json_t *flows, struct top_moment now, const json_t *kept, struct top_moment then)
{
	json_t *flow;
	size_t index;

	if (kept == NULL) /* nothing is new then */
		then.wall_s = now.wall_s + 1;
	json_array_foreach(flows, index, flow)
		add_rates(flow, now, json_object_get(kept, show_word(flow, "flow")), then);
}

static json_int_t drops_of(const json_t *status)
{
	return show_number(status, "dropped") + show_number(status, "would_drop");
}

void top_rates_status(json_t *status, struct top_moment now, const json_t *before, struct top_moment then)
{
	bool same = before != NULL && show_number(before, "pid") == show_number(status, "pid");

	json_object_set_new(status, "drops_per_s",
			    same ? rate(drops_of(status), drops_of(before), now.at_s - then.at_s) : json_null());
}
