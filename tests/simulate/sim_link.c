/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_link.h"

#include <string.h>

#include "base/units.h"
#include "sim.h"
#include "sim_icmp.h"

#define MERGE_NS (60 * NS_PER_US) /* how long a segment waits for its continuation */

void sim_link_reset(struct sim_link *link)
{
	for (int i = 0; i < 2; i++) {
		link->stretch[i][0].last_ns = link->stretch[i][1].last_ns = 0;
		link->merger[i].holds = false;
	}
}

static void pass_stretch(struct sim *sim, struct sim_stretch *stretch, const struct sim_segment *s,
			 enum sim_event_kind arrival)
{
	uint64_t now_ns = sim->clock.now_ns;
	uint64_t at_ns = now_ns + stretch->delay_ns + sim_between(&sim->random, 0, stretch->jitter_ns);

	if (arrival == SIM_EVENT_END && sim_icmp_returns(sim, s))
		return;
	if (sim_chance(&sim->random, stretch->loss) ||
	    (now_ns >= stretch->down_from_ns && now_ns < stretch->down_to_ns)) {
		sim->link.lost++;
		return;
	}
	if (sim_chance(&sim->random, stretch->overtake)) {
		sim->link.overtaken++;
		at_ns += sim_between(&sim->random, 0, stretch->late_ns);
	} else {
		at_ns = max_u64(at_ns, stretch->last_ns);
		stretch->last_ns = at_ns;
	}
	sim_clock_file_segment(&sim->clock, at_ns, arrival, s);
	if (sim_chance(&sim->random, stretch->repeat)) {
		sim->link.repeated++;
		sim_clock_file_segment(&sim->clock, at_ns + sim_between(&sim->random, 0, stretch->late_ns), arrival, s);
	}
}

void sim_link_send(struct sim *sim, const struct sim_segment *s)
{
	struct sim_segment leaving = *s;

	leaving.sent_ns = sim->clock.now_ns;
	pass_stretch(sim, &sim->link.stretch[s->from][0], &leaving, SIM_EVENT_GATEWAY);
}

static bool may_merge(const struct sim_segment *s)
{
	const uint16_t others = TCP_SYN | TCP_RST | TCP_FIN | TCP_URG | TCP_ECE | TCP_CWR;

	return s->len > 0 && (s->flags & TCP_ACK) && !(s->flags & others) && s->sacks == 0;
}

/* As GRO: the continuation, with the same acknowledgement, window and options. It may end in a FIN. */
static bool continues(const struct sim_merger *merger, const struct sim_segment *s)
{
	const struct sim_segment *held = &merger->held;

	return may_merge(held) && s->len > 0 && s->seq == held->seq + held->len && s->ack == held->ack &&
	       s->window == held->window && s->sacks == 0 && s->timestamps == held->timestamps &&
	       s->tsval == held->tsval && s->tsecr == held->tsecr && s->life == held->life &&
	       !(s->flags & (TCP_SYN | TCP_RST)) && held->len % held->piece == 0 && s->len <= held->piece &&
	       held->len + s->len <= merger->most;
}

static void let_go(struct sim *sim, struct sim_merger *merger)
{
	if (!merger->holds)
		return;
	merger->holds = false;
	if (merger->held.aggregate)
		sim->link.aggregates++;
	sim_gateway_input(sim, &merger->held);
}

void sim_link_at_gateway(struct sim *sim, const struct sim_segment *s)
{
	struct sim_merger *merger = &sim->link.merger[s->from];

	if (!merger->merges || s->forged || s->icmp) {
		sim_gateway_input(sim, s);
		return;
	}
	if (merger->holds && continues(merger, s)) {
		merger->held.len += s->len;
		merger->held.flags |= s->flags;
		merger->held.aggregate = true;
		if (s->len < merger->held.piece || (s->flags & (TCP_FIN | TCP_PSH)))
			let_go(sim, merger);
		return;
	}
	let_go(sim, merger);
	if (!may_merge(s)) {
		sim_gateway_input(sim, s);
		return;
	}
	merger->held = *s;
	merger->held.piece = (uint16_t)s->len;
	merger->holds = true;
	sim_clock_file(&sim->clock, sim->clock.now_ns + MERGE_NS, SIM_EVENT_MERGED, (enum side)s->from, ++merger->turn);
}

void sim_link_merged(struct sim *sim, enum side from, uint32_t turn)
{
	if (sim->link.merger[from].turn == turn)
		let_go(sim, &sim->link.merger[from]);
}

void sim_link_behind_gateway(struct sim *sim, const struct sim_segment *s)
{
	struct sim_stretch *stretch = &sim->link.stretch[s->from][1];
	struct sim_segment piece = *s;
	uint32_t left = s->len;

	piece.aggregate = false;
	for (; s->aggregate && left > s->piece; left -= s->piece) {
		piece.len = s->piece;
		piece.flags = s->flags & (uint16_t)~(TCP_FIN | TCP_PSH);
		pass_stretch(sim, stretch, &piece, SIM_EVENT_END);
		piece.seq += s->piece;
	}
	piece.len = left;
	piece.flags = s->flags;
	pass_stretch(sim, stretch, &piece, SIM_EVENT_END);
}
