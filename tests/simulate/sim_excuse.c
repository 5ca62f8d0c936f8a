/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_excuse.h"

#include "base/units.h"
#include "sim.h"
#include "tcp/seq.h"

/* The shortest timers, less a tick: of a handshake; after a RST; both FINs sent; one; data on its way; nothing. */
#define HANDSHAKE_NS   (59 * NS_PER_S)
#define CLOSED_NS      (9 * NS_PER_S)
#define LAST_ACK_NS    (59 * NS_PER_S)
#define FIN_WAIT_NS    (239 * NS_PER_S)
#define UNACKED_NS     (299 * NS_PER_S)
#define ESTABLISHED_NS (431999 * NS_PER_S)

const char *sim_excuse_word(enum sim_excuse excuse)
{
	static const char *const words[SIM_EXCUSES] = {
		[SIM_EXCUSE_STALE] = "stale",         [SIM_EXCUSE_OLD] = "old",
		[SIM_EXCUSE_BUDGET] = "budget",       [SIM_EXCUSE_SYN] = "syn",
		[SIM_EXCUSE_IGNORED] = "ignored",     [SIM_EXCUSE_CROSSED] = "crossed",
		[SIM_EXCUSE_REFUSAL] = "refusal",     [SIM_EXCUSE_UNOPENED] = "unopened",
		[SIM_EXCUSE_ORPHAN] = "orphan",       [SIM_EXCUSE_OVERTAKEN] = "overtaken",
		[SIM_EXCUSE_SLOW] = "slow",           [SIM_EXCUSE_PHANTOM] = "phantom",
		[SIM_EXCUSE_LIBERAL] = "liberal",     [SIM_EXCUSE_IDLE] = "idle",
		[SIM_EXCUSE_HALF_SEEN] = "half-seen", [SIM_EXCUSE_STRICT] = "strict",
		[SIM_EXCUSE_UNSEEN] = "unseen",       [SIM_EXCUSE_ONCE] = "once",
		[SIM_EXCUSE_STRAYED] = "strayed",
	};

	return words[excuse];
}

/* A RST that its target would not look at anyway: its loss harms nobody. */
static bool is_ignored(const struct sim *sim, const struct sim_segment *s)
{
	const struct sim_end *target = &sim->end[side_other((enum side)s->from)];

	if (!(s->flags & TCP_RST))
		return false;
	switch (target->state) {
	case SIM_CLOSED:
	case SIM_TIME_WAIT:
		return true;
	case SIM_SYN_SENT:
		return !(s->flags & TCP_ACK) || !seq_after(s->ack, target->iss) || seq_after(s->ack, target->nxt);
	case SIM_SYN_RECEIVED:
	case SIM_OPEN:
		return seq_before(s->seq, target->rcv) || !seq_before(s->seq, target->edge);
	}
	return false;
}

/* T-8: what is left of a connection that was reset, or whose other end is dead otherwise. */
static bool is_orphan(const struct sim *sim, const struct sim_segment *s, const struct sim_closing *closing)
{
	const struct sim_end *target = &sim->end[side_other((enum side)s->from)], *sender = &sim->end[s->from];
	bool dead = target->state == SIM_CLOSED || sender->state == SIM_CLOSED || target->life != s->life;
	bool reset = closing->reason == CLOSE_RESET || closing->reason == CLOSE_ABORTED;

	return dead && (!reset || closing->at_ns - closing->reset_ns >= CLOSED_NS);
}

static bool says_nothing_new(const struct sim *sim, const struct sim_segment *s)
{
	const struct sim_end *target = &sim->end[side_other((enum side)s->from)];

	bool old_data = sim_next(s) == s->seq || !seq_after(sim_next(s), target->rcv);

	if (seq_before(s->ack, target->una - target->most_window)) /* RFC 5961 5: not looked at */
		return true;
	return target->state == SIM_CLOSED || target->life != s->life || (old_data && !seq_after(s->ack, target->una));
}

/* Its peer's number is not the number that its peer has. */
static bool speaks_to_another(const struct sim_end *sender, const struct sim_end *target)
{
	return sender->state != SIM_SYN_SENT && sender->irs != sender->rcv && sender->irs != target->iss;
}

/*
 * It speaks of a connection that another one followed: at its sender, or at its target by a SYN that came twice; or it
 * answers such a SYN, or what its target says since it heard one.
 */
static bool is_stale(struct sim *sim, const struct sim_segment *s)
{
	const struct sim_end *target = &sim->end[side_other((enum side)s->from)];
	bool meets = target->state != SIM_CLOSED && target->life == s->life;
	bool waits = meets && (target->state == SIM_SYN_SENT || target->state == SIM_SYN_RECEIVED);
	const struct sim_life *life = sim_trace_life_of(sim, s->life);
	const struct sim_end *sender = &sim->end[s->from];
	bool opens = sender->state == SIM_SYN_SENT || sender->state == SIM_SYN_RECEIVED;

	if (s->life < sim->lives || s->birth < sender->birth)
		return true;
	if (life->births[side_other((enum side)s->from)] > 1 && !opens)
		return true;
	if ((s->flags & TCP_SYN) && (s->flags & TCP_ACK))
		return !waits || life->births[s->from] > 1 || speaks_to_another(sender, target) ||
		       speaks_to_another(target, sender);
	if (life->births[s->from] > 1)
		return true;
	if ((s->flags & TCP_RST) && waits && speaks_to_another(target, sender))
		return true;
	if (sender->state != SIM_SYN_SENT && (target->life != s->life || speaks_to_another(sender, target)))
		return true;
	return sim->trace.flows > sim->lives && (!meets || sender->state == SIM_CLOSED);
}

/* a RST at or behind the edge that its target has granted, as far as the gateway knows. */
static bool is_beyond(const struct sim *sim, const struct sim_segment *s)
{
	enum side target = side_other((enum side)s->from);

	return (s->flags & TCP_RST) &&
	       (!sim->trace.edge_known[target] || !seq_before(s->seq, sim->trace.edge[target]));
}

static enum sim_excuse excuse_of_silence(const struct sim *sim, const struct sim_segment *s, uint64_t silence_ns)
{
	const struct sim_end *sender = &sim->end[s->from], *target = &sim->end[side_other((enum side)s->from)];
	int fins = sim_fin_sent(sender) + sim_fin_sent(target);
	bool sent_before = sim->trace.top_known[s->from] && seq_after(sim->trace.top[s->from], sender->una);
	bool waits = sent_before || seq_after(s->seq, sender->una) || target->una != target->nxt;
	uint64_t least_ns = fins == 2 ? LAST_ACK_NS : fins == 1 ? FIN_WAIT_NS : waits ? UNACKED_NS : ESTABLISHED_NS;

	if (silence_ns < least_ns)
		return SIM_EXCUSES;
	return SIM_EXCUSE_IDLE;
}

/* What excuses a drop for no-flow, or for the flow of a retransmitted SYN: the flow ended, and not too early. */
static enum sim_excuse excuse_of_end(const struct sim *sim, const struct sim_segment *s, enum reason reason)
{
	const struct sim_trace *trace = &sim->trace;
	const struct sim_closing *closing = trace->closings > 0 ? &trace->closing[trace->closings - 1] : NULL;

	if (closing == NULL ||
	    (reason == REASON_BAD_SYNACK && (closing->established || closing->reason != CLOSE_TIMEOUT)))
		return SIM_EXCUSES;
	if (closing->reason == CLOSE_FIN) /* T-7 */
		return SIM_EXCUSE_ORPHAN;
	if (!closing->established && closing->reason == CLOSE_RESET &&
	    (sim->end[SIDE_CLIENT].simultaneous || sim->end[SIDE_SERVER].simultaneous))
		return SIM_EXCUSE_CROSSED;
	if (is_orphan(sim, s, closing))
		return SIM_EXCUSE_ORPHAN;
	/* the number of a refusal is 0, which a server's may happen to be that opens later */
	if (closing->reason == CLOSE_RESET && closing->reset_ns == trace->stale_reset_ns)
		return SIM_EXCUSE_REFUSAL;
	if ((!closing->established || sim->end[SIDE_SERVER].state == SIM_SYN_RECEIVED) &&
	    closing->at_ns - closing->started_ns >= HANDSHAKE_NS)
		return SIM_EXCUSE_SLOW;
	return excuse_of_silence(sim, s, closing->at_ns - closing->last_ns);
}

/* S-3: the flow's time was over, and the SYN of an earlier life that pended on it began one of its own. */
static bool is_stray_flow(const struct sim *sim)
{
	const struct sim_trace *trace = &sim->trace;
	const struct sim_closing *closing = trace->closings > 0 ? &trace->closing[trace->closings - 1] : NULL;

	return closing != NULL && (closing->reason == CLOSE_TIMEOUT || closing->reason == CLOSE_RESET) &&
	       closing->established && trace->stray_syn &&
	       trace->open && !trace->established;
}

/* S-2: the budget of its sender's SYNs, and the net's copies of them, is used up: a burst, then one a second. */
static bool is_shadow_budget_used(const struct sim *sim, const struct sim_segment *s)
{
	const struct settings *settings = &sim->gateway->settings;
	uint64_t now_ns = sim->clock.now_ns, passed = 0;

	for (size_t i = sim->trace.count; i > 0; i--) {
		const struct sim_judgement *j = &sim->trace.judgement[i - 1];
		uint64_t refilled = (now_ns - j->at_ns) / NS_PER_S * (uint64_t)settings->tracking_shadow_rate;

		if (j->segment.from != s->from || (j->segment.flags & (TCP_SYN | TCP_ACK)) != TCP_SYN ||
		    j->decision.verdict == VERDICT_DROP)
			continue;
		passed++;
		if (passed >= (uint64_t)settings->tracking_shadow_burst + refilled)
			return true;
	}
	return false;
}

enum sim_excuse sim_excuse_find(struct sim *sim, const struct sim_segment *s, enum reason reason)
{
	const struct sim_end *target = &sim->end[side_other((enum side)s->from)];
	enum sim_excuse excuse = sim_view_excuse(sim, s, reason);

	if (excuse != SIM_EXCUSES)
		return excuse;
	if (is_stale(sim, s))
		return SIM_EXCUSE_STALE;
	if (reason == REASON_OLD_SEQ || reason == REASON_OLD_ACK)
		return says_nothing_new(sim, s) ? SIM_EXCUSE_OLD : SIM_EXCUSE_BUDGET;
	if (reason == REASON_SHADOW_RATE && sim_trace_life_of(sim, s->life)->syn_passed[s->from])
		return SIM_EXCUSE_SYN;
	if (reason == REASON_SHADOW_RATE && is_shadow_budget_used(sim, s))
		return SIM_EXCUSE_BUDGET;
	if (is_ignored(sim, s) || is_beyond(sim, s))
		return SIM_EXCUSE_IGNORED;
	if (reason == REASON_RST_RATE)
		return SIM_EXCUSE_BUDGET;
	if (reason == REASON_WRONG_DIRECTION && (sim->end[s->from].simultaneous || !(s->flags & TCP_ACK)))
		return SIM_EXCUSE_CROSSED;
	if ((reason == REASON_BAD_RST && target->state == SIM_SYN_SENT) ||
	    ((reason == REASON_NO_SYNACK || reason == REASON_BAD_RST) && sim->trace.refused))
		return SIM_EXCUSE_REFUSAL;
	if ((s->flags & TCP_SYN) && (s->flags & TCP_ACK) && target->state == SIM_SYN_SENT &&
	    sim->trace.syn_ns[target->side] > 0 && sim->trace.turned_ns >= sim->trace.syn_ns[target->side])
		return SIM_EXCUSE_OVERTAKEN;
	if (!(s->flags & TCP_SYN) && !sim_trace_life_of(sim, s->life)->syn_passed[s->from])
		return SIM_EXCUSE_UNOPENED;
	if (sim->trace.misled)
		return SIM_EXCUSE_LIBERAL;
	if (reason == REASON_NO_FLOW || reason == REASON_BAD_SYNACK ||
	    (reason == REASON_NO_SYNACK && is_stray_flow(sim)))
		return excuse_of_end(sim, s, reason);
	return sim->trace.flows > sim->lives ? SIM_EXCUSE_PHANTOM : SIM_EXCUSES;
}
