/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the sequence numbers of a packet are relative to: the initial ones of its flow, as far as they were seen. */
#pragma once

#include <stdint.h>

#include "engine/engine.h"
#include "packet/packet.h"
#include "report/isn_table.h"

/* To subtract from the sender's and the receiver's numbers; 0 leaves them absolute. */
struct packet_base {
	uint32_t own, peer;
};

/* Learns from accepted SYNs. */
void packet_base_learn(struct isn_table *isns, const struct packet *packet, const struct decision *decision);
struct packet_base packet_base_find(const struct isn_table *isns, const struct decision *decision);
