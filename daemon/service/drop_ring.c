/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/drop_ring.h"

#include "base/units.h"

void drop_ring_put(struct drop_ring *ring, const struct drop_record *drop, uint64_t now_ns)
{
	unsigned kind = drop->flow != 0;
	struct drop_entry *entry = &ring->entry[kind][ring->count[kind]++ % DROPS_KEPT];

	entry->at_ns = now_ns;
	entry->drop = *drop;
}

static bool matches(const struct filter *filter, const struct drop_record *drop)
{
	struct filter turned = *filter;

	if (filter_matches_drop(filter, drop))
		return true;
	turned.client = filter->server;
	turned.server = filter->client;
	return drop->flow == 0 && filter_matches_drop(&turned, drop);
}

/*
 * The entry at a position: 0 is the newest with a flow, DROPS_KEPT the newest without one, both as of the first slice.
 * NULL: none there, or no longer.
 */
static const struct drop_entry *entry_at(const struct drop_ring *ring, const uint64_t since[2], uint32_t position)
{
	unsigned kind = position < DROPS_KEPT;
	uint64_t back = position % DROPS_KEPT + 1;

	if (back > since[kind] || ring->count[kind] - since[kind] + back > DROPS_KEPT)
		return NULL;
	return &ring->entry[kind][(since[kind] - back) % DROPS_KEPT];
}

void drop_ring_read(const struct drop_ring *ring, struct drop_slice *slice)
{
	uint32_t end = (uint32_t)min_u64((uint64_t)slice->cursor + DROPS_LOOK, 2 * DROPS_KEPT);

	for (int kind = 0; slice->cursor == 0 && kind < 2; kind++)
		slice->since[kind] = ring->count[kind];
	slice->matched = 0;
	for (; slice->cursor < end && slice->matched < DROPS_SLICE; slice->cursor++) {
		const struct drop_entry *entry = entry_at(ring, slice->since, slice->cursor);

		if (entry != NULL && matches(&slice->filter, &entry->drop))
			slice->entry[slice->matched++] = *entry;
	}
	slice->more = slice->cursor < 2 * DROPS_KEPT;
}
