/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The headers of a packet as EVE's drop records tell them. */
#pragma once

#include "engine/event.h"
#include "packet/packet.h"

/* packet NULL, or cut before a field: what is not known stays 0, version, has_icmp and has_tcp tell. */
void header_record_read(struct header_record *header, const struct packet_bytes *packet);
