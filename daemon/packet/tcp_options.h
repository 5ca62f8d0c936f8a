/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The option list of a TCP header (rules O): reads what tracking needs into the segment, notes what it only has to
 * know of, skips the rest. Called by tcp_header.c only.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "packet/packet.h"

/*
 * Reads the list of `size` bytes, of which the first `captured` are at `data` (at most size): what a copy left out is
 * no fault of the list. segment.flags and segment.ack must be set. Adds to packet->findings: bad-option (P-7, O-1),
 * ws-range (O-3).
 */
void tcp_options_parse(const uint8_t *data, size_t captured, size_t size, struct packet *packet);
