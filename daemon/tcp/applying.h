/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to tcp/: applying a plan at work on one segment, and the parts it is made of. */
#pragma once

#include "tcp/judging.h"

struct apply {
	struct tcp_conn *conn;
	struct tcp_cold *cold;
	struct tcp_extra *extra; /* or NULL */
	const struct tcp_input *in;
	const struct tcp_plan *plan;
	struct tcp_end *sender, *receiver;
	event_set events;
};

static inline void apply_emit(struct apply *a, enum event_kind kind)
{
	a->events |= event_bit(kind);
}

/* The one place where a phase changes. */
void apply_phase(struct apply *a);
/* The third segment, whatever its form: both ends are open. */
void apply_established(struct apply *a);
/* H-13, S-7: the challenge ACK at hand is remembered. */
void apply_challenge(struct apply *a);
uint32_t apply_elapsed_us(uint64_t from_ns, uint64_t to_ns);

/* Actions of an open connection: apply_stream.c. */
void apply_count(struct apply *a);
/* `from` has yet to say something new. a->extra is not NULL. */
void apply_begin_anew_after_rst(struct apply *a, enum side from);
void apply_update(struct apply *a);
void apply_repick(struct apply *a);

/* Actions of the opening: apply_open.c. */
/* H-7: a SYN that another one takes the place of; the older of two kept is forgotten. */
void apply_remember_syn(struct tcp_extra *extra, const struct tcp_syn *syn);
void apply_syn_again(struct apply *a);
void apply_new_isn(struct apply *a);
void apply_simultaneous(struct apply *a);
void apply_synack(struct apply *a);
void apply_synack_again(struct apply *a);
void apply_synack_keep(struct apply *a);
void apply_synack_crossed(struct apply *a);
void apply_synack_after_refusal(struct apply *a);
void apply_async_open(struct apply *a);
