/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_icmp.h"

#include "base/units.h"
#include "sim.h"
#include "tcp/seq.h"

#define MTU_LEAST4 576
#define MTU_LEAST6 1280

struct kind {
	uint8_t type4, code4, type6, code6;
};

static const struct kind too_big = { 3, 4, 2, 0 };
static const struct kind others[] = {
	{ 11, 0, 3, 0 },  /* time exceeded */
	{ 3, 1, 1, 3 },   /* host unreachable */
	{ 3, 3, 1, 4 },   /* port unreachable */
	{ 3, 13, 1, 1 },  /* prohibited */
	{ 12, 0, 4, 0 },  /* parameter problem */
};

uint16_t sim_icmp_draw(struct sim_random *random)
{
	static const uint16_t often[] = { 2, 10, 10, 50, 200 };

	return sim_chance(random, 120) ? often[sim_draw(random, 5)] : 0;
}

static uint32_t packet_length(const struct sim *sim, const struct sim_segment *s)
{
	return s->len + (sim->at.family == 4 ? 40 : 60);
}

static void set_kind(const struct sim *sim, struct sim_segment *error, const struct kind *kind)
{
	error->icmp_type = sim->at.family == 4 ? kind->type4 : kind->type6;
	error->icmp_code = sim->at.family == 4 ? kind->code4 : kind->code6;
}

bool sim_icmp_returns(struct sim *sim, const struct sim_segment *s)
{
	struct sim_random *r = &sim->random;
	uint32_t least = sim->at.family == 4 ? MTU_LEAST4 : MTU_LEAST6, length = packet_length(sim, s);
	struct sim_segment error = { .from = (uint8_t)side_other((enum side)s->from), .icmp = true, .seq = s->seq,
				     .life = s->life, .birth = s->birth, .icmp_len = s->len, .scale = SIM_NO_SCALE };
	uint64_t back_ns = sim_between(r, 10 * NS_PER_US, sim_chance(r, 800) ? 200 * NS_PER_MS : 5 * NS_PER_S);

	if (s->forged || s->icmp || (s->flags & TCP_RST) || !sim_chance(r, sim->plan.icmp_errors))
		return false;
	if (length > least && sim_chance(r, 600)) {
		set_kind(sim, &error, &too_big);
		error.icmp_mtu = least + sim_draw(r, length - least);
	} else {
		set_kind(sim, &error, &others[sim_draw(r, sizeof others / sizeof others[0])]);
	}
	error.sent_ns = sim->clock.now_ns;
	sim_clock_file_segment(&sim->clock, sim->clock.now_ns + back_ns, SIM_EVENT_GATEWAY, &error);
	if (sim_chance(r, 100))
		sim_clock_file_segment(&sim->clock, sim->clock.now_ns + 2 * back_ns, SIM_EVENT_GATEWAY, &error);
	return true;
}

static bool is_hard(const struct sim_segment *error)
{
	return (error->icmp_type == 3 && error->icmp_code != 4) || error->icmp_type == 1;
}

/* RFC 5927: what does not quote something in flight is ignored, and a hard error is a soft one once it is open. */
void sim_icmp_receive(struct sim *sim, struct sim_end *end, const struct sim_segment *error)
{
	uint32_t headers = sim->at.family == 4 ? 40 : 60;

	if (end->state == SIM_CLOSED || end->state == SIM_TIME_WAIT || !seq_in(error->seq, end->una, end->nxt))
		return;
	if (error->icmp_mtu > 0) {
		headers += end->timestamps ? 12 : 0;
		if (end->mss > error->icmp_mtu - headers)
			end->mss = (uint16_t)(error->icmp_mtu - headers);
	} else if (end->state == SIM_SYN_SENT && is_hard(error) && end->traits.heeds_unreachable) {
		sim_end_die(sim, end, SIM_GAVE_UP);
	}
}

enum sim_excuse sim_icmp_excuse(struct sim *sim, const struct sim_segment *error, enum reason reason)
{
	const struct sim_end *quoted = &sim->end[side_other((enum side)error->from)];
	const struct sim_trace *trace = &sim->trace;
	bool over = quoted->birth != error->birth || quoted->state == SIM_CLOSED || quoted->state == SIM_TIME_WAIT ||
		    error->life < sim->lives;

	if (reason != REASON_ICMP_STALE)
		return SIM_EXCUSES;
	if (over || !trace->open) /* I-1 */
		return SIM_EXCUSE_STALE;
	if (quoted->state == SIM_SYN_RECEIVED && error->seq == quoted->iss && sim->end[error->from].state == SIM_CLOSED)
		return SIM_EXCUSE_ORPHAN; /* H-19: its SYN was taken back before the SYN+ACK came; I-2 has no number */
	if (quoted->state == SIM_SYN_SENT && trace->turned_ns >= trace->syn_ns[quoted->side]) /* S-8 */
		return SIM_EXCUSE_OVERTAKEN;
	if (seq_before(error->seq, trace->acked[quoted->side] - quoted->most_window)) /* I-2 */
		return SIM_EXCUSE_OLD;
	if (trace->flows > sim->lives)
		return SIM_EXCUSE_PHANTOM;
	return trace->misled ? SIM_EXCUSE_LIBERAL : sim_view_is_whole(&sim->view) ? SIM_EXCUSES : SIM_EXCUSE_UNSEEN;
}
