/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One packet message of the kernel, attribute by attribute. Inner header of nfqueue. */
#pragma once

#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>

#include "input/nfqueue.h"

/*
 * message: complete, of type NFQNL_MSG_PACKET, from queue number `queue`; zone: ZONE_* (tracking.zone).
 * *bytes points into it. False: it carries no packet id.
 */
bool nfqueue_parse(const struct nlmsghdr *message, int zone, uint16_t queue, struct packet_bytes *bytes,
		   uint32_t *id);

/* As nfqueue_hop(). */
bool nfqueue_parse_hop(const struct nlmsghdr *message, struct nfqueue_hop *hop);
