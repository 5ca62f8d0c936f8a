/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/ring.h"

#include <assert.h>
#include <ck_ring.h>
#include <stdatomic.h>
#include <stdlib.h>

CK_RING_PROTOTYPE(event, event)

struct ring {
	struct ck_ring ring;
	struct event *slots;
	_Atomic uint64_t lost;
};

struct ring *ring_new(unsigned slots)
{
	size_t lines = (sizeof(struct ring) + CK_MD_CACHELINE - 1) / CK_MD_CACHELINE;
	struct ring *ring = aligned_alloc(CK_MD_CACHELINE, lines * CK_MD_CACHELINE);

	assert(slots >= 2 && (slots & (slots - 1)) == 0);
	if (ring == NULL)
		return NULL;
	ring->slots = calloc(slots, sizeof *ring->slots);
	if (ring->slots == NULL) {
		free(ring);
		return NULL;
	}
	ck_ring_init(&ring->ring, slots);
	atomic_init(&ring->lost, 0);
	return ring;
}

void ring_free(struct ring *ring)
{
	if (ring == NULL)
		return;
	free(ring->slots);
	free(ring);
}

bool ring_push(struct ring *ring, const struct event *event)
{
	struct event copy = *event;

	if (ck_ring_enqueue_spsc_event(&ring->ring, ring->slots, &copy))
		return true;
	atomic_fetch_add_explicit(&ring->lost, 1, memory_order_relaxed);
	return false;
}

bool ring_has_room(const struct ring *ring)
{
	return ck_ring_size(&ring->ring) < ck_ring_capacity(&ring->ring) - 1;
}

bool ring_pop(struct ring *ring, struct event *event)
{
	return ck_ring_dequeue_spsc_event(&ring->ring, ring->slots, event);
}

uint64_t ring_take_lost(struct ring *ring)
{
	if (atomic_load_explicit(&ring->lost, memory_order_relaxed) == 0)
		return 0;
	return atomic_exchange_explicit(&ring->lost, 0, memory_order_relaxed);
}

bool ring_is_quiet(const struct ring *ring)
{
	return ck_ring_size(&ring->ring) == 0 && atomic_load_explicit(&ring->lost, memory_order_relaxed) == 0;
}
