/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/walk.h"

#include "base/units.h"
#include "service/clock.h"

struct slice {
	struct mail_walk *walk;
	struct engine *engine;
	uint64_t now_ns;
};

/* While engine_walk() visits a flow its cursor names it. */
static void visit(void *context, const struct flow_record *record)
{
	struct slice *slice = context;
	struct mail_walk *walk = slice->walk;

	if (!filter_matches_flow(&walk->filter, record, slice->now_ns) ||
	    !best_bar_passes(&walk->bar, record, slice->now_ns))
		return;
	switch (walk->purpose) {
	case WALK_LIST: walk->record[walk->matched] = *record; break;
	case WALK_COUNT: break;
	case WALK_RECHECK:
		if (engine_recheck(slice->engine, walk->cursor, slice->now_ns))
			return;
		break;
	case WALK_DETAIL:
		walk->record[0] = *record;
		engine_detail(slice->engine, walk->cursor, slice->now_ns, &walk->detail);
		break;
	case WALK_FORGET: engine_forget(slice->engine, walk->cursor, slice->now_ns); break;
	}
	walk->matched++;
}

/* A slice ends by the clock, so that packets wait no longer than that whatever a flow takes. */
void walk_slice(struct mail_walk *walk, struct engine *engine, uint64_t now_ns)
{
	struct slice slice = { walk, engine, now_ns };
	uint64_t end_ns = clock_monotonic_ns() + WALK_SLICE_NS;

	walk->matched = 0;
	do {
		uint32_t most = WALK_STEP;

		if (walk->purpose == WALK_LIST) /* no more than there is room for */
			most = (uint32_t)min_u64(most, WALK_RECORDS - walk->matched);
		walk->more = engine_walk(engine, &walk->cursor, most, visit, &slice);
	} while (walk->more && (walk->purpose != WALK_LIST || walk->matched < WALK_RECORDS) &&
		 clock_monotonic_ns() < end_ns);
}
