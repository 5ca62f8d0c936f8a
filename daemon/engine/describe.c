/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a decision says about the flow and the addresses of its packet. */
#include <string.h>

#include "engine/state.h"

void describe_phase(struct engine *e, struct passage *p)
{
	const struct tcp_conn *conn;

	p->decision.has_flow = p->index != FLOW_NONE;
	if (!p->decision.has_flow)
		return;
	conn = conn_of(e, p->index);
	p->decision.dir = side_of(conn, p->src_is_high);
	p->decision.phase = tcp_phase(conn);
}

void describe_names(struct engine *e, struct passage *p)
{
	const struct packet *packet = p->packet;
	struct decision *d = &p->decision;

	if (d->has_flow) {
		d->flow_id = flow_id(e, p->index);
		flow_endpoints(e, p->index, &d->at);
	} else if (packet->has_addresses) {
		memcpy(d->at.client, packet->src, 16);
		memcpy(d->at.server, packet->dst, 16);
		d->at.client_port = packet->src_port;
		d->at.server_port = packet->dst_port;
		d->at.family = packet->family;
	}
}
