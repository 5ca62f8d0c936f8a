/* SPDX-License-Identifier: GPL-2.0-or-later */
/* top: source prefixes by SYN rate; what else the client's screen shows it asks of status, flows and drops. */
#include "policy/limits.h"
#include "report/address.h"
#include "service/clock.h"
#include "service/verbs.h"

/* Names of the lengths that are kept (policy/top.h), the narrowest first. */
static const char *const levels[TOP_LEVELS] = { "source", "network", "wide" };

/* Of late: its certain part of the SYNs that are remembered, times the rate of all. */
static json_t *prefix_object(const struct top_row *row, uint64_t total, uint64_t rate, unsigned level)
{
	uint64_t certain = row->count - row->error;
	char data[ADDRESS_PORT_SIZE];
	struct text text;

	text_init(&text, data, sizeof data);
	address_prefix_text(&text, row->prefix.address, row->prefix.bits);
	return json_pack("{s:s,s:s,s:I,s:I}", "syn_source", data, "level", levels[level], "per_s",
			 (json_int_t)(((double)rate * (double)certain) / (double)total + 0.5), "percent",
			 (json_int_t)(certain * 100 / total));
}

void verb_top(struct daemon *daemon, struct reply *reply)
{
	struct floods *floods = limits_floods(daemon->limits);
	uint64_t rate = floods_rate(floods, clock_monotonic_ns()), total;
	struct top_row row[TOP_ROWS];

	for (unsigned level = 0; level < TOP_LEVELS; level++) {
		unsigned count = top_rows(&floods->top, level, row, &total);

		for (unsigned i = 0; i < count && total > 0; i++)
			if (row[i].count > row[i].error)
				reply_object(reply, prefix_object(&row[i], total, rate, level));
	}
	reply_object(reply, json_pack("{s:I}", "syn_per_s", (json_int_t)rate));
	reply_done(reply);
}
