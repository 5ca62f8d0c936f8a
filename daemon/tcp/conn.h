/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection as the tracker remembers it, in three parts by how often they are touched: struct tcp_conn with every
 * segment, struct tcp_cold with a change of phase, struct tcp_extra only by flows that something rare happened to.
 * All three live in the flow pool: fixed-width fields, no pointers.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"
#include "tables/settings.h"
#include "tables/tables.h"
#include "tcp/end.h"

enum conn_flag {
	CONN_ASSURED = 1 << 0,       /* F-6: proven in both directions, or a confirmed pickup */
	CONN_PICKED_UP = 1 << 1,     /* began mid-stream */
	CONN_COUNTED_FLOW = 1 << 2,  /* counted as an open flow of its client */
	CONN_UNCONFIRMED = 1 << 3,   /* F-1: PICKUP overrides the phase table (K-6) */
	CONN_PICKUP_BY_SERVER = 1 << 4, /* the server sent the segment that began the pickup */
	CONN_KEEPALIVE_DUE = 1 << 5, /* K-5: one acknowledgement one too high may pass */
	CONN_FROM_SYNACK = 1 << 6,   /* K-2: begun by a SYN+ACK */
	CONN_ORIG_GUESS = 1 << 7,    /* K-7: which end is the client is a guess */
	CONN_SIMULTANEOUS = 1 << 8,  /* H-8 */
	CONN_ASYNC = 1 << 9,         /* H-14: only one direction is seen */
	CONN_RESET = 1 << 10,        /* F-1: CLOSED overrides the phase table */
	CONN_RST_CLIENT = 1 << 11,   /* the RST that closed it came from the client */
	CONN_RST_SERVER = 1 << 12,
	CONN_UNREACHABLE = 1 << 13,  /* I-4 */
	CONN_OPEN_DATA = 1 << 14,    /* open_data_s is valid (T-6) */
	CONN_REOPENING = 1 << 15,    /* S-9: a shadow SYN pends on TIME_WAIT or CLOSED */
	CONN_CLIENT_IS_HIGH = 1 << 16, /* the client is address[1] of the key */
	CONN_COUNTED_HALF_OPEN = 1 << 17, /* counted in the gauges, ... */
	CONN_COUNTED_BY_SERVER = 1 << 18, /* ... with the server as the source */
	CONN_HAS_CLOSE_BY = 1 << 19, /* extra.close_by_ns is valid (T-14, I-4) */
	/* history letters a d i q already written (E-2): four bits an end */
	CONN_HISTORY_SHIFT = 20,
	CONN_HISTORY_MASK = 0xff << CONN_HISTORY_SHIFT,
	CONN_HISTORY_PARTIAL = 1 << 28, /* x is written (E-2) */
};

struct tcp_conn {
	struct tcp_end end[2];  /* by enum side */
	uint64_t last_seen_ns;  /* last accepted segment */
	uint64_t armed_ns;      /* what the timer of the phase counts from (T-1) */
	uint32_t open_data_s;   /* T-6: engine second in which the open end last sent data while half-closed */
	uint32_t flags;         /* enum conn_flag */
	uint32_t gate;          /* 0: reserved for judging in the kernel */
	uint32_t epoch;         /* blindness epoch the flow is consistent with (B-2) */
	uint16_t dropped;       /* segments of it that were dropped; UINT16_MAX: that many or more */
	uint8_t service;        /* number of the service of its server (tables/services.h) */
	uint8_t service_age;    /* of the services when that was looked up */
	uint8_t phase;          /* by the ends and F-1; what is printed is tcp_phase() (F-2) */
	uint8_t close_reason;   /* enum close_reason once it is closed */
	uint8_t closed_by;      /* enum side: first FIN, or RST */
	uint8_t renewals;       /* T-3 */
};
_Static_assert(sizeof(struct tcp_conn) == 216, "key and connection are 256 bytes together");

/* Letters of E-2, five bits each, and how often those were seen that are written at 1, 10, 100. */
struct tcp_history {
	uint8_t packed[10];
	uint8_t checksum[2], gap[2], zero_window[2];
};

struct tcp_cold {
	uint64_t started_ns;
	uint64_t phase_since_ns;
	uint32_t handshake_us; /* SYN to third segment, UINT32_MAX: not seen */
	uint32_t rtt_us;       /* SYN to SYN+ACK, then also to the third segment; UINT32_MAX: not seen */
	struct tcp_history history;
};

/* The numbers of a SYN or SYN+ACK that may start an end later: shadow, candidate, earlier SYN. */
struct tcp_syn {
	uint32_t seq, next, tsval;
	uint16_t window; /* unscaled (O-4) */
	uint16_t mss;
	uint16_t packets; /* so often it came, while it pends */
	uint16_t end_flags; /* END_OFFERED_SACK, END_OFFERED_TS, END_FAST_OPEN, END_ECN, END_MPTCP */
	uint8_t scale;
	uint8_t ttl;
};

#define SYNACK_CANDIDATES 5
#define OLD_SYNS          2

/* Budgets of one flow, GCRA times. */
enum conn_bucket {
	BUCKET_OLD_SEGMENT,    /* W-7 */
	BUCKET_SYN_RETRANSMIT, /* */
	BUCKET_CHALLENGE,      /* H-13 */
	BUCKET_SHADOW,         /* S-2: + enum side */
	BUCKET_RST = BUCKET_SHADOW + 2, /* + enum side */
	BUCKET_COUNT = BUCKET_RST + 2,
	BUCKET_NONE = BUCKET_COUNT
};

struct tcp_extra {
	uint64_t bucket[BUCKET_COUNT];
	uint64_t shadow_at_ns;
	uint64_t new_isn_from_ns; /* T-2: from when on a new SYN may restart the timer again */
	uint64_t close_by_ns;     /* with CONN_HAS_CLOSE_BY */
	struct tcp_syn shadow;
	struct tcp_syn candidate[SYNACK_CANDIDATES];
	struct tcp_syn old_syn[OLD_SYNS]; /* newest first (H-7) */
	uint32_t challenge_ack;
	uint32_t rst_sent[2], rst_acked[2]; /* both ends when the RST came */
	uint32_t rst_seq[2];      /* last RST of each end, for the history */
	uint8_t shadow_from;      /* enum side, SIDE_NONE: no shadow */
	uint8_t candidates, old_syns;
	uint8_t challenge_from;   /* enum side that sent the challenge ACK, SIDE_NONE: none */
	uint8_t alive_after_rst;  /* one bit an end */
	uint8_t rst_seen;         /* one bit an end: rst_seq is valid */
};

void tcp_extra_init(struct tcp_extra *extra);

/* The flow leaves the table at close_by_ns at the latest (T-14, I-4); an earlier such time stays. */
void tcp_close_by(struct tcp_conn *conn, struct tcp_extra *extra, uint64_t close_by_ns);

/* The phase of two end states (specification: Ends and phases). PHASE_COUNT: cannot happen. */
enum phase tcp_phase_of(enum end_state client, enum end_state server);

/* What is printed: the phase by ends and flags, SYN_SENT while a shadow pends on TIME_WAIT or CLOSED (F-2). */
enum phase tcp_phase(const struct tcp_conn *conn);

/* False: the end states cannot stand together: an internal error, the flow is not judged. */
bool tcp_is_sound(const struct tcp_conn *conn);

/* T-5: the phase whose timer runs; a FIN that may be forged (C-3) does not count yet. */
enum phase tcp_timer_phase(const struct tcp_conn *conn);

/* F-3: the end whose FIN is acknowledged in HALF_CLOSED, else SIDE_NONE. */
enum side tcp_half(const struct tcp_conn *conn);

/* F-5. by: the end whose SYN it is. */
bool tcp_is_half_open(const struct tcp_conn *conn, const struct tcp_extra *extra, enum side *by);

/* Words for the diagram printed from the phase table. */
const char *end_state_word(enum end_state state);

/* T-13: every base times factor / 65536. */
#define FACTOR_ONE 65536u

struct tcp_timing {
	const struct settings *settings;
	uint32_t factor; /* adaptive, FACTOR_ONE: table not crowded */
	bool flood;      /* flood mode shortens syn_sent */
};

/* When the flow leaves the table if nothing happens any more. extra may be NULL. */
uint64_t tcp_deadline(const struct tcp_conn *conn, const struct tcp_cold *cold, const struct tcp_extra *extra,
		      const struct tcp_timing *timing);

/* S-9, T-2: when a shadow SYN that nobody answers has waited long enough. */
uint64_t tcp_shadow_deadline(const struct tcp_extra *extra, const struct tcp_timing *timing);

/*
 * The shortest time from a segment of the present phase to a deadline it may set, nanoseconds: looking again that
 * soon cannot come too late (T-15).
 */
uint64_t tcp_shortest_timeout(const struct tcp_conn *conn, const struct tcp_timing *timing);

/* Why the flow leaves the table when its timer runs out, or the input ends (`at_end`). */
enum close_reason tcp_close_reason(const struct tcp_conn *conn, bool at_end);

/* E-1. */
enum conn_state tcp_conn_state(const struct tcp_conn *conn);

/* Bytes of the stream that an end sent, without SYN and FIN. */
uint64_t tcp_end_bytes(const struct tcp_end *end);
