/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_stream.h"

#include <string.h>

#include "base/units.h"
#include "sim.h"
#include "tcp/seq.h"

#define DUPLICATES 3 /* RFC 5681 3.2 */

uint32_t sim_end_delivered(const struct sim_end *end)
{
	return end->rcv - end->irs - 1 - end->fin_received;
}

/* [left, right) joins the ascending, disjoint ranges; what finds no room is forgotten. */
static void range_add(struct sim_sack *range, unsigned *count, uint32_t left, uint32_t right)
{
	unsigned at = 0, end;

	while (at < *count && seq_before(range[at].right, left))
		at++;
	for (end = at; end < *count && !seq_after(range[end].left, right); end++) {
		if (seq_before(range[end].left, left))
			left = range[end].left;
		if (seq_after(range[end].right, right))
			right = range[end].right;
	}
	if (end == at) {
		if (*count == SIM_RANGES)
			return;
		memmove(range + at + 1, range + at, (*count - at) * sizeof *range);
		++*count;
	} else {
		memmove(range + at + 1, range + end, (*count - end) * sizeof *range);
		*count -= end - at - 1;
	}
	range[at] = (struct sim_sack){ left, right };
}

/* What is at or below `edge` leaves the ranges. */
static void range_cut(struct sim_sack *range, unsigned *count, uint32_t edge)
{
	unsigned gone = 0;

	while (gone < *count && !seq_after(range[gone].right, edge))
		gone++;
	memmove(range, range + gone, (*count - gone) * sizeof *range);
	*count -= gone;
	if (*count > 0 && seq_before(range[0].left, edge))
		range[0].left = edge;
}

static void note_sacks(struct sim_end *end, const struct sim_segment *s)
{
	for (unsigned i = 0; i < s->sacks && end->sack; i++) {
		const struct sim_sack *sack = &s->sack[i];

		if (seq_after(sack->right, sack->left) && seq_after(sack->left, end->una) &&
		    !seq_after(sack->right, end->nxt))
			range_add(end->sacked, &end->sacked_count, sack->left, sack->right);
	}
}

static void measure(const struct sim *sim, struct sim_end *end, uint32_t ack)
{
	uint64_t rtt;

	if (end->rtt_from_ns == 0 || !seq_after(ack, end->rtt_seq))
		return;
	rtt = sim->clock.now_ns - end->rtt_from_ns;
	end->srtt_ns = end->srtt_ns == 0 ? rtt : (end->srtt_ns * 7 + rtt) / 8;
	end->rtt_from_ns = 0;
	end->rto_ns = max_u64(end->traits.rto_min_ns, 2 * end->srtt_ns + 50 * NS_PER_MS);
}

/* RFC 6675, RFC 6582: three duplicates, or as much beyond a hole. */
static void recover(struct sim_end *end)
{
	uint32_t highest = end->sacked_count > 0 ? end->sacked[end->sacked_count - 1].right : end->una + end->mss;
	uint32_t beyond = end->sacked_count > 0 ? highest - end->una : 0;

	if (end->in_recovery) {
		if (end->sacked_count > 0 && seq_after(end->sacked[end->sacked_count - 1].left, end->again_end))
			end->again_end = end->sacked[end->sacked_count - 1].left;
		return;
	}
	if (end->una == end->nxt || seq_before(end->una, end->recover) ||
	    (end->duplicates < DUPLICATES && beyond < (DUPLICATES + 1u) * end->mss))
		return;
	end->in_recovery = true;
	end->recover = end->nxt;
	end->again = end->una;
	end->again_end = seq_before(highest, end->nxt) ? highest : end->nxt;
	end->cwnd = end->cwnd / 2 > 2u * end->mss ? end->cwnd / 2 : 2u * end->mss;
}

static void acknowledged(struct sim *sim, struct sim_end *end, uint32_t ack, bool window_said)
{
	/* a window that is not said anew keeps its right edge, as BSD does it */
	if (!window_said)
		end->window -= ack - end->una < end->window ? ack - end->una : end->window;
	measure(sim, end, ack);
	end->una = ack;
	end->duplicates = end->tries = 0;
	range_cut(end->sacked, &end->sacked_count, ack);
	if (seq_before(end->again, ack))
		end->again = ack;
	if (seq_before(end->again_end, ack))
		end->again_end = ack;
	if (end->in_recovery && !seq_before(ack, end->recover)) {
		end->in_recovery = false;
	} else if (end->in_recovery && !seq_before(end->again, end->again_end)) { /* a partial acknowledgement */
		end->again = ack;
		end->again_end = seq_before(ack + end->mss, end->nxt) ? ack + end->mss : end->nxt;
	} else if (!end->in_recovery && end->cwnd < (1u << 26)) {
		end->cwnd += end->mss;
	}
	if (end->una == end->nxt)
		sim_disarm(end, SIM_TIMER_RETRANSMIT);
	else
		sim_arm(sim, end, SIM_TIMER_RETRANSMIT, end->rto_ns);
}

static bool update_window(struct sim_end *end, const struct sim_segment *s)
{
	uint32_t window = (uint32_t)s->window << ((s->flags & TCP_SYN) ? 0 : end->send_scale);

	if (seq_before(s->ack, end->una) || seq_before(s->seq, end->wl1) ||
	    (s->seq == end->wl1 && seq_before(s->ack, end->wl2)))
		return false;
	if (window > 0)
		sim_disarm(end, SIM_TIMER_PERSIST);
	end->window = window;
	end->wl1 = s->seq;
	end->wl2 = s->ack;
	if (window > end->most_window)
		end->most_window = window;
	return true;
}

bool sim_stream_ack(struct sim *sim, struct sim_end *end, const struct sim_segment *s)
{
	uint32_t window = end->window;
	bool window_said;

	if (seq_after(s->ack, end->nxt)) {
		sim_send_ack(sim, end);
		return false;
	}
	if (seq_before(s->ack, end->una - end->most_window))
		return false;
	if (end->timestamps && s->timestamps && !seq_after(s->seq, end->acked) &&
	    !seq_before(s->tsval, end->ts_recent))
		end->ts_recent = s->tsval;
	note_sacks(end, s);
	window_said = update_window(end, s);
	if (seq_after(s->ack, end->una))
		acknowledged(sim, end, s->ack, window_said);
	else if (s->ack == end->una && s->len == 0 && end->window == window && end->una != end->nxt)
		end->duplicates++;
	end->tries = end->window == 0 ? 0 : end->tries; /* it lives: the persist timer may go on for ever */
	recover(end);
	return true;
}

static void take_early(struct sim_end *end)
{
	while (end->early_count > 0 && !seq_after(end->early[0].left, end->rcv)) {
		if (seq_after(end->early[0].right, end->rcv))
			end->rcv = end->early[0].right;
		memmove(end->early, end->early + 1, --end->early_count * sizeof *end->early);
	}
}

static void take_fin(struct sim_end *end, const struct sim_segment *s)
{
	uint32_t at = s->seq + s->len;

	if ((s->flags & TCP_FIN) && !end->fin_received && !seq_after(at, end->edge)) {
		end->fin_known = true;
		end->fin_at = at;
	}
	if (!end->fin_known || end->fin_received || end->rcv != end->fin_at)
		return;
	end->fin_received = true;
	end->rcv++;
	end->acks_due = 2;
}

void sim_stream_data(struct sim *sim, struct sim_end *end, const struct sim_segment *s)
{
	uint32_t left = s->seq + ((s->flags & TCP_SYN) != 0), right = left + s->len, edge = end->edge;

	if (end->traits.shrinks && end->stalled) /* what it took back it does not take */
		edge = seq_max(end->rcv, end->acked + 1);
	if (seq_after(right, edge))
		right = edge;
	if (seq_after(right, left)) {
		if (end->deaf && seq_after(right, end->rcv)) {
			sim_end_die(sim, end, SIM_ABORTED);
			sim_end_refuse(sim, end, s);
			return;
		}
		if (!seq_after(right, end->rcv)) {
			if (end->traits.dsack && end->sack)
				end->twice = (struct sim_sack){ left, right };
			end->acks_due = 2;
		} else if (seq_after(left, end->rcv)) {
			range_add(end->early, &end->early_count, left, right);
			end->newest = left;
			end->acks_due = 2;
		} else {
			end->acks_due += end->early_count > 0 || s->len > end->mss ? 2 : 1;
			end->rcv = right;
			take_early(end);
		}
	} else if (sim_next(s) != s->seq) {
		end->acks_due = 2; /* nothing of it fits */
	}
	if (right == left + s->len)
		take_fin(end, s);
	else if (end->fin_known)
		take_fin(end, &(struct sim_segment){ .seq = s->seq });
}
