/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a simulated TCP sends, and its timers. */
#include "sim_end.h"

#include "base/units.h"
#include "sim.h"
#include "tcp/seq.h"

#define RTO_MOST_NS (48 * NS_PER_S)
#define KEEPALIVES  5

bool sim_fin_sent(const struct sim_end *end)
{
	return end->fin_queued && end->nxt == end->top + 1;
}

uint32_t sim_timestamp(const struct sim *sim, const struct sim_end *end)
{
	return end->traits.tick_base + (uint32_t)(sim->clock.now_ns / end->traits.tick_ns);
}

void sim_arm(struct sim *sim, struct sim_end *end, enum sim_timer timer, uint64_t in_ns)
{
	end->timer_ns[timer] = sim->clock.now_ns + in_ns;
}

void sim_disarm(struct sim_end *end, enum sim_timer timer)
{
	end->timer_ns[timer] = SIM_NEVER;
}

void sim_schedule(struct sim *sim, struct sim_end *end)
{
	uint64_t next = SIM_NEVER;

	for (int i = 0; i < SIM_TIMERS; i++)
		next = min_u64(next, end->timer_ns[i]);
	if (next >= end->scheduled_ns)
		return;
	end->scheduled_ns = next;
	sim_clock_file(&sim->clock, next, SIM_EVENT_TIMER, end->side, 0);
}

/* The window field; the right edge does not move back unless this TCP is one that shrinks its window. */
static uint16_t advertise(struct sim_end *end, bool syn)
{
	uint32_t unread = sim_end_delivered(end) - end->read;
	uint32_t free = unread < end->traits.buffer ? end->traits.buffer - unread : 0;
	unsigned scale = syn ? 0 : end->receive_scale;
	uint32_t field;

	if (end->traits.shrinks && end->stalled)
		free /= 2;
	else if (seq_before(end->rcv + free, end->edge))
		free = end->edge - end->rcv;
	field = (free + (1u << scale) - 1) >> scale;
	if (field > UINT16_MAX)
		field = UINT16_MAX;
	end->edge = seq_max(end->edge, end->rcv + (field << scale));
	return (uint16_t)field;
}

/* RFC 2018 4, RFC 2883: what arrived last comes first, a duplicate before it. */
static void put_sacks(struct sim_end *end, struct sim_segment *s)
{
	unsigned newest = 0;

	if (!end->sack || (s->flags & TCP_SYN))
		return;
	if (end->twice.left != end->twice.right)
		s->sack[s->sacks++] = end->twice;
	end->twice = (struct sim_sack){ 0, 0 };
	for (unsigned i = 0; i < end->early_count; i++)
		if (seq_in(end->newest, end->early[i].left, end->early[i].right))
			newest = i;
	for (unsigned i = 0; i < end->early_count && s->sacks < SIM_SACKS; i++)
		s->sack[s->sacks++] = end->early[(newest + i) % end->early_count];
}

static void put_syn_options(const struct sim_end *end, struct sim_segment *s)
{
	const struct sim_traits *t = &end->traits;
	bool answer = s->flags & TCP_ACK;
	bool knows = answer && end->state == SIM_SYN_RECEIVED;

	s->mss = t->mss;
	s->timestamps = knows ? end->timestamps : t->timestamps;
	s->sack_permitted = knows ? end->sack : t->sack;
	/* an answer offers a scale where the question did; one of a simultaneous open says again what it said */
	if (!knows || end->send_scale != 0 || end->receive_scale != 0 || end->simultaneous)
		s->scale = t->scale;
	if (t->ecn)
		s->flags |= answer ? TCP_ECE : TCP_ECE | TCP_CWR;
}

void sim_send(struct sim *sim, struct sim_end *end, uint16_t flags, uint32_t seq, uint32_t len)
{
	struct sim_segment s = { .from = (uint8_t)end->side, .birth = end->birth, .life = end->life, .flags = flags,
				 .seq = seq, .len = len, .scale = SIM_NO_SCALE,
				 .timestamps = end->timestamps && !(flags & TCP_RST) };
	const uint32_t first = end->traits.buffer < UINT16_MAX ? end->traits.buffer : UINT16_MAX;

	if (flags & TCP_SYN)
		put_syn_options(end, &s);
	s.window = (flags & (TCP_SYN | TCP_ACK)) == TCP_SYN ? (uint16_t)first : advertise(end, flags & TCP_SYN);
	if (flags & TCP_ACK) {
		s.ack = end->rcv;
		end->acked = end->rcv;
		end->acks_due = 0;
		sim_disarm(end, SIM_TIMER_ACK);
		if (!(flags & TCP_RST))
			put_sacks(end, &s);
	}
	if (s.timestamps) {
		s.tsval = sim_timestamp(sim, end);
		s.tsecr = flags & TCP_ACK ? end->ts_recent : 0;
	}
	if ((flags & (TCP_SYN | TCP_ACK)) == TCP_SYN && end->traits.fast_open && end->tries == 0)
		s.cookie = len > 0 ? SIM_COOKIE_SHOWN : SIM_COOKIE_ASKED;
	sim_link_send(sim, &s);
}

void sim_send_ack(struct sim *sim, struct sim_end *end)
{
	sim_send(sim, end, TCP_ACK, end->nxt, 0);
}

void sim_send_syn(struct sim *sim, struct sim_end *end)
{
	bool answer = end->state == SIM_SYN_RECEIVED;
	bool early = !answer && end->tries == 0 && end->traits.fast_open && end->traits.timestamps &&
		     !end->simultaneous;
	uint32_t len = early ? end->app.writes % 1000 : 0;

	if (early && end->nxt == end->iss && len > 0) {
		end->written = len;
		end->top += len;
	}
	if (answer && end->nxt != end->iss)
		len = 0;
	sim_send(sim, end, answer ? TCP_SYN | TCP_ACK : TCP_SYN, end->iss, len);
	if (end->nxt == end->iss)
		end->nxt = end->iss + 1 + len;
	if (end->timer_ns[SIM_TIMER_RETRANSMIT] == SIM_NEVER)
		sim_arm(sim, end, SIM_TIMER_RETRANSMIT, end->rto_ns);
}

void sim_abort(struct sim *sim, struct sim_end *end)
{
	uint32_t reach = end->una + end->window;
	uint32_t seq = seq_before(reach, end->nxt) && sim_chance(&sim->random, 500) ? seq_max(reach, end->una)
										    : end->nxt;
	bool bare = end->traits.bare_reset || end->state == SIM_SYN_SENT;

	if (end->state == SIM_SYN_SENT) /* its SYN, or the number behind it (H-19) */
		seq = end->iss + sim_draw(&sim->random, 2);
	sim_send(sim, end, bare ? TCP_RST : TCP_RST | TCP_ACK, seq, 0);
	sim_end_die(sim, end, SIM_ABORTED);
}

/* The next range to send again, without what SACK told. False: none. */
static bool next_again(struct sim *sim, struct sim_end *end, uint32_t *seq, uint32_t *len)
{
	uint32_t most = end->mss, stop = end->again_end;

	for (unsigned i = 0; i < end->sacked_count; i++) {
		if (seq_before(end->again, end->sacked[i].left)) {
			if (seq_before(end->sacked[i].left, stop))
				stop = end->sacked[i].left;
			break;
		}
		if (seq_before(end->again, end->sacked[i].right))
			end->again = end->sacked[i].right;
	}
	if (!seq_before(end->again, stop))
		return false;
	if (end->traits.repacks)
		most = 1 + sim_draw(&sim->random, most);
	*seq = end->again;
	*len = stop - end->again < most ? stop - end->again : most;
	return true;
}

/* Sends [seq, seq + len) of data and FIN. */
static void send_range(struct sim *sim, struct sim_end *end, uint32_t seq, uint32_t len)
{
	bool fin = end->fin_queued && seq + len == end->top + 1;
	uint16_t flags = TCP_ACK;

	if (fin) {
		flags |= TCP_FIN;
		len--;
	}
	if (len > 0 && seq + len == end->top)
		flags |= TCP_PSH;
	sim_send(sim, end, flags, seq, len);
	if (end->timer_ns[SIM_TIMER_RETRANSMIT] == SIM_NEVER)
		sim_arm(sim, end, SIM_TIMER_RETRANSMIT, end->rto_ns);
}

static uint32_t in_flight(const struct sim_end *end)
{
	uint32_t flight = end->nxt - end->una, lost = 0;

	for (unsigned i = 0; i < end->sacked_count; i++)
		flight -= end->sacked[i].right - end->sacked[i].left;
	if (seq_before(end->again, end->again_end))
		lost = end->again_end - end->again;
	return flight > lost ? flight - lost : 0;
}

static bool send_again(struct sim *sim, struct sim_end *end)
{
	uint32_t seq, len;

	if (in_flight(end) >= end->cwnd || !next_again(sim, end, &seq, &len))
		return false;
	end->again = seq + len;
	end->rtt_from_ns = 0;
	send_range(sim, end, seq, len);
	return true;
}

static bool send_new(struct sim *sim, struct sim_end *end)
{
	uint32_t stop = end->top + end->fin_queued, edge = end->una + end->window;
	uint32_t len, flight = in_flight(end);

	if (!seq_before(end->nxt, stop) || !seq_before(end->nxt, edge) || flight >= end->cwnd)
		return false;
	len = stop - end->nxt;
	len = edge - end->nxt < len ? edge - end->nxt : len;
	len = end->mss < len ? end->mss : len;
	if (end->rtt_from_ns == 0) {
		end->rtt_from_ns = sim->clock.now_ns;
		end->rtt_seq = end->nxt;
	}
	end->nxt += len;
	send_range(sim, end, end->nxt - len, len);
	return true;
}

/* The window is closed, something waits, nothing is on the way. */
static void persist(struct sim *sim, struct sim_end *end)
{
	bool waits = end->nxt != end->top + end->fin_queued;

	if (!waits || end->una != end->nxt || end->timer_ns[SIM_TIMER_PERSIST] != SIM_NEVER)
		return;
	sim_arm(sim, end, SIM_TIMER_PERSIST, end->rto_ns);
}

static void acknowledge(struct sim *sim, struct sim_end *end)
{
	uint32_t unread = sim_end_delivered(end) - end->read;
	uint32_t free = unread < end->traits.buffer ? end->traits.buffer - unread : 0;
	uint32_t granted = end->edge - end->rcv, step = end->traits.buffer / 2;

	if (step > 2u * end->mss)
		step = 2u * end->mss;
	/* the program has read: the window opens again (RFC 9293 3.8.6.2.2) */
	if (!end->fin_received && free > granted && free - granted >= step && granted < step)
		end->acks_due = 2;
	if (end->acks_due >= 2 || (end->acks_due == 1 && end->traits.ack_delay_ns == 0))
		sim_send_ack(sim, end);
	else if (end->acks_due == 1 && end->timer_ns[SIM_TIMER_ACK] == SIM_NEVER)
		sim_arm(sim, end, SIM_TIMER_ACK, end->traits.ack_delay_ns);
}

void sim_output(struct sim *sim, struct sim_end *end)
{
	if (end->state != SIM_OPEN && !(end->state == SIM_SYN_RECEIVED && end->may_send_early))
		return;
	while (send_again(sim, end) || send_new(sim, end))
		;
	persist(sim, end);
	acknowledge(sim, end);
}

static void give_up(struct sim *sim, struct sim_end *end)
{
	if (end->traits.reset_on_give_up && end->state == SIM_OPEN) {
		sim_abort(sim, end);
		return;
	}
	sim_end_die(sim, end, SIM_GAVE_UP);
}

static void on_retransmit(struct sim *sim, struct sim_end *end)
{
	sim_disarm(end, SIM_TIMER_RETRANSMIT);
	if (end->tries++ >= end->traits.retries) {
		give_up(sim, end);
		return;
	}
	end->rto_ns = min_u64(end->rto_ns * 2, RTO_MOST_NS);
	end->rtt_from_ns = 0;
	if (end->state == SIM_SYN_SENT || end->state == SIM_SYN_RECEIVED) {
		sim_send_syn(sim, end);
		return;
	}
	end->in_recovery = false;
	end->recover = end->nxt;
	end->cwnd = end->mss;
	end->sacked_count = 0; /* RFC 2018 8: what was told once may have been thrown away since */
	end->again = end->una;
	end->again_end = end->nxt;
	sim_arm(sim, end, SIM_TIMER_RETRANSMIT, end->rto_ns);
}

static void on_persist(struct sim *sim, struct sim_end *end)
{
	sim_disarm(end, SIM_TIMER_PERSIST);
	if (end->una != end->nxt || end->window > 0)
		return;
	end->rto_ns = min_u64(end->rto_ns * 2, RTO_MOST_NS);
	if (end->traits.probe_byte) {
		end->nxt++;
		send_range(sim, end, end->una, 1);
	} else {
		sim_send(sim, end, TCP_ACK, end->una - 1, 0);
		sim_arm(sim, end, SIM_TIMER_PERSIST, end->rto_ns);
	}
}

static void on_keepalive(struct sim *sim, struct sim_end *end)
{
	if (end->keepalives++ >= KEEPALIVES) {
		give_up(sim, end);
		return;
	}
	sim_arm(sim, end, SIM_TIMER_KEEPALIVE, end->traits.keepalive_ns / 4);
	if (end->una == end->nxt)
		sim_send(sim, end, TCP_ACK, end->una - 1, end->traits.keepalive_byte);
}

static void run_timer(struct sim *sim, struct sim_end *end, enum sim_timer timer)
{
	end->timer_ns[timer] = SIM_NEVER;
	switch (timer) {
	case SIM_TIMER_RETRANSMIT:
		on_retransmit(sim, end);
		break;
	case SIM_TIMER_PERSIST:
		on_persist(sim, end);
		break;
	case SIM_TIMER_ACK:
		end->acks_due = 2;
		break;
	case SIM_TIMER_KEEPALIVE:
		on_keepalive(sim, end);
		break;
	case SIM_TIMER_TIME_WAIT:
		sim_end_die(sim, end, SIM_FINISHED);
		break;
	case SIM_TIMER_APP:
	case SIM_TIMERS:
		break;
	}
}

void sim_timers(struct sim *sim, struct sim_end *end)
{
	if (end->scheduled_ns > sim->clock.now_ns)
		return;
	end->scheduled_ns = SIM_NEVER;
	for (int i = 0; i < SIM_TIMERS; i++)
		if (end->timer_ns[i] <= sim->clock.now_ns)
			run_timer(sim, end, (enum sim_timer)i);
	sim_app(sim, end);
	sim_output(sim, end);
	sim_schedule(sim, end);
}
