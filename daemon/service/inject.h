/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A-13, G-6: sends the answers to challenged SYNs, each a SYN+ACK in the name of the server. They leave by the hook
 * OUTPUT, so the queue of a gateway (FORWARD) never sees them. Used by one worker; opened before privileges are
 * given up, as it takes CAP_NET_RAW, which sending does not.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"

#define INJECT_PACKET_SIZE 60 /* the longest: IPv6 and TCP without options */

struct inject;

struct inject_counters {
	uint64_t sent;
	uint64_t failed; /* refused by the kernel: no route, no room */
};

/* NULL: `error` (size bytes) names the cause and the remedy in one sentence. */
struct inject *inject_open(char *error, size_t size);
void inject_close(struct inject *inject);

/* Takes one more answer; they leave with inject_send(), or when a batch of them is full. */
void inject_add(struct inject *inject, const struct answer *answer);
void inject_send(struct inject *inject);

const struct inject_counters *inject_counters(const struct inject *inject);

/* Builds the packet of an answer; returns its length. */
size_t inject_build(const struct answer *answer, uint8_t packet[INJECT_PACKET_SIZE]);
