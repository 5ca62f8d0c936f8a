/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A flow as the world sees it: its id, its ends, its record. */
#include <string.h>

#include "engine/state.h"

uint64_t flow_id(const struct engine *e, uint32_t index)
{
	struct {
		struct flow_key key;
		uint64_t started_ns;
	} identity;
	uint64_t id;

	memset(&identity, 0, sizeof identity);
	identity.key = e->table.flow[index].key;
	identity.started_ns = cold_of(e, index)->started_ns;
	id = siphash(&e->table.secret, &identity, sizeof identity);
	return id != 0 ? id : 1;
}

void flow_endpoints(const struct engine *e, uint32_t index, struct endpoints *at)
{
	const struct flow_key *key = &e->table.flow[index].key;
	unsigned client = (conn_of(e, index)->flags & CONN_CLIENT_IS_HIGH) != 0;

	memcpy(at->client, key->address[client], 16);
	memcpy(at->server, key->address[!client], 16);
	at->client_port = key->port[client];
	at->server_port = key->port[!client];
	at->family = key->family;
}

static void fill_end(const struct tcp_end *end, struct end_record *record)
{
	*record = (struct end_record){
		.bytes = tcp_end_bytes(end),
		.packets = end->packets,
		.retrans = end->retransmits,
		.ooo = end->out_of_order,
		.mss = end->mss,
		.scale = end->scale,
		.state = end->state,
	};
}

void flow_fill_record(const struct engine *e, uint32_t index, struct flow_record *record)
{
	const struct tcp_conn *conn = conn_of(e, index);
	const struct tcp_cold *cold = cold_of(e, index);
	unsigned both = conn->end[SIDE_CLIENT].flags & conn->end[SIDE_SERVER].flags;
	bool established = cold->handshake_us != UNKNOWN_US;

	memset(record, 0, sizeof *record);
	record->id = flow_id(e, index);
	flow_endpoints(e, index, &record->at);
	record->started_ns = cold->started_ns;
	record->last_ns = conn->last_seen_ns;
	record->handshake_us = cold->handshake_us;
	record->rtt_us = established ? cold->rtt_us : UNKNOWN_US;
	record->dropped = conn->dropped;
	fill_end(&conn->end[SIDE_CLIENT], &record->end[SIDE_CLIENT]);
	fill_end(&conn->end[SIDE_SERVER], &record->end[SIDE_SERVER]);
	record->phase = (uint8_t)tcp_phase(conn);
	record->prev = PHASE_COUNT;
	record->half = (uint8_t)tcp_half(conn);
	record->close_reason = conn->phase == PHASE_CLOSED ? conn->close_reason : CLOSE_NONE;
	record->closed_by = conn->closed_by;
	record->conn_state = (uint8_t)tcp_conn_state(conn);
	record->orig_guess = conn->flags & CONN_ORIG_GUESS;
	record->sack = both & END_OFFERED_SACK;
	record->timestamps = both & END_OFFERED_TS;
	history_text(&cold->history, record->history);
}
