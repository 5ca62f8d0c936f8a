/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ICMP errors about a segment of a known connection (rules I-2 to I-7, RFC 5927). */
#include "tcp/judge.h"
#include "tcp/seq.h"

/* S-1, S-9, H-28: the quoted segment is the SYN that pends on the flow, or a SYN+ACK that was kept. */
static bool is_pending_syn(const struct tcp_extra *extra, const struct icmp_quote *quote, enum side from)
{
	for (unsigned i = 0; extra != NULL && from == SIDE_SERVER && i < extra->candidates; i++)
		if (quote->seq == extra->candidate[i].seq)
			return true;
	return extra != NULL && extra->shadow_from == from && quote->seq == extra->shadow.seq;
}

/* I-2: the quoted number is of something the sender may have in flight. */
static bool in_flight(const struct tcp_conn *conn, const struct icmp_quote *quote, enum side from, bool strict)
{
	const struct tcp_end *sender = &conn->end[from], *receiver = &conn->end[side_other(from)];

	if (sender->state == END_NONE)
		return false;
	if (strict)
		return seq_in(quote->seq, sender->acked, sender->sent) && quote->seq != sender->sent;
	if ((sender->flags & END_HAS_OVERSHOOT) && seq_in(quote->seq, sender->sent, sender->overshoot_to))
		return true; /* W-8: what passed beyond the window may meet an error, too */
	return seq_in(quote->seq, sender->acked - receiver->max_window, sender->sent);
}

/* I-5 */
static bool mtu_is_bad(const struct icmp_quote *quote, uint8_t family, const struct settings *settings)
{
	int64_t least = family == 4 ? settings->icmp_mtu_min4 : settings->icmp_mtu_min6;

	return quote->mtu < least || quote->mtu >= quote->quoted_length;
}

enum reason tcp_judge_icmp(const struct tcp_conn *conn, const struct tcp_extra *extra,
			   const struct icmp_quote *quote, enum side from, uint8_t family,
			   const struct settings *settings, bool *unreachable)
{
	*unreachable = false;
	if (!in_flight(conn, quote, from, settings->icmp_strict) && !is_pending_syn(extra, quote, from))
		return REASON_ICMP_STALE;
	switch (quote->kind) {
	case ICMP_HARD: /* I-3, I-4 */
		*unreachable = conn->phase == PHASE_SYN_SENT && from == SIDE_CLIENT &&
			       quote->seq == conn->end[SIDE_CLIENT].isn;
		return REASON_NONE;
	case ICMP_TOO_BIG:
		return mtu_is_bad(quote, family, settings) ? REASON_ICMP_BAD_MTU : REASON_NONE;
	case ICMP_QUENCH: /* I-6 */
		return REASON_ICMP_QUENCH;
	case ICMP_SOFT: /* I-7 */
		break;
	}
	return REASON_NONE;
}

void tcp_apply_unreachable(struct tcp_conn *conn, struct tcp_extra *extra, const struct settings *settings,
			   uint64_t now_ns)
{
	const struct tcp_end *client = &conn->end[SIDE_CLIENT];
	/* H-44: a SYN that came again may have left out its data: its answer is none of a flow that begins then */
	bool goes_on = tcp_syn_had_data(client) && client->packets > 1;

	conn->flags |= CONN_UNREACHABLE;
	if (extra != NULL && !goes_on)
		tcp_close_by(conn, extra, now_ns + (uint64_t)settings->tracking_timeouts_closed * NS_PER_S);
}
