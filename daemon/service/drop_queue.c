/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/drop_queue.h"

#include <ck_ring.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"

#define SLOTS 1024

CK_RING_PROTOTYPE(drop, drop_slot)

struct drop_queue {
	struct ck_ring ring;
	_Atomic uint64_t lost;
	struct drop_slot slot[SLOTS];
};

struct drop_queue *drop_queue_new(void)
{
	size_t lines = (sizeof(struct drop_queue) + CK_MD_CACHELINE - 1) / CK_MD_CACHELINE;
	struct drop_queue *queue = aligned_alloc(CK_MD_CACHELINE, lines * CK_MD_CACHELINE);

	if (queue == NULL)
		return NULL;
	ck_ring_init(&queue->ring, SLOTS);
	atomic_init(&queue->lost, 0);
	return queue;
}

void drop_queue_free(struct drop_queue *queue)
{
	free(queue);
}

void drop_queue_push(struct drop_queue *queue, const struct packet_bytes *packet, const struct decision *decision,
		    uint64_t now_ns)
{
	struct drop_slot slot;

	slot.decision = *decision;
	slot.now_ns = now_ns;
	slot.length = packet->length;
	slot.captured = (unsigned)min_u64(packet->captured, sizeof slot.data);
	slot.marks = packet->marks;
	slot.zone = packet->zone;
	memcpy(slot.data, packet->data, slot.captured);
	if (!ck_ring_enqueue_spsc_drop(&queue->ring, queue->slot, &slot))
		atomic_fetch_add_explicit(&queue->lost, 1, memory_order_relaxed);
}

bool drop_queue_pop(struct drop_queue *queue, struct drop_slot *slot)
{
	return ck_ring_dequeue_spsc_drop(&queue->ring, queue->slot, slot);
}

bool drop_queue_is_empty(const struct drop_queue *queue)
{
	return ck_ring_size(&queue->ring) == 0;
}

uint64_t drop_queue_lost(const struct drop_queue *queue)
{
	return atomic_load_explicit(&queue->lost, memory_order_relaxed);
}
