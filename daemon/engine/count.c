/* SPDX-License-Identifier: GPL-2.0-or-later */
/* the one place where the gauges of half-open flows, and of the flows of a source, follow a flow. */
#include "engine/state.h"

/* What the gauges know of a flow that is half-open for `service`; `at` holds its addresses. */
static struct admission half_open_of(const struct engine *e, uint32_t index, unsigned service, struct endpoints *at)
{
	bool by_server = e->table.flow[index].conn.flags & CONN_COUNTED_BY_SERVER;

	flow_endpoints(e, index, at);
	return (struct admission){
		.src = by_server ? at->server : at->client,
		.dst = by_server ? at->client : at->server,
		.src_port = by_server ? at->server_port : at->client_port,
		.dst_port = by_server ? at->client_port : at->server_port,
		.family = at->family,
		.service = (uint8_t)service,
	};
}

/* A-1 step 3: as a flow of its client's. */
static void count_flow(struct engine *e, uint32_t index, unsigned service, bool rise)
{
	struct admission admission = { .service = (uint8_t)service };
	struct endpoints at;

	flow_endpoints(e, index, &at);
	admission.src = at.client;
	if (rise)
		limits_flow_rise(e->limits, &e->settings, &admission);
	else
		limits_flow_fall(e->limits, &e->settings, &admission);
	conn_of(e, index)->flags ^= CONN_COUNTED_FLOW;
}

void flow_count_again(struct engine *e, uint32_t index, unsigned before)
{
	struct admission admission;
	struct endpoints at;

	if (conn_of(e, index)->flags & CONN_COUNTED_FLOW) {
		count_flow(e, index, before, false);
		count_flow(e, index, conn_of(e, index)->service, true);
	}
	if (!(conn_of(e, index)->flags & CONN_COUNTED_HALF_OPEN))
		return;
	admission = half_open_of(e, index, before, &at);
	limits_half_open_fall(e->limits, &e->settings, &admission);
	admission.service = conn_of(e, index)->service;
	limits_half_open_rise(e->limits, &e->settings, &admission);
}

/* moves the flood modes and tells what changed; touched: where a flow became half-open, or NULL. */
void floods_look(struct engine *e, const struct admission *touched, uint64_t now_ns)
{
	struct flood_report report;

	while (limits_flood_update(e->limits, &e->settings, &e->services, touched, now_ns, &report))
		tell_flood(e, &report, now_ns);
}

static void uncount_half_open(struct engine *e, uint32_t index, uint64_t now_ns)
{
	struct tcp_conn *conn = conn_of(e, index);
	struct admission admission;
	struct endpoints at;

	if (!(conn->flags & CONN_COUNTED_HALF_OPEN))
		return;
	admission = half_open_of(e, index, conn->service, &at);
	limits_half_open_fall(e->limits, &e->settings, &admission);
	e->stats.half_open--;
	conn->flags &= ~(uint32_t)(CONN_COUNTED_HALF_OPEN | CONN_COUNTED_BY_SERVER);
	floods_look(e, NULL, now_ns);
}

static void sync_half_open(struct engine *e, uint32_t index, uint64_t now_ns)
{
	struct tcp_conn *conn = conn_of(e, index);
	bool counted = conn->flags & CONN_COUNTED_HALF_OPEN;
	struct admission admission;
	struct endpoints at;
	enum side by;
	bool half_open = tcp_is_half_open(conn, flow_extra(&e->table, index), &by);

	if (counted && (!half_open || (by == SIDE_SERVER) != !!(conn->flags & CONN_COUNTED_BY_SERVER)))
		uncount_half_open(e, index, now_ns);
	if (!half_open || (conn->flags & CONN_COUNTED_HALF_OPEN))
		return;
	conn->flags |= CONN_COUNTED_HALF_OPEN | (by == SIDE_SERVER ? CONN_COUNTED_BY_SERVER : 0);
	admission = half_open_of(e, index, conn->service, &at);
	limits_half_open_rise(e->limits, &e->settings, &admission);
	e->stats.half_open++;
	floods_look(e, &admission, now_ns);
}

/* What is over but for its timer is nobody's concurrent flow; what is half-open is counted as that. */
static void sync_flow(struct engine *e, uint32_t index)
{
	const struct tcp_conn *conn = conn_of(e, index);
	bool is_over = conn->phase == PHASE_TIME_WAIT || conn->phase == PHASE_CLOSED;
	enum side by;
	bool counts = !is_over && !tcp_is_half_open(conn, flow_extra(&e->table, index), &by);

	if (counts != !!(conn->flags & CONN_COUNTED_FLOW))
		count_flow(e, index, conn->service, counts);
}

void flow_count(struct engine *e, uint32_t index, uint64_t now_ns)
{
	sync_flow(e, index);
	sync_half_open(e, index, now_ns);
}

void flow_uncount(struct engine *e, uint32_t index, uint64_t now_ns)
{
	uncount_half_open(e, index, now_ns);
	if (conn_of(e, index)->flags & CONN_COUNTED_FLOW)
		count_flow(e, index, conn_of(e, index)->service, false);
}
