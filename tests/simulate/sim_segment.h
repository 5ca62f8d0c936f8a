/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TCP segment of the simulation: its header in host order, and which end sent it in which life. Nobody simulated
 * looks at payload: a byte is known by its number.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/event.h"
#include "packet/packet.h"

#define SIM_SACKS     3
#define SIM_NO_SCALE  255

enum sim_cookie { SIM_COOKIE_NONE, SIM_COOKIE_ASKED, SIM_COOKIE_SHOWN }; /* Fast Open */

struct sim_sack {
	uint32_t left, right;
};

struct sim_segment {
	uint32_t seq, ack, len;
	uint32_t tsval, tsecr;
	uint16_t flags; /* enum tcp_flag */
	uint16_t window, mss; /* mss 0: no such option */
	uint8_t scale;  /* SIM_NO_SCALE: no such option */
	uint8_t sacks;
	uint8_t cookie; /* enum sim_cookie */
	bool sack_permitted, timestamps;
	bool icmp;      /* no segment but an ICMP error of icmp_type and icmp_code that quotes seq of the other end */
	uint8_t icmp_type, icmp_code;
	uint32_t icmp_mtu; /* 0: none */
	uint32_t icmp_len; /* payload of the quoted segment */
	struct sim_sack sack[SIM_SACKS];
	/* what no wire carries */
	uint8_t from;      /* enum side */
	bool forged;
	bool aggregate;    /* of several segments, put together before the gateway */
	uint16_t piece;    /* bytes of each of them */
	uint32_t birth;    /* of its sender's socket: how many it had before, and this one */
	uint32_t life;     /* number of the connection attempt it belongs to, from 1 */
	uint64_t sent_ns;  /* when it left its sender */
	uint32_t number;   /* of the judgement in the trace, once the gateway has seen it */
};

static inline uint32_t sim_next(const struct sim_segment *s)
{
	return s->seq + s->len + ((s->flags & TCP_SYN) != 0) + ((s->flags & TCP_FIN) != 0);
}

#define SIM_PACKET_ROOM 9300 /* headers with all options and a short payload, or an error and what it quotes */

/* The bytes of the packet at `buffer`. Of a long payload only the lengths are there, as in a queue's short copy. */
struct packet_bytes sim_segment_bytes(const struct sim_segment *s, const struct endpoints *at, uint8_t *buffer);

/* The segment as a line of a scenario has it: "> SA seq=1 ack=2 win=3". Writes less than `size` characters. */
void sim_segment_text(const struct sim_segment *s, char *text, size_t size);
