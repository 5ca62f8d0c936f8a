/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dropped packets on their way from a worker to the reporter, with what was decided: a fixed queue for one producer
 * and one consumer. A full one counts what it refuses and never waits.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"

#define DROP_BYTES 512 /* kept of each packet */

struct drop_queue;

struct drop_slot {
	struct decision decision;
	uint64_t now_ns; /* monotonic */
	size_t length;   /* true length of the packet */
	unsigned captured, marks;
	uint16_t zone;
	uint8_t data[DROP_BYTES];
};

/* NULL: out of memory. */
struct drop_queue *drop_queue_new(void);
void drop_queue_free(struct drop_queue *queue);

/* Producer: copies what there is of the packet. */
void drop_queue_push(struct drop_queue *queue, const struct packet_bytes *packet, const struct decision *decision,
		    uint64_t now_ns);
/* Consumer: the oldest. False: empty. */
bool drop_queue_pop(struct drop_queue *queue, struct drop_slot *slot);
/* Either. */
bool drop_queue_is_empty(const struct drop_queue *queue);
/* Any thread: packets refused so far. */
uint64_t drop_queue_lost(const struct drop_queue *queue);
