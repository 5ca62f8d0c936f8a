/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which service a packet and a flow belong to, what holds for it, and its reserve of the table. */
#include <string.h>

#include "engine/state.h"
#include "policy/service.h"

const struct settings *engine_settings(const struct engine *e, unsigned service)
{
	return services_settings(&e->services, &e->settings, service);
}

const struct settings *flow_settings(const struct engine *e, uint32_t index)
{
	return engine_settings(e, conn_of(e, index)->service);
}

/* The reserve of a service that nobody uses yet. */
static uint32_t unused_reserve(const struct engine *e, unsigned service)
{
	uint32_t reserve = e->reserve[service], flows = e->service_flows[service];

	return reserve > flows ? reserve - flows : 0;
}

void service_count(struct engine *e, unsigned service, int change)
{
	e->reserved -= unused_reserve(e, service);
	e->service_flows[service] += (uint32_t)change;
	e->reserved += unused_reserve(e, service);
}

bool service_has_room(const struct engine *e, unsigned service)
{
	uint32_t left = e->table.head->max_flows - e->table.head->used;

	return left > e->reserved - unused_reserve(e, service);
}

bool service_is_reserved(const struct engine *e, unsigned service)
{
	return e->service_flows[service] <= e->reserve[service];
}

static unsigned find_service(const struct engine *e, uint32_t index)
{
	struct endpoints at;

	if (e->services.count == 0)
		return 0;
	flow_endpoints(e, index, &at);
	return service_match(&e->services, at.server, at.server_port);
}

void flow_serve(struct engine *e, uint32_t index)
{
	struct tcp_conn *conn = conn_of(e, index);

	conn->service = (uint8_t)find_service(e, index);
	conn->service_age = e->service_age;
	service_count(e, conn->service, 1);
}

void flow_serve_again(struct engine *e, uint32_t index)
{
	struct tcp_conn *conn = conn_of(e, index);
	unsigned before = conn->service;

	service_count(e, before, -1);
	flow_serve(e, index);
	if (conn->service != before)
		flow_count_again(e, index, before);
}

/* The server is where a SYN goes; of a packet of no flow either end may be it. */
static unsigned service_of_packet(const struct engine *e, const struct packet *packet)
{
	const struct icmp_quote *quote = &packet->quote;
	bool icmp = packet->kind == PACKET_ICMP_ERROR;
	const uint8_t *src = icmp ? quote->src : packet->src, *dst = icmp ? quote->dst : packet->dst;
	unsigned service;

	if (e->services.count == 0 || (icmp ? !quote->usable : !packet->has_addresses))
		return 0;
	service = service_match(&e->services, dst, icmp ? quote->dst_port : packet->dst_port);
	if (service != 0 || (packet->kind == PACKET_TCP && packet->segment.kind == SEGMENT_SYN))
		return service;
	return service_match(&e->services, src, icmp ? quote->src_port : packet->src_port);
}

unsigned passage_service(const struct engine *e, struct passage *p)
{
	if (p->index != FLOW_NONE)
		return conn_of(e, p->index)->service;
	if (p->service < 0)
		p->service = (int)service_of_packet(e, p->packet);
	return (unsigned)p->service;
}

const struct settings *passage_settings(const struct engine *e, struct passage *p)
{
	return engine_settings(e, passage_service(e, p));
}

void engine_serve(struct engine *e, const struct settings *settings, const struct services *services)
{
	uint64_t max_flows = e->table.head->max_flows;

	e->settings = *settings;
	if (services != NULL)
		e->services = *services;
	else
		e->services.count = 0;
	e->service_age++;
	memset(e->reserve, 0, sizeof e->reserve);
	for (unsigned i = 0; i < e->services.count; i++)
		e->reserve[i + 1] = (uint32_t)(max_flows * (uint64_t)e->services.service[i].reserve / 100);
	e->reserved = 0;
	for (unsigned i = 0; i <= SERVICES_MAX; i++)
		e->reserved += unused_reserve(e, i);
}
