/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/walk.h"

#include "base/units.h"

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

void walk_slice(struct mail_walk *walk, struct engine *engine, uint64_t now_ns)
{
	struct slice slice = { walk, engine, now_ns };
	uint32_t left = WALK_SLOTS;

	walk->matched = 0;
	walk->more = true;
	while (walk->more && left > 0) {
		uint32_t most = left;

		if (walk->purpose == WALK_LIST) /* no more than there is room for */
			most = (uint32_t)min_u64(left, WALK_RECORDS - walk->matched);
		if (most == 0)
			break;
		walk->more = engine_walk(engine, &walk->cursor, most, visit, &slice);
		left -= most;
	}
}
