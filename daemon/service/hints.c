/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/hints.h"

#include "base/text.h"
#include "control/cause.h"
#include "report/address.h"
#include "report/logfmt.h"

_Static_assert(CAUSE_COUNT <= 32, "one bit a cause");

static void fill(struct event *event, enum cause cause, const struct endpoints *at)
{
	char client[ADDRESS_PORT_SIZE], server[ADDRESS_PORT_SIZE];
	struct text keys, text;

	*event = (struct event){ .kind = EVENT_HINT };
	text_init(&text, client, sizeof client);
	address_port_text(&text, at->client, at->client_port);
	text_init(&text, server, sizeof server);
	address_port_text(&text, at->server, at->server_port);
	text_init(&keys, event->notice.text, sizeof event->notice.text);
	text_fmt(&keys, "cause=%s setting=%s client=%s server=%s", cause_table[cause].word,
		 cause_table[cause].setting, client, server);
}

static bool meet(struct hints *hints, enum cause cause, const struct endpoints *at, struct event *event)
{
	uint32_t bit;

	if (cause == CAUSE_NONE || !cause_table[cause].hint || ++hints->met[cause] != HINT_AFTER)
		return false;
	bit = UINT32_C(1) << cause;
	if ((atomic_fetch_or(hints->told, bit) & bit) != 0)
		return false;
	fill(event, cause, at);
	return true;
}

bool hints_of_drop(struct hints *hints, const struct drop_record *drop, const struct settings *settings,
		   struct event *event)
{
	return meet(hints, cause_of_drop(drop, settings), &drop->at, event);
}

bool hints_of_flow(struct hints *hints, const struct flow_record *flow, struct event *event)
{
	return meet(hints, cause_of_flow(flow), &flow->at, event);
}
