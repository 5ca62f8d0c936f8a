/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A-13, G-6: sends the answers to challenged SYNs, each a SYN+ACK in the name of the server. Where it is known
 * who handed the SYN over, the answer goes back there by a packet socket, past routing table and netfilter: half the
 * work of a raw socket (daemon/doc/flood.md). All others are routed, and leave by the hook OUTPUT; with IPsec
 * policies for forwarded packets all are. Either way the queue of a gateway (FORWARD) never sees them. Used by one
 * worker; opened before privileges are given up, as it takes CAP_NET_RAW, which sending does not.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"
#include "input/nfqueue.h"

#define INJECT_PACKET_SIZE 60 /* the longest: IPv6 and TCP without options */

struct inject;

struct inject_counters {
	uint64_t sent;
	uint64_t failed; /* refused by the kernel: no route, no room */
};

/* NULL: `error` (size bytes) names the cause and the remedy in one sentence. */
struct inject *inject_open(char *error, size_t size);
void inject_close(struct inject *inject);

/* Before answers of a batch: learns, now and then, whether the way that a packet came is the way back. */
void inject_look(struct inject *inject, uint64_t now_ns);
/*
 * Takes one more answer; they leave with inject_send(), or when a batch of them is full. hop: who handed the SYN over,
 * NULL: unknown.
 */
void inject_add(struct inject *inject, const struct answer *answer, const struct nfqueue_hop *hop);
void inject_send(struct inject *inject);

const struct inject_counters *inject_counters(const struct inject *inject);

/* Builds the packet of an answer; returns its length. */
size_t inject_build(const struct answer *answer, uint8_t packet[INJECT_PACKET_SIZE]);
