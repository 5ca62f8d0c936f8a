/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/places.h"

static unsigned places_of(const struct place *places, unsigned count, uid_t uid)
{
	unsigned held = 0;

	for (unsigned i = 0; i < count; i++)
		held += places[i].uid == uid;
	return held;
}

unsigned places_choose(const struct place *places, unsigned count, uid_t newcomer)
{
	unsigned best = 0, best_rank = 0;

	for (unsigned i = 0; i < count; i++) {
		const struct place *place = &places[i];
		unsigned rank;

		if (!place->taken)
			return i;
		rank = 4 * places_of(places, count, place->uid) + 2 * (place->uid == newcomer) + !place->changer;
		if (rank < best_rank || (rank == best_rank && place->since_ns >= places[best].since_ns))
			continue;
		best = i;
		best_rank = rank;
	}
	return best;
}
