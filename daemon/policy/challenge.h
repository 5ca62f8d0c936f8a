/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * a SYN of an unproven source is answered with a SYN+ACK that acknowledges a cookie. Only who gets that
 * SYN+ACK can send the RST that its TCP owes it, with the cookie as sequence number. A cookie is computed,
 * never stored; shared by all workers.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/siphash.h"
#include "policy/limits.h"

struct challenge {
	struct hash_key key;
	_Atomic uint64_t tat;      /* of the answers sent (base/gcra.h) */
	_Atomic uint64_t until_ns; /* no cookie is valid any more from then on; 0: none was given out */
};

/* What the SYN+ACK says. */
struct cookie {
	uint32_t ack; /* the cookie */
	uint32_t seq; /* any number: nobody looks at it */
};

void challenge_init(struct challenge *challenge, const struct hash_key *key);

/* The cookie for this SYN: never a number that the SYN itself would have acknowledged. */
struct cookie challenge_cookie(const struct challenge *challenge, const struct admission *syn, uint64_t now_ns);

/* One answer more within `rate` a second (0: no limit)? Charges it, and expects a RST from now on. */
bool challenge_may_answer(struct challenge *challenge, uint64_t rate, uint64_t now_ns);

/* Does this RST carry a cookie given out in this time slot or the one before? */
bool challenge_is_answer(const struct challenge *challenge, const struct admission *rst, uint64_t now_ns);
