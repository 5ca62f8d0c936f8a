/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/flow_row.h"

#include <stdio.h>
#include <time.h>

#include "report/address.h"
#include "report/fields.h"
#include "report/flow_fields.h"
#include "report/flow_id.h"

#define CELL_SIZE 64

/* Columns of the text form. IPv6 addresses make them wider. */
#define FORMAT_ROW "%-13s %-21s %-21s %-15s %12s %-11s %-6s %-6s %17s %13s %9s %7s %8s %s"

static void pair_cell(char cell[CELL_SIZE], uint64_t client, uint64_t server)
{
	snprintf(cell, CELL_SIZE, "%llu/%llu", (unsigned long long)client, (unsigned long long)server);
}

static void endpoint_cell(char cell[CELL_SIZE], const struct endpoints *at, enum side side)
{
	struct text text;

	text_init(&text, cell, CELL_SIZE);
	if (at->family == 0)
		text_char(&text, '-');
	else if (side == SIDE_CLIENT)
		address_port_text(&text, at->client, at->client_port);
	else
		address_port_text(&text, at->server, at->server_port);
}

/* Time of day, UTC, with microseconds. */
static void time_cell(char cell[CELL_SIZE], int64_t wall_ns)
{
	int64_t us = wall_ns / 1000;
	time_t seconds = (time_t)(us / 1000000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	snprintf(cell, CELL_SIZE, "%02d:%02d:%02d.%06d", tm.tm_hour, tm.tm_min, tm.tm_sec,
		 (int)(us % 1000000));
}

static void us_cell(char cell[CELL_SIZE], uint32_t us)
{
	if (us == UNKNOWN_US)
		snprintf(cell, CELL_SIZE, "-");
	else
		snprintf(cell, CELL_SIZE, "%lu", (unsigned long)us);
}

void flow_row_heading(struct text *out)
{
	text_fmt(out, FORMAT_ROW, "flow", "client", "server", "start (UTC)", "duration_s", "reason", "by",
		 "state", "bytes", "packets", "retrans", "dropped", "rtt_us", "history");
}

void flow_row_text(struct text *out, const struct flow_record *flow, int64_t wall_offset_ns)
{
	const struct end_record *client = &flow->end[SIDE_CLIENT], *server = &flow->end[SIDE_SERVER];
	char id[FLOW_ID_SIZE], ends[2][CELL_SIZE], start[CELL_SIZE], duration[CELL_SIZE], bytes[CELL_SIZE];
	char packets[CELL_SIZE], retrans[CELL_SIZE], dropped[CELL_SIZE], rtt[CELL_SIZE];
	uint64_t us = flow_duration_us(flow);

	flow_id_text(flow->id, id);
	endpoint_cell(ends[0], &flow->at, SIDE_CLIENT);
	endpoint_cell(ends[1], &flow->at, SIDE_SERVER);
	time_cell(start, (int64_t)flow->started_ns + wall_offset_ns);
	snprintf(duration, sizeof(duration), "%llu.%06llu", (unsigned long long)(us / 1000000),
		 (unsigned long long)(us % 1000000));
	pair_cell(bytes, client->bytes, server->bytes);
	pair_cell(packets, client->packets, server->packets);
	pair_cell(retrans, client->retrans, server->retrans);
	snprintf(dropped, sizeof(dropped), "%lu", (unsigned long)flow->dropped);
	us_cell(rtt, flow->rtt_us);
	text_fmt(out, FORMAT_ROW, id, ends[0], ends[1], start, duration, close_word(flow->close_reason),
		 side_word(flow->closed_by), conn_state_word(flow->conn_state), bytes, packets, retrans,
		 dropped, rtt, flow->history[0] != '\0' ? flow->history : "-");
}

void flow_row_json(struct text *out, const struct flow_record *flow, int64_t wall_offset_ns, const char *file)
{
	const struct end_record *client = &flow->end[SIDE_CLIENT], *server = &flow->end[SIDE_SERVER];
	struct fields fields;

	fields_begin(&fields, out, true);
	flow_fields_id(&fields, "flow", flow->id);
	flow_fields_client(&fields, "client", &flow->at);
	flow_fields_server(&fields, "server", &flow->at);
	fields_time(&fields, "start", (int64_t)flow->started_ns + wall_offset_ns);
	fields_number(&fields, "duration_us", flow_duration_us(flow));
	fields_word(&fields, "reason", close_word(flow->close_reason));
	fields_word(&fields, "closed_by", side_word(flow->closed_by));
	fields_word(&fields, "phase", phase_word(flow->phase));
	flow_fields_pair(&fields, "bytes", client->bytes, server->bytes);
	flow_fields_pair(&fields, "packets", client->packets, server->packets);
	flow_fields_pair(&fields, "retrans", client->retrans, server->retrans);
	flow_fields_pair(&fields, "ooo", client->ooo, server->ooo);
	fields_number(&fields, "dropped", flow->dropped);
	flow_fields_us(&fields, "handshake_us", flow->handshake_us);
	flow_fields_us(&fields, "rtt_us", flow->rtt_us);
	fields_word(&fields, "conn_state", conn_state_word(flow->conn_state));
	fields_word(&fields, "history", flow->history[0] != '\0' ? flow->history : NULL);
	fields_word(&fields, "orig", flow->orig_guess ? "guess" : "seen");
	flow_fields_community_id(&fields, "community_id", &flow->at);
	if (file != NULL)
		fields_word(&fields, "file", file);
	fields_end(&fields);
}
