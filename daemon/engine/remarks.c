/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last remarks of all flows together, in fixed memory: a busy one pushes out those of the others. */
#include "engine/state.h"

void remarks_note(struct engine *e, const struct passage *p, enum reason reason)
{
	if (p->index == FLOW_NONE)
		return;
	e->remarked[e->remarks++ % REMARKS_KEPT] = (struct remark_note){
		.started_ns = cold_of(e, p->index)->started_ns,
		.at_ns = p->now_ns,
		.slot = p->index,
		.reason = (uint8_t)reason,
	};
}

unsigned remarks_of(const struct engine *e, uint32_t slot, uint64_t now_ns, struct flow_remark *remarks, unsigned most)
{
	uint32_t kept = e->remarks < REMARKS_KEPT ? e->remarks : REMARKS_KEPT;
	unsigned count = 0;

	for (uint32_t back = 1; back <= kept && count < most; back++) {
		const struct remark_note *note = &e->remarked[(e->remarks - back) % REMARKS_KEPT];

		if (note->slot == slot && note->started_ns == cold_of(e, slot)->started_ns)
			remarks[count++] = (struct flow_remark){
				.reason = (enum reason)note->reason,
				.ago_ns = now_ns - min_u64(note->at_ns, now_ns),
			};
	}
	return count;
}
