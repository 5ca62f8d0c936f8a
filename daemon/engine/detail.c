/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flows seen and handled one by one, for an operator. */
#include "engine/state.h"
#include "policy/ban.h"

static bool is_flow(const struct engine *e, uint32_t slot)
{
	return slot > FLOW_NONE && slot < e->table.head->fresh_flow && flow_is_used(&e->table, slot);
}

bool engine_detail(const struct engine *e, uint32_t slot, uint64_t now_ns, struct flow_detail *detail)
{
	const struct tcp_extra *extra;
	struct tcp_timing timing;
	uint64_t deadline_ns;

	if (!is_flow(e, slot))
		return false;
	extra = flow_extra(&e->table, slot);
	timing = engine_timing(e, slot);
	deadline_ns = tcp_deadline(conn_of(e, slot), cold_of(e, slot), extra, &timing);
	*detail = (struct flow_detail){
		.end = { conn_of(e, slot)->end[SIDE_CLIENT], conn_of(e, slot)->end[SIDE_SERVER] },
		.left_ns = deadline_ns > now_ns ? deadline_ns - now_ns : 0,
		.phase_ns = now_ns - min_u64(cold_of(e, slot)->phase_since_ns, now_ns),
		.assured = conn_of(e, slot)->flags & CONN_ASSURED,
		.picked_up = conn_of(e, slot)->flags & CONN_PICKED_UP,
		.shadow = extra != NULL && tcp_shadow_pending(extra, flow_settings(e, slot), now_ns),
		.service = conn_of(e, slot)->service,
	};
	detail->remarks = remarks_of(e, slot, now_ns, detail->remark, FLOW_REMARKS);
	return true;
}

void engine_forget(struct engine *e, uint32_t slot, uint64_t now_ns)
{
	if (is_flow(e, slot))
		flow_end(e, slot, CLOSE_FLUSHED, now_ns);
}

bool engine_recheck(struct engine *e, uint32_t slot, uint64_t now_ns)
{
	struct endpoints at;

	if (!is_flow(e, slot))
		return true;
	flow_endpoints(e, slot, &at);
	if (ban_has(limits_ban(e->limits), at.client, now_ns)) {
		flow_end(e, slot, CLOSE_FLUSHED, now_ns);
		return false;
	}
	flow_file(e, slot, now_ns);
	return true;
}
