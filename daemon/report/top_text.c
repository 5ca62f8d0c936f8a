/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/top_text.h"

#include "report/address.h"

_Static_assert(TOP_TEXT_SIZE >= FLOOD_TOP * (ADDRESS_PORT_SIZE + sizeof(":100%,")), "all have room");

void top_text(struct text *out, const struct flood_record *flood)
{
	for (unsigned i = 0; i < flood->top_count; i++) {
		if (i > 0)
			text_char(out, ',');
		address_prefix_text(out, flood->top[i].address, flood->top[i].bits);
		text_fmt(out, ":%u%%", (unsigned)flood->top[i].percent);
	}
}
