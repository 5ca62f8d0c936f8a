/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the fields of a script to the bytes of an IP packet: IPv4 or IPv6, TCP or ICMP, checksums, damage.
 * What is not named as damage is right.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "input/script.h"

/* At most this many bytes are needed for the packets of `step`. */
size_t script_build_room(const struct script_step *step);

/*
 * Writes packet number `n` (from 0) of a segment or ICMP step between the two ends to `buffer`, which has the
 * room of script_build_room(). Returns its bytes and marks; zone 0.
 */
struct packet_bytes script_build(const struct script_step *step, const struct endpoints *at, unsigned n,
				 uint8_t *buffer);
