/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Admission (rules A): may this SYN make a flow? Rates and gauges are fixed arrays of atomics shared by all
 * workers (one struct limits a process); every function may be called by any worker at any time. No I/O, no
 * clock, memory at limits_new() only.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/siphash.h"
#include "policy/floods.h"
#include "tables/services.h"
#include "tables/settings.h"

struct ban;
struct limits;

/* One SYN that wants to make a flow. Addresses as in struct packet (IPv4-mapped), port in host order. */
struct admission {
	const uint8_t *src, *dst; /* 16 bytes each */
	uint16_t src_port, dst_port;
	uint32_t seq;
	uint32_t len;   /* bytes that came with the SYN */
	uint8_t family; /* 4 or 6 */
	uint8_t service; /* that the server belongs to: sources are counted for each apart */
	uint64_t random; /* fresh random bits, for random early drop */
	bool mute;       /* challenges cannot be answered in time */
	bool pickup;     /* K-9: no SYN but a flow met mid-stream: only the limits of the source apply */
};

/* A source prefix that ran into a limit of its own: what source-limited names. */
struct limited_source {
	uint8_t prefix[16];
	uint8_t prefix_bits; /* of the 128 bits of an IPv4-mapped or IPv6 address */
	uint8_t reason;      /* enum reason: of that limit, whatever was done about it */
};

#define LIMITED_MOST 5 /* its rate, that of its network, conn_rate, conn_count, half_open_source */

struct admission_result {
	enum verdict verdict;
	enum reason reason; /* of the drop, or REASON_NONE */
	reason_set logged;  /* the limits that it exceeded and that only count */
	struct limited_source limited[LIMITED_MOST];
	uint8_t limited_count;
	uint8_t limiter; /* enum limiter: with drop, whose action that was */
	bool banned; /* with that, the prefix that was limited last entered the ban table */
	bool answer; /* send the source a SYN+ACK with these numbers */
	uint32_t answer_seq, answer_ack;
};

/* Memory by the start-only options of settings; key: of all its hashes. NULL: out of memory. */
struct limits *limits_new(const struct settings *settings, const struct hash_key *key);
void limits_free(struct limits *limits);

/* A-1 step 1: lives as long as the limits do. */
struct ban *limits_ban(const struct limits *limits);

/*
 * A-1 steps 1 to 6 for one SYN at now_ns. A SYN that passes charges the buckets that it is not over; in monitor mode
 * (M-14) one that would be dropped as well, that of the limit too.
 */
struct admission_result limits_admit(struct limits *limits, const struct settings *settings,
				     const struct admission *admission, uint64_t now_ns);

/* a flow became, or is no longer, half-open. Every rise has exactly one fall. */
void limits_half_open_rise(struct limits *limits, const struct settings *settings, const struct admission *admission);
void limits_half_open_fall(struct limits *limits, const struct settings *settings, const struct admission *admission);
uint64_t limits_half_open(const struct limits *limits);

/* A-1 step 3: a flow of the source that is not half-open began, or is over. Every rise has exactly one fall. */
void limits_flow_rise(struct limits *limits, const struct settings *settings, const struct admission *admission);
void limits_flow_fall(struct limits *limits, const struct settings *settings, const struct admission *admission);

/*
 * the source completed a handshake: it is proven, and the handshake is counted. True: that was one too many,
 * and *source entered the ban table.
 */
bool limits_handshake(struct limits *limits, const struct settings *settings, const struct admission *admission,
		      uint64_t now_ns, struct subject *source);
/* only that it is proven. */
void limits_prove(struct limits *limits, const struct settings *settings, const uint8_t src[16], uint64_t now_ns);
/*
 * does this RST carry the cookie of a challenge? Then that SYN passes when it comes again, and no other: a host
 * whose address was forged owes the same RST. Only a completed handshake proves the source.
 */
bool limits_challenge_answer(struct limits *limits, const struct admission *rst, uint64_t now_ns);

/*
 * moves the flood modes, with hysteresis. Called by a worker after a change of the gauges (`touched`: where a
 * flow became half-open, or NULL) and once a second, until it says false: nothing changed any more. Exactly one
 * caller is told of each change. settings: the global ones; for a destination those of its service hold.
 */
bool limits_flood_update(struct limits *limits, const struct settings *settings, const struct services *services,
			 const struct admission *touched, uint64_t now_ns, struct flood_report *report);
/* Any mode is on, or half-open flows are a sixteenth of what begins the mode of the gateway. */
bool limits_crowded(const struct limits *limits, const struct settings *settings);
/* Any mode is on. */
bool limits_flood(const struct limits *limits);
/* The modes, and what is told of them; lives as long as the limits do. */
struct floods *limits_floods(struct limits *limits);
