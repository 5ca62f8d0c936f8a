/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/heartbeat.h"

void heartbeat_init(struct heartbeat *heartbeat, uint64_t beats, uint64_t now_ns)
{
	*heartbeat = (struct heartbeat){ beats, now_ns };
}

bool heartbeat_look(struct heartbeat *heartbeat, uint64_t beats, uint64_t now_ns, uint64_t limit_ns)
{
	if (beats != heartbeat->beats)
		*heartbeat = (struct heartbeat){ beats, now_ns };
	return now_ns - heartbeat->moved_ns < limit_ns;
}
