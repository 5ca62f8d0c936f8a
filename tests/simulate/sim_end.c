/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening and closing of a simulated TCP: what it does with segments that are not data (RFC 9293 3.10.7, RFC 5961). */
#include "sim_end.h"

#include <string.h>

#include "base/units.h"
#include "sim.h"
#include "sim_icmp.h"
#include "sim_stream.h"
#include "tcp/seq.h"

#define CHALLENGE_NS (100 * NS_PER_MS) /* RFC 5961 5: challenge ACKs are rationed */
#define COOKIE_NS    (5 * NS_PER_S)    /* a server without memory changes its numbers so often */

void sim_end_reset(struct sim_end *end, enum side side)
{
	struct sim_traits traits = end->traits;

	memset(end, 0, sizeof *end);
	end->traits = traits;
	end->side = side;
	for (int i = 0; i < SIM_TIMERS; i++)
		end->timer_ns[i] = SIM_NEVER;
	end->scheduled_ns = SIM_NEVER;
}

/* A socket without connection; what the host keeps is kept. */
static void clear_socket(struct sim_end *end)
{
	struct sim_end old = *end;

	sim_end_reset(end, old.side);
	end->listening = old.listening;
	end->iss = old.iss;
	end->nxt = old.nxt;
	end->life_ns = old.life_ns;
	end->birth = old.birth + 1;
	end->scheduled_ns = old.scheduled_ns;
}

/* RFC 6528: numbers grow with time, so that a new life's are above the old one's; or they are anything. */
static uint32_t next_isn(struct sim *sim, const struct sim_end *old)
{
	uint64_t ns = sim->clock.now_ns - old->life_ns;

	/* about to wrap around; not where an attacker would guess it */
	if (old->life_ns == 0 && sim->attack.mode == SIM_ATTACK_NONE && sim_chance(&sim->random, 100))
		return UINT32_MAX - sim_draw(&sim->random, sim_chance(&sim->random, 500) ? 3 : 30000);
	if (old->life_ns == 0 || old->traits.random_isn)
		return (uint32_t)sim_random_next(&sim->random);
	return old->nxt + 65537 + (uint32_t)(ns / NS_PER_S * 250000);
}

static void begin_life(struct sim *sim, struct sim_end *end, uint32_t life)
{
	uint32_t isn = next_isn(sim, end);

	clear_socket(end);
	end->life = life;
	end->life_ns = sim->clock.now_ns + 1;
	end->outcome = SIM_NOT_YET;
	end->iss = end->una = end->nxt = isn;
	end->again = end->again_end = isn;
	end->top = end->recover = isn + 1;
	end->mss = 536;
	end->rto_ns = max_u64(NS_PER_S, end->traits.rto_min_ns);
	sim_plan_app(sim, end);
	sim_trace_life(sim, end);
}

void sim_end_open(struct sim *sim, struct sim_end *end, uint32_t life)
{
	begin_life(sim, end, life);
	end->state = SIM_SYN_SENT;
	end->cwnd = 10 * end->mss;
	sim_send_syn(sim, end);
	sim_app(sim, end);
	sim_schedule(sim, end);
}

void sim_end_die(struct sim *sim, struct sim_end *end, enum sim_outcome outcome)
{
	end->outcome = outcome;
	end->state = SIM_CLOSED;
	for (int i = 0; i < SIM_TIMERS; i++)
		end->timer_ns[i] = SIM_NEVER;
	sim_trace_death(sim, end);
	sim_plan_died(sim, end);
}

void sim_end_refuse(struct sim *sim, const struct sim_end *end, const struct sim_segment *s)
{
	struct sim_segment r = { .from = (uint8_t)end->side, .birth = end->birth, .life = s->life,
				 .scale = SIM_NO_SCALE, .flags = TCP_RST };

	if (s->flags & TCP_RST)
		return;
	if (s->flags & TCP_ACK) {
		r.seq = s->ack;
	} else {
		r.flags |= TCP_ACK;
		r.ack = sim_next(s);
	}
	sim_link_send(sim, &r);
}

/* RFC 5961: within a ration. */
static void challenge(struct sim *sim, struct sim_end *end)
{
	if (sim->clock.now_ns < end->challenge_ns)
		return;
	end->challenge_ns = sim->clock.now_ns + CHALLENGE_NS;
	sim_send_ack(sim, end);
}

/* What a SYN or SYN+ACK says of the other end. */
static void take_syn(struct sim_end *end, const struct sim_segment *s, bool answer)
{
	const struct sim_traits *t = &end->traits;

	end->irs = s->seq;
	end->rcv = end->acked = s->seq + 1;
	end->edge = end->rcv + (t->buffer < UINT16_MAX ? t->buffer : UINT16_MAX);
	end->timestamps = t->timestamps && s->timestamps;
	end->ts_recent = s->tsval;
	end->sack = t->sack && s->sack_permitted;
	if (t->scale != SIM_NO_SCALE && s->scale != SIM_NO_SCALE) {
		end->send_scale = s->scale;
		end->receive_scale = t->scale;
	}
	end->mss = s->mss != 0 ? s->mss : 536;
	if (end->mss > t->mss)
		end->mss = t->mss;
	if (end->timestamps)
		end->mss = (uint16_t)(end->mss - 12);
	end->window = s->window;
	end->most_window = s->window > 0 ? s->window : 1;
	end->wl1 = s->seq;
	end->wl2 = answer ? s->ack : end->una;
	end->cwnd = 10u * end->mss;
}

static uint32_t cookie_isn(const struct sim *sim, const struct sim_segment *s, uint64_t slot)
{
	struct sim_random hash = { .state = sim->seed << 8 ^ slot << 40 ^ (uint64_t)s->life << 32 ^ s->seq };

	return (uint32_t)sim_random_next(&hash);
}

/* LISTEN, or a socket that makes way for a new life: `life` is known from the SYN. */
static void open_passively(struct sim *sim, struct sim_end *end, const struct sim_segment *s)
{
	begin_life(sim, end, s->life);
	take_syn(end, s, false);
	end->state = SIM_SYN_RECEIVED;
	if (end->traits.cookies)
		end->iss = end->una = end->nxt = end->again = end->again_end =
			cookie_isn(sim, s, sim->clock.now_ns / COOKIE_NS);
	end->top = end->recover = end->iss + 1;
	if (end->traits.fast_open && s->cookie == SIM_COOKIE_SHOWN) {
		end->rcv += s->len;
		end->may_send_early = true;
	}
	sim_send_syn(sim, end);
}

static void receive_closed(struct sim *sim, struct sim_end *end, const struct sim_segment *s)
{
	if (s->flags & TCP_RST)
		return;
	if (end->listening && (s->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		open_passively(sim, end, s);
	else
		sim_end_refuse(sim, end, s);
}

static void opened(struct sim *sim, struct sim_end *end)
{
	end->state = SIM_OPEN;
	end->tries = 0;
	end->rto_ns = end->traits.rto_min_ns + 100 * NS_PER_MS;
	if (end->traits.keepalive_ns != 0)
		sim_arm(sim, end, SIM_TIMER_KEEPALIVE, end->traits.keepalive_ns);
}

static void receive_syn_sent(struct sim *sim, struct sim_end *end, const struct sim_segment *s)
{
	bool ack_fits = (s->flags & TCP_ACK) && seq_after(s->ack, end->iss) && !seq_after(s->ack, end->nxt);

	if ((s->flags & TCP_ACK) && !ack_fits) {
		sim_end_refuse(sim, end, s);
		return;
	}
	if (s->flags & TCP_RST) {
		end->killer = s->number;
		if (ack_fits)
			sim_end_die(sim, end, SIM_REFUSED);
		return;
	}
	if (!(s->flags & TCP_SYN))
		return;
	take_syn(end, s, ack_fits);
	if (!ack_fits) { /* simultaneous open */
		end->simultaneous = true;
		end->state = SIM_SYN_RECEIVED;
		end->tries = 0;
		sim_send_syn(sim, end);
		return;
	}
	end->una = s->ack;
	sim_disarm(end, SIM_TIMER_RETRANSMIT);
	opened(sim, end);
	if (end->una != end->nxt) { /* the data of the SYN was not taken */
		end->again = end->una;
		end->again_end = end->nxt;
		sim_arm(sim, end, SIM_TIMER_RETRANSMIT, end->rto_ns);
	}
	sim_stream_data(sim, end, s); /* SYN+ACK may carry data (H-44) */
	end->acks_due = 2;
}

static void receive_time_wait(struct sim *sim, struct sim_end *end, const struct sim_segment *s)
{
	bool newer = s->timestamps && end->timestamps ? seq_after(s->tsval, end->ts_recent) : false;

	if ((s->flags & (TCP_SYN | TCP_RST | TCP_ACK)) == TCP_SYN && end->listening &&
	    (newer || seq_after(s->seq, end->rcv))) { /* RFC 6191 */
		sim_end_die(sim, end, SIM_FINISHED);
		open_passively(sim, end, s);
		return;
	}
	if (s->flags & TCP_RST) {
		if (s->seq == end->rcv && end->traits.heeds_late_reset)
			sim_end_die(sim, end, SIM_FINISHED);
		return;
	}
	if ((s->flags & TCP_FIN) && sim_next(s) == end->rcv)
		sim_arm(sim, end, SIM_TIMER_TIME_WAIT, end->traits.time_wait_ns);
	if (sim_next(s) != s->seq || s->seq != end->rcv)
		challenge(sim, end);
}

/* True: the segment is done with. */
static bool receive_reset(struct sim *sim, struct sim_end *end, const struct sim_segment *s)
{
	bool exact = s->seq == end->rcv;

	if (!(s->flags & TCP_RST))
		return false;
	if (end->early_count > 0 && s->seq == end->early[end->early_count - 1].right) /* as Linux with SACK */
		exact = true;
	if (exact) {
		end->killer = s->number;
		sim_end_die(sim, end, SIM_RESET);
	} else if (!seq_before(s->seq, end->rcv) && seq_before(s->seq, end->edge)) {
		challenge(sim, end);
	}
	return true;
}

/* SYNs on an open socket. True: done with. */
static bool receive_syn(struct sim *sim, struct sim_end *end, const struct sim_segment *s)
{
	bool same = s->seq == end->irs;

	if (!(s->flags & TCP_SYN))
		return false;
	if (end->state == SIM_SYN_RECEIVED && same) {
		if (end->simultaneous && (s->flags & TCP_ACK) && s->ack == end->iss + 1)
			return false;
		if (!(s->flags & TCP_ACK))
			sim_send_syn(sim, end);
		return true;
	}
	challenge(sim, end);
	return true;
}

/* RFC 9293 3.10.7.4, first check, in the form Linux has it: any overlap, also with what is just behind. */
static bool is_acceptable(const struct sim_end *end, const struct sim_segment *s)
{
	return !seq_before(sim_next(s), end->rcv) && !seq_after(s->seq, end->edge);
}

/* RFC 7323 5. */
static bool is_stale(const struct sim_end *end, const struct sim_segment *s)
{
	return end->timestamps && s->timestamps && !(s->flags & TCP_RST) && seq_before(s->tsval, end->ts_recent) &&
	       (s->len > 0 || (s->flags & (TCP_FIN | TCP_SYN)));
}

static void receive_open(struct sim *sim, struct sim_end *end, const struct sim_segment *s)
{
	bool same_syn = (s->flags & TCP_SYN) && s->seq == end->irs && end->state == SIM_SYN_RECEIVED;

	if (!same_syn && (is_stale(end, s) || !is_acceptable(end, s))) {
		end->acks_due = 0;
		if (s->flags & TCP_RST)
			return;
		if (s->len > 0 || (s->flags & (TCP_FIN | TCP_SYN))) {
			if (s->len > 0 && end->traits.dsack && end->sack && !seq_after(sim_next(s), end->rcv))
				end->twice = (struct sim_sack){ s->seq, s->seq + s->len };
			sim_send_ack(sim, end);
		} else {
			challenge(sim, end);
		}
		return;
	}
	if (receive_reset(sim, end, s) || receive_syn(sim, end, s) || !(s->flags & TCP_ACK))
		return;
	if (end->state == SIM_SYN_RECEIVED) {
		if (!seq_after(s->ack, end->una) || seq_after(s->ack, end->nxt)) {
			sim_end_refuse(sim, end, s);
			return;
		}
		opened(sim, end);
		end->acks_due += end->simultaneous ? 2 : 0;
	}
	if (!sim_stream_ack(sim, end, s))
		return;
	if (!(s->flags & TCP_SYN))
		sim_stream_data(sim, end, s);
}

/* Both FINs are through. */
static void finish(struct sim *sim, struct sim_end *end)
{
	if (end->state != SIM_OPEN || !end->fin_received || !sim_fin_sent(end) || end->una != end->nxt)
		return;
	if (end->passive_close) {
		sim_end_die(sim, end, SIM_FINISHED);
		return;
	}
	end->state = SIM_TIME_WAIT;
	end->outcome = SIM_FINISHED;
	for (int i = 0; i < SIM_TIMERS; i++)
		sim_disarm(end, (enum sim_timer)i);
	sim_arm(sim, end, SIM_TIMER_TIME_WAIT, end->traits.time_wait_ns);
	sim_trace_death(sim, end);
	sim_plan_died(sim, end);
}

void sim_end_receive(struct sim *sim, struct sim_end *end, const struct sim_segment *s)
{
	if (s->icmp) {
		sim_icmp_receive(sim, end, s);
		return;
	}
	switch (end->state) {
	case SIM_CLOSED:
		receive_closed(sim, end, s);
		break;
	case SIM_SYN_SENT:
		receive_syn_sent(sim, end, s);
		break;
	case SIM_TIME_WAIT:
		receive_time_wait(sim, end, s);
		break;
	case SIM_SYN_RECEIVED:
	case SIM_OPEN:
		if (end->keepalives > 0 || end->traits.keepalive_ns != 0) {
			end->keepalives = 0;
			sim_arm(sim, end, SIM_TIMER_KEEPALIVE, end->traits.keepalive_ns);
		}
		receive_open(sim, end, s);
		break;
	}
	sim_app(sim, end);
	sim_output(sim, end);
	finish(sim, end);
	sim_schedule(sim, end);
}
