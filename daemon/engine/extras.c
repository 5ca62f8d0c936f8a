/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who holds a struct tcp_extra. There is one for 64 flows: few flows need one, most of them for a second or so. It
 * stays with its flow until the flow ends, or until they become scarce and it serves nothing any more.
 */
#include "engine/state.h"

#define LOOKED_AT 16 /* for each one that is wanted: idle ones come back faster than they are taken */

static void reclaim(struct engine *e, uint64_t now_ns)
{
	for (int i = 0; i < LOOKED_AT; i++) {
		uint32_t index = flow_extra_next(&e->table);

		if (index != FLOW_NONE &&
		    tcp_extra_is_idle(conn_of(e, index), flow_extra(&e->table, index), flow_settings(e, index), now_ns))
			flow_extra_release(&e->table, index);
	}
}

struct tcp_extra *extra_take(struct engine *e, uint32_t index, uint64_t now_ns)
{
	if (flow_extra(&e->table, index) == NULL && flow_extras_are_scarce(&e->table))
		reclaim(e, now_ns);
	/* forged SYNs alone may hold one half of them, the other one is for connections */
	if (flow_extra(&e->table, index) == NULL && flow_extras_are_scarce(&e->table) &&
	    !(conn_of(e, index)->flags & CONN_ASSURED))
		return NULL;
	return flow_extra_take(&e->table, index);
}
