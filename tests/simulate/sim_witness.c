/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_witness.h"

#include <string.h>

#include "base/units.h"
#include "sim.h"
#include "tcp/seq.h"

#define TICK_NS      (2 * NS_PER_S) /* a flow goes at the first tick behind its deadline */
#define SYN_SENT_NS  (120 * NS_PER_S)
#define SYN_RECV_NS  (60 * NS_PER_S)
#define RENEWALS     3
#define CLOSED_NS    (10 * NS_PER_S)
#define TIME_WAITS   8 /* tracking.time_wait_cap */
#define RANK_NEW     1
#define RANK_SYNACK  2

void sim_witness_reset(struct sim_witness *witness)
{
	memset(witness, 0, sizeof *witness);
}

static bool is_silent(const struct sim *sim)
{
	return sim->attack.mode != SIM_ATTACK_NONE || !sim_view_is_whole(&sim->view) || sim->trace.misled;
}

/* One connection, one flow: the numbers of what passed are all of the same streams. */
static bool is_simple(struct sim *sim, const struct sim_segment *s)
{
	return sim->lives == 1 && sim->trace.flows == 1 && sim_life_is_simple(sim_trace_life_of(sim, s->life)) &&
	       sim->trace.established;
}

static void note_syn(struct sim_witness *w, const struct sim_segment *s, reason_set remarks)
{
	const reason_set aside = reason_bit(REASON_SHADOW_SYN) | reason_bit(REASON_SIMULTANEOUS_OPEN);
	struct sim_sack syn = { s->seq, sim_next(s) };

	w->time_wait_ns = 0;
	w->shadowed |= (remarks & reason_bit(REASON_SHADOW_SYN)) != 0;
	if (remarks & aside) {
		w->syns = 0;
	} else if (remarks & reason_bit(REASON_SYN_NEW_ISN)) {
		w->renumbered = true;
		memmove(w->syn + 1, w->syn, sizeof w->syn - sizeof w->syn[0]);
		w->syn[0] = syn;
		w->syns += w->syns < SIM_SYNS && w->syns > 0;
	} else if (remarks & reason_bit(REASON_SYN_RETRANSMIT)) {
		if (w->syn[0].left == syn.left)
			w->syn[0].right = seq_max(w->syn[0].right, syn.right);
	} else {
		w->syn[0] = syn;
		w->syns = 1;
		w->renumbered = false;
	}
	w->opener = s->from;
}

/* H-9, H-10: the answer to any of the last SYNs passes; H-16: and the refusal of the last one. */
static void check_answer(struct sim *sim, const struct sim_segment *s, const struct decision *d)
{
	const struct sim_witness *w = &sim->witness;
	unsigned syns = (s->flags & TCP_RST) && w->syns > 1 ? 1 : w->syns;

	if (d->verdict == VERDICT_ACCEPT || s->from == w->opener || d->phase != PHASE_SYN_SENT)
		return;
	for (unsigned i = 0; i < syns; i++)
		if (seq_after(s->ack, w->syn[i].left) && !seq_after(s->ack, w->syn[i].right))
			sim_fail(sim, "H-9, H-10, H-16: the answer to SYN %u of %u dropped at %.9f s", i + 1, w->syns,
				 (double)sim->clock.now_ns / 1e9);
}

/* W-3: what is older than a window is remarked, or dropped, and nothing else is. */
static void check_age(struct sim *sim, const struct sim_segment *s, const struct decision *d)
{
	uint32_t reach = sim->witness.reach[1 - s->from], top = sim->trace.top[s->from];
	bool told = d->verdict == VERDICT_DROP || (d->remarks & reason_bit(REASON_OLD_SEQ));

	if (reach == 0 || reach > (1u << 28) || (s->flags & (TCP_SYN | TCP_RST | TCP_FIN)) || d->phase == PHASE_CLOSED)
		return;
	if (seq_before(sim_next(s), top - 2 * reach - 2) && !told)
		sim_fail(sim, "W-3: a segment %u bytes back, the window is %u, passed for new at %.9f s",
			 top - sim_next(s), reach, (double)sim->clock.now_ns / 1e9);
	if (!seq_before(sim_next(s), top - reach / 2) && (d->remarks & reason_bit(REASON_OLD_SEQ)))
		sim_fail(sim, "W-3: a segment %u bytes back, the window is %u, passed for old at %.9f s",
			 top - sim_next(s), reach, (double)sim->clock.now_ns / 1e9);
}

/* of a host that closes with unread data a RST from an older number passes; while both close it ends the flow. */
static void check_reset(struct sim *sim, const struct sim_segment *s, const struct decision *d, enum phase before)
{
	uint32_t acked = sim->trace.acked[s->from], reach = sim->witness.reach[1 - s->from];
	bool closing = before == PHASE_CLOSING || before == PHASE_LAST_ACK;

	if (!sim->witness.fin_passed || (s->flags & TCP_ACK) || before == PHASE_CLOSED ||
	    !sim->trace.edge_known[1 - s->from] || seq_after(s->seq, acked) || seq_before(s->seq, acked - reach))
		return;
	if (d->verdict == VERDICT_DROP && d->reason == REASON_BAD_RST)
		sim_fail(sim, "R-6: a RST %u bytes back dropped in %s at %.9f s", acked - s->seq, phase_word(before),
			 (double)sim->clock.now_ns / 1e9);
	if (closing && acked - s->seq < 65535 && d->verdict == VERDICT_ACCEPT && d->phase != PHASE_CLOSED)
		sim_fail(sim, "R-6: a RST %u bytes back ends no %s at %.9f s", acked - s->seq, phase_word(before),
			 (double)sim->clock.now_ns / 1e9);
}

static void note_passed(struct sim *sim, const struct sim_segment *s, const struct decision *d)
{
	const reason_set aside = reason_bit(REASON_OLD_SEQ) | reason_bit(REASON_OLD_ACK) | reason_bit(REASON_OVERSHOOT);
	struct sim_witness *w = &sim->witness;
	unsigned scale = (s->flags & TCP_SYN) ? 0 : sim->end[s->from].receive_scale;
	uint32_t window = (uint32_t)s->window << scale, most = s->ack;

	if (d->verdict == VERDICT_DROP)
		return;
	if ((s->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		note_syn(w, s, d->remarks);
	else if (s->flags & TCP_SYN)
		w->syns = 0;
	if (s->flags & TCP_RST)
		return;
	w->fin_passed |= (s->flags & TCP_FIN) != 0;
	if ((s->flags & TCP_FIN) && d->phase == PHASE_TIME_WAIT && w->time_wait_ns != 0)
		w->time_wait_ns = sim->clock.now_ns;
	if (d->remarks & aside)
		return;
	for (unsigned i = 0; i < s->sacks && (s->flags & TCP_ACK); i++)
		most = seq_max(most, s->sack[i].right);
	if (window + (most - s->ack) > w->reach[s->from])
		w->reach[s->from] = window + (most - s->ack);
}

void sim_witness_judged(struct sim *sim, const struct sim_segment *s, const struct decision *d)
{
	enum phase before = sim->trace.phase;

	sim->trace.phase = d->phase;
	if (s->forged || s->icmp || is_silent(sim))
		return;
	if ((s->flags & (TCP_SYN | TCP_RST)) && (s->flags & TCP_ACK))
		check_answer(sim, s, d);
	if (is_simple(sim, s) && (s->flags & TCP_RST))
		check_reset(sim, s, d, before);
	else if (is_simple(sim, s))
		check_age(sim, s, d);
	note_passed(sim, s, d);
}

void sim_witness_event(struct sim *sim, const struct event *event)
{
	struct sim_witness *w = &sim->witness;

	if (event->kind == EVENT_FLOW_TIME_WAIT)
		w->time_wait_ns = w->entered_ns = event->now_ns - sim->gateway->base_ns;
	if (event->kind != EVENT_FLOW_NEW)
		return;
	w->time_wait_ns = 0;
	w->shadowed = false;
}

static void expect(struct sim *sim, const char *rule, uint64_t lived_ns, uint64_t least_ns, uint64_t most_ns)
{
	if (lived_ns + TICK_NS < least_ns || lived_ns > most_ns + TICK_NS)
		sim_fail(sim, "%s: a flow ended after %.3f s, it should live for %.0f to %.0f s", rule,
			 (double)lived_ns / 1e9, (double)least_ns / 1e9, (double)most_ns / 1e9);
}

void sim_witness_closed(struct sim *sim, const struct sim_closing *closing, int rank)
{
	const struct sim_witness *w = &sim->witness;
	const struct sim_trace *trace = &sim->trace;
	uint64_t time_wait_ns = settings_time_wait_s(&sim->gateway->present) * NS_PER_S;
	uint64_t due_ns = min_u64(w->time_wait_ns - w->entered_ns + time_wait_ns, TIME_WAITS * time_wait_ns);
	bool over = closing->reason == CLOSE_RESET || closing->reason == CLOSE_REFUSED ||
		    closing->reason == CLOSE_ABORTED;

	if (is_silent(sim) || w->shadowed || sim->lives > 1 || trace->flows > 1 ||
	    !sim_life_is_simple(sim_trace_life_of(sim, 1)))
		return;
	if (closing->reason == CLOSE_FIN && w->time_wait_ns != 0) /* T-7, C-10, C-11 */
		expect(sim, "T-7", closing->at_ns - w->entered_ns, due_ns, due_ns);
	if (over)
		expect(sim, "T-8", closing->at_ns - closing->reset_ns, CLOSED_NS, CLOSED_NS);
	if (closing->reason == CLOSE_TIMEOUT && rank == RANK_NEW && w->syns == 1 && !w->renumbered && !trace->stray_syn)
		expect(sim, "T-2", closing->at_ns - closing->started_ns, SYN_SENT_NS, SYN_SENT_NS);
	if (closing->reason == CLOSE_TIMEOUT && rank == RANK_SYNACK)
		expect(sim, "T-3", closing->at_ns - closing->started_ns, SYN_RECV_NS,
		       SYN_SENT_NS + (RENEWALS + 1) * SYN_RECV_NS);
}
