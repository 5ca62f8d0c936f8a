/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/zeek.h"

#include <time.h>

#include "report/address.h"
#include "report/flow_fields.h"
#include "report/flow_id.h"

/* The columns of conn.log in Zeek's order. */
static const struct {
	const char *name, *type;
} columns[] = {
	{ "ts", "time" },
	{ "uid", "string" },
	{ "id.orig_h", "addr" },
	{ "id.orig_p", "port" },
	{ "id.resp_h", "addr" },
	{ "id.resp_p", "port" },
	{ "proto", "enum" },
	{ "service", "string" },
	{ "duration", "interval" },
	{ "orig_bytes", "count" },
	{ "resp_bytes", "count" },
	{ "conn_state", "string" },
	{ "local_orig", "bool" },
	{ "local_resp", "bool" },
	{ "missed_bytes", "count" },
	{ "history", "string" },
	{ "orig_pkts", "count" },
	{ "orig_ip_bytes", "count" },
	{ "resp_pkts", "count" },
	{ "resp_ip_bytes", "count" },
	{ "tunnel_parents", "set[string]" },
};

#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

/* Seconds with microseconds, as Zeek writes times and intervals. */
static void print_seconds(struct text *out, uint64_t us)
{
	text_fmt(out, "%llu.%06llu", (unsigned long long)(us / 1000000), (unsigned long long)(us % 1000000));
}

static void print_end(struct text *out, const uint8_t address[16], uint16_t port)
{
	text_char(out, '\t');
	address_text(out, address);
	text_fmt(out, "\t%u", (unsigned)port);
}

/* A flow of a single moment has no duration there. */
static void print_duration(struct text *out, uint64_t us)
{
	text_char(out, '\t');
	if (us == 0)
		text_char(out, '-');
	else
		print_seconds(out, us);
}

void zeek_heading(struct text *out)
{
	text_str(out, "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n");
	text_str(out, "#path\tconn\n#fields");
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		text_fmt(out, "\t%s", columns[i].name);
	text_str(out, "\n#types");
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		text_fmt(out, "\t%s", columns[i].type);
	text_char(out, '\n');
}

void zeek_row(struct text *out, const struct flow_record *flow, int64_t wall_offset_ns)
{
	const struct end_record *orig = &flow->end[SIDE_CLIENT], *resp = &flow->end[SIDE_SERVER];
	char id[FLOW_ID_SIZE];

	flow_id_text(flow->id, id);
	print_seconds(out, ((uint64_t)wall_offset_ns + flow->started_ns) / 1000);
	text_fmt(out, "\t%s", id);
	print_end(out, flow->at.client, flow->at.client_port);
	print_end(out, flow->at.server, flow->at.server_port);
	text_str(out, "\ttcp\t-"); /* proto, service */
	print_duration(out, flow_duration_us(flow));
	text_fmt(out, "\t%llu\t%llu\t%s", (unsigned long long)orig->bytes, (unsigned long long)resp->bytes,
		 conn_state_word(flow->conn_state));
	text_str(out, "\t-\t-\t-"); /* local_orig, local_resp, missed_bytes */
	text_fmt(out, "\t%s", flow->history[0] != '\0' ? flow->history : "-");
	text_fmt(out, "\t%lu\t-\t%lu\t-\t-\n", (unsigned long)orig->packets, (unsigned long)resp->packets);
}

void zeek_footer(struct text *out, int64_t end_wall_ns)
{
	time_t seconds = (time_t)(end_wall_ns / 1000000000);
	char word[32];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(word, sizeof(word), "%Y-%m-%d-%H-%M-%S", &tm);
	text_fmt(out, "#close\t%s\n", word);
}
