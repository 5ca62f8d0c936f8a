/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_view.h"

#include "base/units.h"
#include "sim.h"
#include "tcp/seq.h"

#define WARMUP_S 300
#define EPOCH_NS (100 * NS_PER_MS) /* at most one new epoch in this time, as the daemon's workers have it */

const char *sim_sight_word(enum sim_sight sight)
{
	static const char *const words[SIM_SIGHTS] = { "whole", "loss", "blind", "late", "one-sided" };

	return words[sight];
}

const char *sim_mode_word(int window_mode)
{
	static const char *const words[] = {
		[WINDOW_NORMAL] = "normal", [WINDOW_STRICT] = "strict", [WINDOW_LIBERAL] = "liberal"
	};

	return words[window_mode];
}

static enum sim_sight draw_sight(struct sim_random *r)
{
	uint32_t die = sim_draw(r, 100);

	if (die < 68)
		return SIM_SIGHT_WHOLE;
	return die < 74 ? SIM_SIGHT_LOSS : die < 84 ? SIM_SIGHT_BLIND : die < 94 ? SIM_SIGHT_LATE : SIM_SIGHT_ONE_SIDED;
}

static int draw_mode(struct sim_random *r)
{
	uint32_t die = sim_draw(r, 100);

	return die < 65 ? WINDOW_NORMAL : die < 82 ? WINDOW_STRICT : WINDOW_LIBERAL;
}

/* M-9: strict mode has no pickup. One direction of SYN+ACKs is known to "observe" only (K-2). */
static int draw_pickup(struct sim_random *r, const struct sim_view *view)
{
	static const int late[] = { PICKUP_ON, PICKUP_WARMUP, PICKUP_OBSERVE };

	switch (view->sight) {
	case SIM_SIGHT_LATE:
		return late[sim_draw(r, 3)];
	case SIM_SIGHT_BLIND:
		return sim_chance(r, 800) ? PICKUP_WARMUP : PICKUP_OFF;
	case SIM_SIGHT_ONE_SIDED:
		return view->seen == SIDE_SERVER ? PICKUP_OBSERVE : PICKUP_OFF;
	case SIM_SIGHT_WHOLE:
	case SIM_SIGHT_LOSS:
	case SIM_SIGHTS:
		break;
	}
	return PICKUP_OFF;
}

static void draw_gaps(struct sim_random *r, struct sim_view *view)
{
	uint64_t at_ns = 0;

	for (int i = 0; i < SIM_GAPS; i++) {
		at_ns += sim_between(r, 0, sim_chance(r, 500) ? NS_PER_S : 10 * NS_PER_S);
		view->gap_from_ns[i] = at_ns;
		at_ns += sim_between(r, NS_PER_MS, sim_chance(r, 700) ? NS_PER_S : 8 * NS_PER_S);
		view->gap_to_ns[i] = at_ns;
	}
	view->gap_share = sim_chance(r, 500) ? 1000 : (uint16_t)sim_between(r, 20, 900);
}

void sim_view_draw(struct sim *sim)
{
	struct sim_random *r = &sim->random;
	struct sim_view *view = &sim->view;
	bool attacked = sim->attack.mode != SIM_ATTACK_NONE;

	view->sight = draw_sight(r);
	view->window_mode = draw_mode(r);
	if (view->only_sight != SIM_ANY)
		view->sight = (enum sim_sight)view->only_sight;
	if (attacked)
		view->sight = SIM_SIGHT_WHOLE;
	if (view->only_mode != SIM_ANY)
		view->window_mode = view->only_mode;
	else if (view->window_mode == WINDOW_STRICT && view->sight > SIM_SIGHT_LOSS)
		view->window_mode = WINDOW_NORMAL;
	if (attacked && view->window_mode == WINDOW_LIBERAL)
		view->window_mode = WINDOW_NORMAL; /* nothing would be left to test */
	view->seen = sim_chance(r, 700) ? SIDE_CLIENT : SIDE_SERVER;
	view->pickup = draw_pickup(r, view);
	view->from_ns = sim_between(r, 0, sim_chance(r, 500) ? 300 * NS_PER_MS : 20 * NS_PER_S);
	draw_gaps(r, view);
	view->missed = view->blind_due = false;
	for (int i = 0; i < 2; i++) {
		view->missed_ns[i] = 0;
		view->overtaken[i] = false;
	}
	view->blind_ns = 0;
	view->epochs = 0;
	view->runs[view->sight]++;
}

void sim_view_settings(const struct sim_view *view, struct settings *settings)
{
	settings->tracking_window = view->window_mode;
	settings->tracking_pickup = view->pickup;
	settings->tracking_pickup_warmup = view->pickup == PICKUP_WARMUP ? WARMUP_S : 0;
	settings->tracking_async = view->sight == SIM_SIGHT_ONE_SIDED;
}

static bool in_gap(const struct sim_view *view, uint64_t now_ns)
{
	for (int i = 0; i < SIM_GAPS; i++)
		if (now_ns >= view->gap_from_ns[i] && now_ns < view->gap_to_ns[i])
			return true;
	return false;
}

static bool is_taken(struct sim *sim, const struct sim_segment *s)
{
	const struct sim_view *view = &sim->view;

	switch (view->sight) {
	case SIM_SIGHT_WHOLE:
	case SIM_SIGHTS:
		break;
	case SIM_SIGHT_LOSS:
	case SIM_SIGHT_BLIND:
		return in_gap(view, sim->clock.now_ns) && sim_chance(&sim->random, view->gap_share);
	case SIM_SIGHT_LATE:
		return sim->clock.now_ns < view->from_ns;
	case SIM_SIGHT_ONE_SIDED:
		return s->from != (uint8_t)view->seen;
	}
	return false;
}

enum sim_passage sim_view_passage(struct sim *sim, const struct sim_segment *s)
{
	struct sim_view *view = &sim->view;

	if (s->forged || !is_taken(sim, s)) {
		if (view->missed_ns[s->from] != 0 && !s->forged)
			view->overtaken[s->from] = s->sent_ns <= view->missed_ns[s->from];
		return SIM_JUDGED;
	}
	if (view->sight == SIM_SIGHT_LOSS) {
		view->lost++;
		return SIM_LOST;
	}
	view->missed = true;
	view->missed_ns[s->from] = max_u64(view->missed_ns[s->from], s->sent_ns);
	view->blind_due = view->sight == SIM_SIGHT_BLIND;
	view->passed_by++;
	return SIM_PASSES_BY;
}

bool sim_view_blinded(struct sim *sim)
{
	struct sim_view *view = &sim->view;

	if (!view->blind_due || (view->epochs > 0 && sim->clock.now_ns - view->blind_ns < EPOCH_NS))
		return false;
	view->blind_due = false;
	view->blind_ns = sim->clock.now_ns;
	view->epochs++;
	return true;
}

bool sim_view_is_whole(const struct sim_view *view)
{
	return view->sight == SIM_SIGHT_WHOLE || view->sight == SIM_SIGHT_LOSS;
}

/* M-1 to M-8: what strict mode is asked to drop, if the segment is what the reason says. */
static bool is_strict(const struct sim *sim, const struct sim_segment *s, enum reason reason)
{
	if (sim->view.window_mode != WINDOW_STRICT)
		return false;
	if (reason == REASON_OVERSHOOT) /* M-1, M-3 */
		return !sim->trace.edge_known[side_other((enum side)s->from)] ||
		       seq_after(sim_next(s), sim->trace.edge[side_other((enum side)s->from)] + 1);
	return reason == REASON_OLD_ACK ||
	       (reason == REASON_PAWS && s->timestamps && (s->len > 0 || (s->flags & TCP_FIN))) ||
	       (reason == REASON_DATA_BEFORE_HANDSHAKE && s->len > 0);
}

/* H-2, H-3, H-5: a flow begins by a SYN, and by what pickup allows. */
static bool is_unknown(const struct sim *sim, const struct sim_segment *s, enum reason reason)
{
	const struct sim_view *view = &sim->view;
	bool cold = view->pickup == PICKUP_WARMUP && sim->clock.now_ns - view->blind_ns >= WARMUP_S * NS_PER_S;

	if (!view->missed || reason != REASON_NO_FLOW)
		return false;
	if (view->sight == SIM_SIGHT_ONE_SIDED && view->pickup == PICKUP_OFF) /* it has seen the SYN */
		return s->life > 1;
	return cold || view->pickup == PICKUP_OFF || view->window_mode == WINDOW_STRICT ||
	       (s->flags & (TCP_SYN | TCP_FIN | TCP_RST));
}

/*
 * One direction: the same two ports again are the old connection, since nobody answers their SYN (S-4); and what
 * overtakes the third segment does not open one (H-14).
 */
static bool is_half_seen(const struct sim *sim, const struct sim_segment *s, enum reason reason)
{
	if (sim->view.sight != SIM_SIGHT_ONE_SIDED)
		return false;
	if (reason == REASON_NO_FLOW && (s->flags & TCP_SYN)) /* K-2 */
		return true;
	return s->life > 1 || sim->end[s->from].state == SIM_CLOSED ||
	       (reason == REASON_NO_SYNACK && seq_after(s->seq, sim->trace.top[s->from]));
}

/* The same two ports again, and their opening passed by: to the engine they are the old connection still. */
static bool is_reopened_unseen(struct sim *sim, const struct sim_segment *s)
{
	if (!sim->view.missed || sim->lives < 2)
		return false;
	for (uint32_t life = 2; life <= sim->lives; life++)
		if (sim_trace_life_of(sim, life)->missed_opening)
			return true;
	return s->life > 1 && !(sim_trace_life_of(sim, s->life)->syn_judged[SIDE_CLIENT] &&
				sim_trace_life_of(sim, s->life)->syn_judged[SIDE_SERVER]);
}

/* Part of the opening passed by: the SYN came once more, perhaps without its data, or its answer was the first. */
static bool is_late_opening(struct sim *sim, const struct sim_segment *s, enum reason reason)
{
	const struct sim_life *life = sim_trace_life_of(sim, s->life);

	return life->missed_opening && sim->view.sight != SIM_SIGHT_ONE_SIDED &&
	       (reason == REASON_BAD_SYNACK || reason == REASON_NO_SYNACK || reason == REASON_BAD_RST ||
		reason == REASON_CHALLENGE_RATE); /* H-13: what the end without a SYN+ACK acknowledges */
}

/* What the engine takes for the newest had been overtaken by what passed by: it had no way to know. */
static bool is_overtaken(const struct sim *sim, enum reason reason)
{
	const struct sim_view *view = &sim->view;

	return (view->overtaken[SIDE_CLIENT] || view->overtaken[SIDE_SERVER]) &&
	       (reason == REASON_ACK_HIGH || reason == REASON_SEQ_HIGH);
}

/* O-7: the highest number that it acknowledges, by SACK as well. */
static uint32_t highest_acknowledged(const struct sim_segment *s)
{
	uint32_t highest = s->ack;

	for (unsigned i = 0; i < s->sacks; i++)
		if (seq_after(s->sack[i].right, highest))
			highest = s->sack[i].right;
	return highest;
}

/* B-3: an end has said something new, all of it was acknowledged, and yet more of it had passed by. */
static bool is_second_word(const struct sim *sim, const struct sim_segment *s, enum reason reason)
{
	const struct sim_view *view = &sim->view;
	enum side other = side_other((enum side)s->from);

	return view->missed && (view->sight == SIM_SIGHT_BLIND || view->sight == SIM_SIGHT_LATE) &&
	       (reason == REASON_ACK_HIGH || (reason == REASON_BAD_RST && (s->flags & TCP_ACK))) && /* W-4, R-2 */
	       sim->trace.top_known[other] &&
	       seq_after(highest_acknowledged(s), sim->trace.top[other]);
}

enum sim_excuse sim_view_excuse(struct sim *sim, const struct sim_segment *s, enum reason reason)
{
	if (is_strict(sim, s, reason))
		return SIM_EXCUSE_STRICT;
	if (is_unknown(sim, s, reason) || sim->view.blind_due)
		return SIM_EXCUSE_UNSEEN;
	if (is_overtaken(sim, reason) || is_reopened_unseen(sim, s) || is_late_opening(sim, s, reason))
		return SIM_EXCUSE_UNSEEN;
	if (is_second_word(sim, s, reason))
		return SIM_EXCUSE_ONCE;
	if (sim->trace.strayed && s->life > 1)
		return SIM_EXCUSE_STRAYED;
	if (is_half_seen(sim, s, reason))
		return SIM_EXCUSE_HALF_SEEN;
	return SIM_EXCUSES;
}
