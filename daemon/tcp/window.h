/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The window and acknowledgement tests (W-1 to W-5) and the update of both ends (W-10). Plain pointers to two ends
 * and a segment, arguments for everything else; no libc, loops, globals, function pointers or division: these same
 * functions are meant to compile for BPF one day. Tests only read; the update only writes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tcp/end.h"
#include "tcp/seq.h"

/* A segment as the tests see it; windows in bytes, already scaled. */
struct window_segment {
	uint32_t seq, next, len;
	uint32_t ack;    /* receiver->sent where the ACK bit is clear: W-4 and W-5 hold */
	uint32_t sack;   /* highest SACK edge after ack, else ack (O-7) */
	uint32_t window; /* at most WINDOW_MOST */
	bool has_ack;
};

/* The tests that fail, one bit each. */
enum window_finding {
	WINDOW_STARTS_HIGH = 1 << 0, /* W-1 */
	WINDOW_ENDS_HIGH = 1 << 1,   /* W-2 */
	WINDOW_TOO_OLD = 1 << 2,     /* W-3 */
	WINDOW_ACK_HIGH = 1 << 3,    /* W-4 */
	WINDOW_ACK_OLD = 1 << 4,     /* W-5 */
};

/* W-6: how far below the acknowledged number an ACK of `sender` may reach, bytes. */
static inline uint32_t window_ack_reach(const struct tcp_end *sender, uint32_t ack_window_min)
{
	return sender->max_window > ack_window_min ? sender->max_window : ack_window_min;
}

/* W-1 to W-5. slack: tracking.window_slack; ack_window_min: tracking.ack_window_min, both bytes. */
static inline unsigned window_test(const struct tcp_end *sender, const struct tcp_end *receiver,
				   const struct window_segment *seg, uint32_t slack, uint32_t ack_window_min)
{
	bool limit_known = !(sender->flags & END_LIMIT_UNKNOWN);
	bool sender_overshot = sender->flags & END_HAS_OVERSHOOT;
	bool receiver_overshot = receiver->flags & END_HAS_OVERSHOOT;
	/* a pure ACK from where the sender's numbers stand already */
	bool known = seg->next == seg->seq && !seq_after(seg->seq, sender->sent);
	unsigned found = 0;

	/* W-1; not a pure ACK behind an overshoot (W-8), or behind a FIN at the edge of a full window (G-4) */
	if (limit_known && !known && seq_after(seg->seq, sender->limit) &&
	    !(sender_overshot && seg->len == 0 && !seq_after(seg->seq, sender->overshoot_to)))
		found |= WINDOW_STARTS_HIGH;
	/* W-2: a FIN and the probe of a closed window fit in the + 1 */
	if (limit_known && !known && seq_after(seg->next, sender->limit + 1 + slack))
		found |= WINDOW_ENDS_HIGH;
	/* W-3: more than one receive window before what was sent */
	if (receiver->max_window != 0 && seq_before(seg->next, sender->sent - receiver->max_window))
		found |= WINDOW_TOO_OLD;
	/* W-4, RFC 5961 5: nobody acknowledges what was never sent; what overshot may be acknowledged (W-8) */
	if (seq_after(seg->sack, receiver->sent) &&
	    !(receiver_overshot && !seq_after(seg->sack, receiver->overshoot_to)))
		found |= WINDOW_ACK_HIGH;
	/* W-5, RFC 5961 5: SND.UNA - MAX.SND.WND <= SEG.ACK */
	if (seq_before(seg->ack, receiver->acked - window_ack_reach(sender, ack_window_min)))
		found |= WINDOW_ACK_OLD;
	return found;
}

/* What the segment says about its receiver: the first half of W-10 (G-2). */
static inline void window_update_receiver(struct tcp_end *receiver, const struct window_segment *seg)
{
	/* W-12: from the acknowledgement; SACK grants nothing */
	uint32_t edge = seg->ack + (seg->window != 0 ? seg->window : 1);

	/* K-3: a pickup takes the number it meets first for acknowledged, until the other end says more */
	if ((receiver->flags & END_LIMIT_UNKNOWN) && (receiver->flags & END_EDGES_GUESSED) &&
	    receiver->sent - seg->ack <= WINDOW_MOST && seq_before(seg->ack, receiver->acked))
		receiver->acked = seg->ack;
	/* only by overshoot, anchoring anew, liberal mode; F-9 as below */
	if (seq_after(seg->ack, receiver->sent) && !seq_before(seg->ack, receiver->acked))
		receiver->sent = seg->ack;
	if (seq_after(seg->ack, receiver->acked)) {
		receiver->acked = seg->ack;
		if (seq_before(receiver->contiguous, seg->ack)) {
			receiver->bytes += seg->ack - receiver->contiguous;
			receiver->contiguous = seg->ack;
		}
	}
	if (seg->ack == receiver->sent)
		receiver->flags &= (uint16_t)~END_UNACKED;
	if ((receiver->flags & END_HAS_OVERSHOOT) && !seq_before(seg->ack, receiver->overshoot_to))
		receiver->flags &= (uint16_t)~END_HAS_OVERSHOOT;
	/*
	 * W-11: a window that shrinks takes nothing back. K-3: the first one known counts outright, but for one that
	 * has shrunk already: what was sent had been granted, and how much is not known.
	 */
	if (receiver->flags & END_LIMIT_UNKNOWN) {
		if (receiver->sent != edge && receiver->sent - edge <= WINDOW_MOST)
			return;
		receiver->limit = edge;
		receiver->flags &= (uint16_t)~END_LIMIT_UNKNOWN;
	} else if (!seq_before(edge, receiver->limit)) {
		receiver->limit = edge;
	}
}

static inline uint32_t window_capped(uint64_t window)
{
	return window < WINDOW_MOST ? (uint32_t)window : WINDOW_MOST;
}

/* What it says about its sender: the second half of W-10. */
static inline void window_update_sender(struct tcp_end *sender, struct tcp_end *receiver,
					const struct window_segment *seg)
{
	uint64_t advertised = (uint64_t)seg->window + (seg->sack - seg->ack);

	if (advertised > sender->max_window)
		sender->max_window = window_capped(advertised);
	if (sender->max_window == 0)
		sender->max_window = 1;
	/* the peer evidently granted more than we saw */
	if (receiver->max_window != 0 && !(sender->flags & END_LIMIT_UNKNOWN) && seq_after(seg->next, sender->limit))
		receiver->max_window = window_capped((uint64_t)receiver->max_window + (seg->next - sender->limit));
	/* F-9: 2^31 and more beyond what is acknowledged cannot be told from before it; guesses and liberal mode go
	 * so far */
	if (seq_after(seg->next, sender->sent) && !seq_before(seg->next, sender->acked)) {
		sender->sent = seg->next;
		sender->flags |= END_UNACKED;
	}
	if (!seq_after(seg->seq, sender->contiguous) && seq_after(seg->next, sender->contiguous) &&
	    !seq_after(seg->next, sender->sent)) {
		sender->bytes += seg->next - sender->contiguous;
		sender->contiguous = seg->next;
	}
	sender->window = seg->window;
	if (seg->window == 0)
		sender->flags |= END_ZERO_WINDOW;
	else
		sender->flags &= (uint16_t)~END_ZERO_WINDOW;
}

/* W-10. Only on an updating accept of a segment without RST. The same segment twice moves nothing more. */
static inline void window_update(struct tcp_end *sender, struct tcp_end *receiver, const struct window_segment *seg)
{
	if (seg->has_ack)
		window_update_receiver(receiver, seg);
	window_update_sender(sender, receiver, seg);
}
