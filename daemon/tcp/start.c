/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How ends and connections begin: by a SYN, a SYN+ACK, a shadow SYN, or in the middle. */
#include "tcp/judging.h"

#include <string.h>

void tcp_syn_of(const struct segment *seg, struct tcp_syn *syn)
{
	bool fast_open = (seg->options & OPTION_SEEN_FAST_OPEN) || seg->len > 0;

	*syn = (struct tcp_syn){
		.seq = seg->seq,
		.next = seg->next,
		.tsval = seg->tsval,
		.window = seg->window,
		.mss = (seg->options & OPTION_SEEN_MSS) ? seg->mss : 0,
		.scale = (seg->options & OPTION_SEEN_SCALE) ? seg->scale : SCALE_NOT_OFFERED,
		.ttl = seg->ttl,
		.packets = 1,
	};
	if (seg->options & OPTION_SEEN_SACK_PERMITTED)
		syn->end_flags |= END_OFFERED_SACK;
	if (seg->options & OPTION_SEEN_TIMESTAMP)
		syn->end_flags |= END_OFFERED_TS;
	if (fast_open)
		syn->end_flags |= END_FAST_OPEN;
	if ((seg->flags & (TCP_ECE | TCP_CWR)) == (TCP_ECE | TCP_CWR))
		syn->end_flags |= END_ECN;
	if (seg->options & OPTION_SEEN_MPTCP)
		syn->end_flags |= END_MPTCP;
}

/* Numbers and options of a SYN; counters of the end stay. O-4: the window is unscaled. */
void tcp_end_start(struct tcp_end *end, const struct tcp_syn *syn, uint64_t now_ns)
{
	end->isn = end->acked = syn->seq;
	end->sent = end->contiguous = end->limit = syn->next;
	end->bytes = syn->next - syn->seq - 1;
	end->max_window = syn->window > 0 ? syn->window : 1;
	end->window = syn->window;
	end->state = END_SYN_SENT;
	end->flags = (uint16_t)(END_HAS_ISN | syn->end_flags);
	end->scale = syn->scale;
	end->shift = 0;
	end->mss = syn->mss;
	end->same_count = SAME_COUNT_BROKEN;
	end->ts_recent = syn->tsval;
	end->ts_recent_at = (uint32_t)(now_ns / NS_PER_S);
}

/* O-5: decided once, by the segment that completes the pair of SYNs. */
void tcp_decide_scales(struct tcp_end *one, struct tcp_end *other)
{
	bool both = one->scale != SCALE_NOT_OFFERED && other->scale != SCALE_NOT_OFFERED;

	one->shift = both ? one->scale : 0;
	other->shift = both ? other->scale : 0;
}

void tcp_open_pair(struct tcp_end *client, struct tcp_end *server, uint32_t ack)
{
	client->acked = ack;
	if (seq_before(client->contiguous, ack)) { /* H-44: data of a SYN that was not on the last one */
		client->bytes += ack - client->contiguous;
		client->contiguous = ack;
	}
	client->state = END_OPEN;
	client->limit = ack + server->max_window; /* both are at least 1 */
	server->limit = server->sent + client->max_window;
	tcp_decide_scales(client, server);
}

static void conn_clear(struct tcp_conn *conn, struct tcp_cold *cold, uint64_t now_ns, uint32_t epoch)
{
	uint32_t keep = conn->flags & (CONN_CLIENT_IS_HIGH | CONN_COUNTED_HALF_OPEN | CONN_COUNTED_BY_SERVER |
				      CONN_COUNTED_FLOW);
	uint8_t service = conn->service, service_age = conn->service_age;

	memset(conn, 0, sizeof *conn);
	memset(cold, 0, sizeof *cold);
	conn->flags = keep;
	conn->service = service;
	conn->service_age = service_age;
	conn->epoch = epoch;
	conn->armed_ns = conn->last_seen_ns = now_ns;
	conn->close_reason = CLOSE_NONE;
	conn->closed_by = SIDE_NONE;
	for (int i = 0; i < 2; i++) {
		conn->end[i].same_count = SAME_COUNT_BROKEN;
		conn->end[i].scale = SCALE_NOT_OFFERED;
		conn->end[i].ttl_min = UINT8_MAX;
	}
	cold->started_ns = cold->phase_since_ns = now_ns;
	cold->handshake_us = cold->rtt_us = UINT32_MAX;
}

static event_set start_client(struct tcp_conn *conn, const struct tcp_syn *syn, uint64_t now_ns)
{
	struct tcp_end *client = &conn->end[SIDE_CLIENT];

	tcp_end_start(client, syn, now_ns);
	client->packets = syn->packets;
	client->ttl_min = client->ttl_max = syn->ttl;
	conn->phase = PHASE_SYN_SENT;
	return event_bit(EVENT_FLOW_NEW);
}

event_set tcp_start_syn(struct tcp_conn *conn, struct tcp_cold *cold, const struct tcp_input *in)
{
	struct tcp_syn syn;

	tcp_syn_of(in->seg, &syn);
	conn_clear(conn, cold, in->now_ns, in->epoch);
	history_segment(conn, cold, NULL, in);
	return start_client(conn, &syn, in->now_ns);
}

event_set tcp_start_shadow(struct tcp_conn *conn, struct tcp_cold *cold, const struct tcp_syn *shadow,
			   uint64_t at_ns, uint32_t epoch)
{
	conn_clear(conn, cold, at_ns, epoch);
	history_letter(&cold->history, 'S');
	return start_client(conn, shadow, at_ns);
}

static uint32_t pickup_window(const struct segment *seg)
{
	uint64_t window = (uint64_t)seg->window << SCALE_MOST; /* K-4 */

	return window > 0 ? window_capped(window) : 1;
}

/* K-3, K-4. The counters of both ends stay. */
void tcp_anchor_pickup(struct tcp_conn *conn, const struct tcp_input *in)
{
	struct tcp_end *sender = &conn->end[in->from], *receiver = &conn->end[side_other(in->from)];
	const struct segment *seg = in->seg;
	uint32_t sack = (seg->options & OPTION_SEEN_SACK) ? seg->sack : seg->ack;

	sender->state = receiver->state = END_OPEN;
	sender->shift = receiver->shift = SCALE_MOST;
	/* the first segment may be a retransmission: what it left out passed before we looked (G-4, B-3) */
	sender->flags = (uint16_t)((sender->flags & END_HAS_ISN) | END_EDGES_GUESSED | END_LIMIT_UNKNOWN |
				   (seg->next != seg->seq ? END_UNSETTLED | END_UNACKED : 0));
	receiver->flags = (uint16_t)((receiver->flags & END_HAS_ISN) | END_EDGES_GUESSED | END_UNSETTLED);
	if (seg->window == 0)
		sender->flags |= END_ZERO_WINDOW;
	sender->acked = seg->seq;
	sender->sent = sender->contiguous = seg->next;
	receiver->acked = receiver->contiguous = seg->ack;
	receiver->sent = sack;
	sender->max_window = pickup_window(seg);
	receiver->max_window = 0;
	receiver->limit = seg->ack + sender->max_window;
	sender->window = (uint32_t)seg->window << SCALE_MOST;
	sender->bytes += seg->len;
}

void tcp_start_pickup(struct tcp_conn *conn, struct tcp_cold *cold, const struct tcp_input *in)
{
	conn_clear(conn, cold, in->now_ns, in->epoch);
	conn->flags |= CONN_PICKED_UP | CONN_UNCONFIRMED | CONN_ORIG_GUESS | CONN_KEEPALIVE_DUE;
	if (in->from == SIDE_SERVER)
		conn->flags |= CONN_PICKUP_BY_SERVER;
	conn->phase = PHASE_PICKUP;
	history_letter(&cold->history, '^');
	history_segment(conn, cold, NULL, in);
	tcp_anchor_pickup(conn, in);
	conn->end[in->from].packets = 1;
}

/* K-2: the server end is known, the client's numbers follow from what it acknowledges. */
void tcp_start_synack(struct tcp_conn *conn, struct tcp_cold *cold, const struct tcp_input *in)
{
	struct tcp_end *client = &conn->end[SIDE_CLIENT], *server = &conn->end[SIDE_SERVER];
	struct tcp_syn syn;

	tcp_syn_of(in->seg, &syn);
	conn_clear(conn, cold, in->now_ns, in->epoch);
	conn->flags |= CONN_PICKED_UP | CONN_UNCONFIRMED | CONN_FROM_SYNACK | CONN_PICKUP_BY_SERVER;
	conn->phase = PHASE_PICKUP;
	history_letter(&cold->history, '^');
	history_segment(conn, cold, NULL, in);
	tcp_end_start(server, &syn, in->now_ns);
	server->state = client->state = END_OPEN;
	server->flags |= END_EDGES_GUESSED | END_LIMIT_UNKNOWN;
	client->flags = END_HAS_ISN | END_EDGES_GUESSED;
	client->isn = in->seg->ack - 1;
	client->acked = client->sent = client->contiguous = in->seg->ack;
	client->limit = in->seg->ack + server->max_window;
	server->shift = client->shift = SCALE_MOST;
	server->packets = 1;
}
