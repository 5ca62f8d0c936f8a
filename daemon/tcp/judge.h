/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judging and applying are two steps: tcp_judge() reads a connection and a segment and returns a plan, tcp_apply()
 * writes what the plan says. policy/ may refuse in between, so a dropped segment changes nothing (G-1).
 */
#pragma once

#include "packet/packet.h"
#include "tcp/conn.h"

/* One segment on its way through the judge. */
struct tcp_input {
	const struct segment *seg;
	const struct settings *settings;
	enum side from;
	uint64_t now_ns;
	uint32_t epoch;     /* of the engine (B-1) */
};

/* What an accepted segment does to the connection. */
enum tcp_action {
	TCP_COUNT,           /* accept-only: counted, changes nothing else */
	TCP_UPDATE,          /* W-10, C-1, C-2 */
	TCP_SYN_AGAIN,       /* H-6, H-22, H-35 */
	TCP_SYN_NEW_ISN,     /* H-7, H-23 */
	TCP_SIMULTANEOUS,    /* H-8 */
	TCP_SYNACK,          /* H-9, H-10 */
	TCP_SYNACK_AGAIN,    /* H-29 */
	TCP_SYNACK_KEEP,     /* H-28 */
	TCP_SYNACK_REPLACE,  /* H-45 */
	TCP_SYNACK_CROSSED,  /* H-21 */
	TCP_SYNACK_AFTER_REFUSAL, /* H-9 in CLOSED: the RST that refused the SYN came to nothing */
	TCP_ASYNC_OPEN,      /* H-14 */
	TCP_CHALLENGE,       /* H-13: remember the challenge ACK */
	TCP_RESET,           /* R-3, H-16, H-19, H-41, H-42 */
	TCP_REPICK,          /* B-5: the flow becomes a PICKUP */
	TCP_SHADOW,          /* S-1 */
	TCP_SHADOW_OPEN,     /* S-5 */
	TCP_SHADOW_RESET,    /* S-6 on a live flow */
	TCP_SHADOW_REFUSED,  /* S-6 on TIME_WAIT or CLOSED */
	TCP_SHADOW_GIVEN_UP, /* S-12 */
};

/* What an update does besides W-10. */
enum tcp_update_flag {
	UPDATE_FORGET_FIN = 1 << 0,   /* C-3: the sender's provisional FIN was forged */
	UPDATE_TAKE_FIN = 1 << 1,     /* C-2, C-5 */
	UPDATE_REANCHOR = 1 << 2,     /* K-3: the receiver's numbers follow the acknowledgement */
	UPDATE_RESYNC = 1 << 3,       /* B-3: the receiver's numbers follow the acknowledgement */
	UPDATE_KEEPALIVE = 1 << 4,    /* K-5 */
	UPDATE_CONFIRM = 1 << 5,      /* K-6 */
	UPDATE_OVERSHOOT = 1 << 6,    /* with TCP_COUNT: W-8 */
	UPDATE_RETRANSMISSION = 1 << 7, /* with TCP_COUNT: counts as X-1 */
	UPDATE_CHALLENGE = 1 << 8,    /* S-7: remember the challenge ACK */
	UPDATE_NOT_ALIVE = 1 << 9,    /* with TCP_COUNT: whatever its sender said since the RST, it is gone */
	UPDATE_SETTLE = 1 << 10,      /* B-3: the sender's numbers follow the segment */
	UPDATE_TARGET_DECIDES = 1 << 11, /* with TCP_RESET: it comes to nothing if its target goes on */
};

struct tcp_plan {
	enum verdict verdict;
	enum reason reason;   /* of a drop, else REASON_NONE */
	reason_set remarks;
	enum tcp_action action;
	unsigned update;      /* enum tcp_update_flag */
	enum conn_bucket charge; /* budget to charge on accept, or BUCKET_NONE */
	uint8_t which;        /* TCP_SYNACK: 1 + index of the old SYN; TCP_UPDATE: 1 + index of the candidate; else 0 */
	bool admission;       /* rules A apply first: it is a new SYN (S-1) */
	bool wants_extra;     /* applying it needs a struct tcp_extra */
	bool bad_close;       /* dropped FIN or RST out of the window (T-14) */
	enum close_reason close; /* TCP_RESET */
	enum allowed allowed; /* what a drop broke, for the log */
	uint32_t allowed_low, allowed_high;
};

/* Events that applying a plan produced, one bit an enum event_kind; they are told in the order of that enum. */
typedef uint32_t event_set;

static inline event_set event_bit(enum event_kind kind)
{
	return UINT32_C(1) << kind;
}

/* extra may be NULL. Reads only. */
struct tcp_plan tcp_judge(const struct tcp_conn *conn, const struct tcp_extra *extra, const struct tcp_input *in);

/*
 * Writes an accepted plan. extra may be NULL: then what needs it is not remembered (S-3). The actions that start a
 * new connection (TCP_SHADOW_OPEN, TCP_SHADOW_REFUSED) expect that the old one was already taken leave of.
 */
event_set tcp_apply(struct tcp_conn *conn, struct tcp_cold *cold, struct tcp_extra *extra, const struct tcp_input *in,
		    const struct tcp_plan *plan);

/* T-14: a FIN or RST out of the window was dropped. True: the deadline moved. extra may be NULL. */
bool tcp_note_bad_close(struct tcp_conn *conn, struct tcp_extra *extra, const struct tcp_input *in);

/* A new connection by the SYN in `in` (H-1); in->from is SIDE_CLIENT. Clears and fills conn and cold. */
event_set tcp_start_syn(struct tcp_conn *conn, struct tcp_cold *cold, const struct tcp_input *in);
/* A new connection mid-stream (K-3), in->from says who sent. */
void tcp_start_pickup(struct tcp_conn *conn, struct tcp_cold *cold, const struct tcp_input *in);
/* K-2: a new connection by a SYN+ACK of the server. */
void tcp_start_synack(struct tcp_conn *conn, struct tcp_cold *cold, const struct tcp_input *in);
/* A new connection by the shadow SYN of an old one (S-5, S-6); the shadow's sender is the client of the new one. */
event_set tcp_start_shadow(struct tcp_conn *conn, struct tcp_cold *cold, const struct tcp_syn *shadow,
			   uint64_t at_ns, uint32_t epoch);

/* S-3: how long a shadow is valid, nanoseconds. */
uint64_t tcp_shadow_valid_ns(const struct settings *settings);
/* S-3: the shadow of this flow is still valid. */
bool tcp_shadow_pending(const struct tcp_extra *extra, const struct settings *settings,
			uint64_t now_ns);
/* Nothing in it matters any more: no SYN or SYN+ACK is kept, no RST may be taken back, no budget is touched. */
bool tcp_extra_is_idle(const struct tcp_conn *conn, const struct tcp_extra *extra, const struct settings *settings,
		       uint64_t now_ns);
/* S-8: there is a shadow; coming again it counts as a new one. */
bool tcp_shadow_starts_over(const struct tcp_conn *conn, const struct tcp_extra *extra);

/* `seq` is the number of the SYN with which this end opened the present connection, three-way handshake and all. */
bool tcp_is_opening_syn(const struct tcp_conn *conn, enum side from, uint32_t seq);

/* C-3: the FIN is neither contiguous nor acknowledged; it may be forged. */
static inline bool tcp_fin_is_provisional(const struct tcp_end *end)
{
	return (end->flags & END_HAS_FIN) && end->state != END_FIN_ACKED && end->contiguous != end->fin_next;
}

/*
 * An ICMP error about a segment that `from` sent (I-2 to I-7): the reason to drop it, or REASON_NONE. extra may be
 * NULL.
 * unreachable: the attempt is over soon unless an answer comes (I-4).
 */
enum reason tcp_judge_icmp(const struct tcp_conn *conn, const struct tcp_extra *extra,
			   const struct icmp_quote *quote, enum side from, uint8_t family,
			   const struct settings *settings, bool *unreachable);
void tcp_apply_unreachable(struct tcp_conn *conn, struct tcp_extra *extra, const struct settings *settings,
			   uint64_t now_ns);
