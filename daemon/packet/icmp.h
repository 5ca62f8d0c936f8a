/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICMP and ICMPv6 errors that quote a TCP segment (rules I): which kind of error, about which segment, toward whom.
 * Called by decode.c only; the quoted flow is the engine's business.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet/ip.h"
#include "packet/packet.h"

enum icmp_result {
	ICMP_QUOTES_TCP, /* the quote is set, usable or not */
	ICMP_UNRELATED,  /* no error, or one that quotes something else */
	ICMP_CUT,        /* what is at hand ends before it is clear what is quoted, the packet does not */
};

/*
 * The message behind `ip`: `length` bytes of ICMP, of which the first `captured` are at `data` (at most length).
 * Reads packet->dst, fills packet->quote.
 */
enum icmp_result icmp_parse(const struct ip_header *ip, const uint8_t *data, size_t captured, size_t length,
			    struct packet *packet);
