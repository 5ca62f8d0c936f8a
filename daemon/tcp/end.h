/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One end of a connection: what it sent, what its peer acknowledged and granted. Fixed-width fields, no pointers:
 * two of these lie in the hot part of a flow and outlive the process in a memfd.
 */
#pragma once

#include <stdint.h>

/* An end only moves forward (specification: Ends and phases). */
enum end_state {
	END_NONE,      /* nothing accepted from this end */
	END_SYN_SENT,  /* its SYN or SYN+ACK accepted, not acknowledged */
	END_OPEN,      /* its SYN acknowledged, no FIN */
	END_FIN_SENT,  /* its FIN accepted, not acknowledged */
	END_FIN_ACKED, /* its FIN acknowledged */
	END_STATE_COUNT
};

enum end_flag {
	END_HAS_ISN = 1 << 0,
	END_HAS_FIN = 1 << 1,        /* fin_next is valid */
	END_HAS_OVERSHOOT = 1 << 2,  /* overshoot_to is valid (W-8) */
	END_OFFERED_SACK = 1 << 3,
	END_OFFERED_TS = 1 << 4,
	END_FAST_OPEN = 1 << 5,      /* Fast Open option, or data, on its SYN */
	END_UNACKED = 1 << 6,        /* it sent what is not acknowledged yet (T-11) */
	END_EDGES_GUESSED = 1 << 7,  /* its numbers are guesses: pickup not confirmed, async, fragments */
	END_RESYNC_DUE = 1 << 8,     /* a blindness was noticed, and it has said nothing new since (B-3) */
	END_ZERO_WINDOW = 1 << 9,    /* its last window was 0 */
	END_CLOSE_FIRST = 1 << 10,   /* it sent the first FIN */
	END_LIMIT_UNKNOWN = 1 << 11, /* limit is not known yet (K-3) */
	END_BAD_CLOSE = 1 << 12,     /* an out-of-window FIN or RST of it was dropped (T-14) */
	END_ECN = 1 << 13,           /* seen on its SYN, for the record */
	END_MPTCP = 1 << 14,
	END_UNSETTLED = 1 << 15,     /* it may have sent more than is known (B-3, B-6) */
};

#define SCALE_NOT_OFFERED 255
#define SCALE_MOST        14 /* RFC 7323 2.3 */
#define WINDOW_MOST       (UINT32_C(1) << 30) /* F-8: no difference reaches 2^31 */

/* same_count: the peer spoke since, the next segment starts a new count. */
#define SAME_COUNT_BROKEN 255

/* F-9: acked <= contiguous <= sent once there is an isn, modulo 2^32. */
struct tcp_end {
	uint64_t bytes;      /* growth of contiguous, its FIN included once that is contiguous; without SYN */
	uint32_t isn;        /* with END_HAS_ISN */
	uint32_t sent;       /* one past the highest sequence number accepted from it (SND.NXT) */
	uint32_t contiguous; /* highest sequence number without a hole, from acked upwards */
	uint32_t acked;      /* highest acknowledgement of its data (SND.UNA) */
	uint32_t limit;      /* right edge granted to it (SND.UNA + SND.WND), never moves back */
	uint32_t max_window; /* largest window it advertised, scaled; 0: none known */
	uint32_t window;     /* last window it advertised, scaled */
	uint32_t fin_next;   /* just after its FIN, with END_HAS_FIN */
	uint32_t overshoot_to; /* end of data accepted beyond limit, with END_HAS_OVERSHOOT */
	uint32_t ts_recent;    /* newest TSval accepted from it (O-12) */
	uint32_t ts_recent_at; /* engine second of that */
	uint32_t last_seq, last_ack, last_next; /* its last segment */
	uint32_t packets;      /* accepted segments */
	uint32_t retransmits;  /* */
	uint32_t out_of_order; /* */
	uint16_t last_window;  /* as on the wire */
	uint16_t mss;          /* as offered, 0: not offered */
	uint16_t flags;        /* enum end_flag */
	uint8_t scale;         /* as offered, or SCALE_NOT_OFFERED */
	uint8_t shift;         /* scale in effect (O-5) */
	uint8_t state;         /* enum end_state */
	uint8_t same_count;    /* */
	uint8_t ttl_min, ttl_max;
};
_Static_assert(sizeof(struct tcp_end) == 88, "two ends fit in the hot part of a flow");

/* One of the SYNs with its number carried data (P-10); while it is in END_SYN_SENT. */
static inline bool tcp_syn_had_data(const struct tcp_end *end)
{
	return end->sent != end->isn + 1;
}
