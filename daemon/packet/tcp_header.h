/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The TCP header of a packet: the segment in its normal form (N-2 to N-5) and the checks that need nothing but the
 * header (P-2, P-4 to P-7). Called by decode.c only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet/packet.h"

enum tcp_header_result {
	TCP_HEADER_OK,
	TCP_HEADER_MALFORMED, /* P-2 */
	TCP_HEADER_CUT,       /* the first 20 bytes are in the packet, but not all at hand */
};

/*
 * `length` bytes of TCP, of which the first `captured` are at `data` (at most length). On TCP_HEADER_OK everything in
 * packet->segment but ttl is set. Ports are set on any result if they are at hand.
 */
enum tcp_header_result tcp_header_parse(const uint8_t *data, size_t captured, size_t length, struct packet *packet);

/* P-9: the whole header, options included, lies within these `length` bytes, as far as what is at hand can tell. */
bool tcp_header_is_whole(const uint8_t *data, size_t captured, size_t length);
