/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/cause.h"

#include "base/units.h"
#include "packet/packet.h"

#define YOUNG_NS (240 * NS_PER_S)    /* 2MSL: segments of the connection before may still be on their way */
#define FAR      (UINT32_C(1) << 26) /* bytes; no burst that went past us is as long */
#define SYN_AGAIN_US \
	200000 /* a SYN is not sent again before 1 s (RFC 6298 2): sooner it is the same packet */

/* The number that the bound is about. */
static bool number_of(const struct drop_record *drop, uint32_t *value)
{
	switch ((enum allowed)drop->allowed) {
	case ALLOWED_SEQ: *value = drop->seq; return drop->has_segment;
	case ALLOWED_ACK: *value = drop->ack; return drop->has_segment && drop->has_ack;
	case ALLOWED_NEXT:
		*value = drop->seq + drop->len + !!(drop->flags & TCP_SYN) + !!(drop->flags & TCP_FIN);
		return drop->has_segment;
	case ALLOWED_NOTHING:
	case ALLOWED_TS:
	case ALLOWED_RATE: break;
	}
	return false;
}

bool cause_distance(const struct drop_record *drop, uint32_t *value, uint32_t *distance, bool *above)
{
	if (!number_of(drop, value) || *value - drop->allowed_low <= drop->allowed_high - drop->allowed_low)
		return false;
	uint32_t beyond = *value - drop->allowed_high, below = drop->allowed_low - *value;
	*above = beyond < below;
	*distance = *above ? beyond : below;
	return true;
}

static enum cause of_no_flow(const struct drop_record *drop, const struct settings *settings)
{
	if (!drop->has_segment)
		return CAUSE_NONE;
	if ((drop->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK))
		return CAUSE_ANSWERS_ONLY; /* the SYN that it answers was not seen here */
	if ((drop->flags & (TCP_RST | TCP_FIN)) != 0)
		return CAUSE_LATE_TAIL;
	if ((drop->flags & TCP_ACK) == 0)
		return CAUSE_NONE; /* no connection has such a segment in its middle */
	if (settings->tracking_pickup == PICKUP_OFF || settings->tracking_window == WINDOW_STRICT)
		return CAUSE_PICKUP_OFF;
	return settings->tracking_pickup == PICKUP_WARMUP ? CAUSE_WARM_UP_OVER : CAUSE_NONE;
}

/* Numbers that do not fit: from before the connection, or from beyond what we saw of it. */
static enum cause of_numbers(const struct drop_record *drop)
{
	uint32_t value, distance;
	bool above;

	if (!cause_distance(drop, &value, &distance, &above))
		return CAUSE_NONE;
	if (distance >= FAR || !above)
		return drop->age_ns < YOUNG_NS ? CAUSE_PORT_REUSED : CAUSE_NONE;
	return (drop->flags & TCP_RST) == 0 ? CAUSE_BYPASSED : CAUSE_NONE;
}

/* The client goes on though nobody was seen to answer it. */
static enum cause of_no_synack(const struct drop_record *drop)
{
	return drop->dir == SIDE_CLIENT && drop->packets[SIDE_SERVER] == 0 ? CAUSE_ASYMMETRIC_ROUTE
									   : CAUSE_NONE;
}

/* Reasons that have one cause as a rule. */
static const struct {
	enum reason reason;
	enum cause cause;
} plain[] = {
	{ REASON_BAD_CHECKSUM, CAUSE_CHECKSUM_OFFLOAD }, { REASON_FRAGMENT, CAUSE_NOT_REASSEMBLED },
	{ REASON_SHADOW_RATE, CAUSE_PORT_REUSED },       { REASON_BAD_SYNACK, CAUSE_PORT_REUSED },
	{ REASON_BAD_HANDSHAKE_ACK, CAUSE_PORT_REUSED },
};

enum cause cause_of_drop(const struct drop_record *drop, const struct settings *settings)
{
	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
		if (plain[i].reason == drop->reason)
			return plain[i].cause;
	if (drop->reason == REASON_NO_FLOW)
		return of_no_flow(drop, settings);
	if (drop->reason == REASON_NO_SYNACK)
		return of_no_synack(drop);
	if (drop->reason == REASON_SEQ_HIGH || drop->reason == REASON_ACK_HIGH ||
	    drop->reason == REASON_BAD_RST)
		return of_numbers(drop);
	return CAUSE_NONE; /* most reasons are their own cause */
}

enum cause cause_of_flow(const struct flow_record *flow)
{
	/* Once each: SYN, SYN+ACK and the third segment. */
	bool again = flow->end[SIDE_CLIENT].packets > 2 && flow->end[SIDE_SERVER].packets > 1;

	return again && flow->handshake_us < SYN_AGAIN_US ? CAUSE_QUEUED_TWICE : CAUSE_NONE;
}
