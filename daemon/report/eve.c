/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/eve.h"

#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "packet/packet.h"
#include "report/flow_fields.h"

/* Numbers beyond 2^53 do not survive in JavaScript and jq: Suricata keeps to 51 bits as well. */
#define FLOW_ID_MASK ((UINT64_C(1) << 51) - 1)

static const struct {
	const char *key;
	unsigned flag;
} flag_keys[] = {
	{ "syn", TCP_SYN }, { "ack", TCP_ACK }, { "psh", TCP_PSH },
	{ "rst", TCP_RST }, { "urg", TCP_URG }, { "fin", TCP_FIN },
};

#define FLAG_COUNT (sizeof(flag_keys) / sizeof(flag_keys[0]))

static void eve_type(struct fields *fields, enum event_kind kind)
{
	const char *type = kind == EVENT_FLOW_CLOSED ? "flow" : kind == EVENT_PACKET_DROPPED ? "drop" : "tcpwarden";

	fields_word(fields, "event_type", type);
}

/* Source and destination: of a flow client and server, of a packet its sender first. protocol: Suricata's word. */
static void eve_ends(struct fields *fields, const struct endpoints *at, enum side sender, const char *protocol)
{
	bool reverse = sender == SIDE_SERVER;

	if (at->family == 0)
		return;
	fields_address(fields, "src_ip", reverse ? at->server : at->client);
	fields_number(fields, "src_port", reverse ? at->server_port : at->client_port);
	fields_address(fields, "dest_ip", reverse ? at->client : at->server);
	fields_number(fields, "dest_port", reverse ? at->client_port : at->server_port);
	fields_word(fields, "proto", protocol);
	flow_fields_community_id(fields, "community_id", at);
}

/* How far Suricata would say that the flow had come. */
static const char *flow_state(enum phase phase)
{
	static const char *const words[PHASE_COUNT] = {
		[PHASE_SYN_SENT] = "new",	       [PHASE_SYN_SENT2] = "new",
		[PHASE_SYN_RECV] = "new",	       [PHASE_ESTABLISHED] = "established",
		[PHASE_FIN_WAIT] = "established",      [PHASE_HALF_CLOSED] = "established",
		[PHASE_CLOSING] = "established",       [PHASE_LAST_ACK] = "closed",
		[PHASE_TIME_WAIT] = "closed",	       [PHASE_CLOSED] = "closed",
		[PHASE_PICKUP] = "established",
	};

	return phase < PHASE_COUNT ? words[phase] : NULL;
}

/* Its word for the state of the connection; TIME-WAIT is over when a flow is told of. */
static const char *tcp_state(enum phase phase, enum side closed_by)
{
	static const char *const words[PHASE_COUNT][2] = { /* the server or nobody, the client sent the first FIN */
		[PHASE_SYN_SENT] = { "syn_sent", "syn_sent" },
		[PHASE_SYN_SENT2] = { "syn_sent", "syn_sent" },
		[PHASE_SYN_RECV] = { "syn_recv", "syn_recv" },
		[PHASE_ESTABLISHED] = { "established", "established" },
		[PHASE_FIN_WAIT] = { "fin_wait1", "close_wait" },
		[PHASE_HALF_CLOSED] = { "fin_wait2", "close_wait" },
		[PHASE_CLOSING] = { "closing", "closing" },
		[PHASE_LAST_ACK] = { "last_ack", "last_ack" },
		[PHASE_TIME_WAIT] = { "closed", "closed" },
		[PHASE_CLOSED] = { "closed", "closed" },
		[PHASE_PICKUP] = { "established", "established" },
	};

	return phase < PHASE_COUNT ? words[phase][closed_by == SIDE_CLIENT] : NULL;
}

/* Suricata knows why a flow left its table, not how the connection ended. */
static const char *flow_reason(enum close_reason reason)
{
	static const char *const words[CLOSE_COUNT] = {
		[CLOSE_FIN] = "timeout",     [CLOSE_RESET] = "timeout",	  [CLOSE_REFUSED] = "timeout",
		[CLOSE_ABORTED] = "timeout", [CLOSE_TIMEOUT] = "timeout", [CLOSE_UNREACHABLE] = "timeout",
		[CLOSE_REPLACED] = "tcp_reuse", [CLOSE_EVICTED] = "forced", [CLOSE_FLUSHED] = "shutdown",
	};

	return reason < CLOSE_COUNT ? words[reason] : NULL;
}

static void eve_flow(struct fields *fields, const struct flow_record *flow, int64_t wall_offset_ns)
{
	const struct end_record *client = &flow->end[SIDE_CLIENT], *server = &flow->end[SIDE_SERVER];
	int64_t start_ns = (int64_t)flow->started_ns + wall_offset_ns;
	int64_t end_ns = (int64_t)flow->last_ns + wall_offset_ns;
	struct fields inner;

	if (!fields_object_begin(&inner, fields))
		return;
	fields_number(&inner, "pkts_toserver", client->packets);
	fields_number(&inner, "pkts_toclient", server->packets);
	fields_number(&inner, "bytes_toserver", client->bytes);
	fields_number(&inner, "bytes_toclient", server->bytes);
	fields_timestamp(&inner, "start", start_ns);
	fields_timestamp(&inner, "end", end_ns);
	fields_number(&inner, "age", (uint64_t)(end_ns / (int64_t)NS_PER_S - start_ns / (int64_t)NS_PER_S));
	fields_word(&inner, "state", flow_state(flow->phase));
	fields_word(&inner, "reason", flow_reason(flow->close_reason));
	fields_flag(&inner, "alerted", false);
	fields_object_end(&inner, fields, "flow");
}

/*
 * The flags that one end sent, as far as the history tells: PSH, URG, ECE and CWR leave no letter. Its letters are
 * capitals for the client.
 */
static unsigned flags_in_history(const char *history, enum side side)
{
	static const struct {
		char letter;
		unsigned flags;
	} seen[] = {
		{ 's', TCP_SYN }, { 'h', TCP_SYN | TCP_ACK }, { 'a', TCP_ACK },
		{ 'd', TCP_ACK }, { 'f', TCP_FIN }, { 'r', TCP_RST },
	};
	unsigned flags = 0;

	for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++)
		if (strchr(history, side == SIDE_CLIENT ? seen[i].letter - 'a' + 'A' : seen[i].letter) != NULL)
			flags |= seen[i].flags;
	return flags;
}

/* A history that is full lacks the end of a long connection, which its state tells: not a FIN before a RST. */
static unsigned flags_sent(const struct flow_record *flow, enum side side)
{
	static const uint8_t ends[CONN_STATE_COUNT][2] = {
		[CONN_STATE_SF] = { TCP_FIN, TCP_FIN }, [CONN_STATE_RSTRH] = { 0, TCP_RST },
		[CONN_STATE_SHR] = { 0, TCP_FIN },      [CONN_STATE_REJ] = { 0, TCP_RST },
		[CONN_STATE_RSTR] = { 0, TCP_RST },     [CONN_STATE_RSTOS0] = { TCP_RST, 0 },
		[CONN_STATE_RSTO] = { TCP_RST, 0 },     [CONN_STATE_S2] = { TCP_FIN, 0 },
		[CONN_STATE_S3] = { 0, TCP_FIN },
	};
	unsigned flags = flags_in_history(flow->history, side);

	if (strlen(flow->history) == sizeof flow->history - 1 && flow->conn_state < CONN_STATE_COUNT)
		flags |= ends[flow->conn_state][side];
	return flags;
}

/* Two hexadecimal digits. */
static void eve_flags(struct fields *fields, const char *key, unsigned flags)
{
	char word[3];

	snprintf(word, sizeof word, "%02x", flags & 0xff);
	fields_word(fields, key, word);
}

/* A flag that was seen is true, one that was not is left out, as there. */
static void eve_tcp(struct fields *fields, const struct flow_record *flow)
{
	unsigned client = flags_sent(flow, SIDE_CLIENT), server = flags_sent(flow, SIDE_SERVER);
	struct fields inner;

	if (!fields_object_begin(&inner, fields))
		return;
	eve_flags(&inner, "tcp_flags", client | server);
	eve_flags(&inner, "tcp_flags_ts", client);
	eve_flags(&inner, "tcp_flags_tc", server);
	for (size_t i = 0; i < FLAG_COUNT; i++)
		if ((client | server) & flag_keys[i].flag)
			fields_flag(&inner, flag_keys[i].key, true);
	fields_word(&inner, "state", tcp_state(flow->phase, flow->closed_by));
	fields_object_end(&inner, fields, "tcp");
}

static void eve_ip(struct fields *fields, const struct header_record *header)
{
	bool ipv4 = header->version == 4;

	if (header->version == 0)
		return;
	fields_number(fields, "len", header->length);
	fields_number(fields, ipv4 ? "tos" : "tc", header->tos);
	fields_number(fields, ipv4 ? "ttl" : "hoplimit", header->ttl);
	fields_number(fields, ipv4 ? "ipid" : "flowlbl", ipv4 ? header->id : header->flow_label);
}

static void eve_drop(struct fields *fields, const struct drop_record *drop)
{
	struct fields inner;

	if (!fields_object_begin(&inner, fields))
		return;
	eve_ip(&inner, &drop->header);
	if (drop->has_segment) {
		fields_number(&inner, "tcpseq", drop->seq);
		fields_number(&inner, "tcpack", drop->ack);
		for (size_t i = 0; i < FLAG_COUNT; i++)
			fields_flag(&inner, flag_keys[i].key, drop->flags & flag_keys[i].flag);
	}
	if (drop->header.has_tcp) {
		fields_number(&inner, "tcpwin", drop->header.window);
		fields_number(&inner, "tcpres", drop->header.reserved);
		fields_number(&inner, "tcpurgp", drop->header.urgent);
	}
	fields_word(&inner, "reason", reason_word(drop->reason));
	fields_object_end(&inner, fields, "drop");
}

/* An ICMP error about a connection; behind extension headers of IPv6 only the reason tells that it is one. */
static bool is_icmp(const struct drop_record *drop)
{
	return drop->header.has_icmp || reason_table[drop->reason].class == REASON_CLASS_ICMP;
}

static void eve_packet(struct fields *fields, const struct drop_record *drop)
{
	const char *icmp = drop->at.family == 4 ? "ICMP" : "IPv6-ICMP";

	eve_ends(fields, &drop->at, drop->dir, is_icmp(drop) ? icmp : "TCP");
	if (drop->header.has_icmp) {
		fields_number(fields, "icmp_type", drop->header.icmp_type);
		fields_number(fields, "icmp_code", drop->header.icmp_code);
	}
	if (drop->dir != SIDE_NONE)
		fields_word(fields, "direction", drop->dir == SIDE_CLIENT ? "to_server" : "to_client");
}

void eve_fields(struct fields *fields, const struct event *event, int64_t wall_offset_ns)
{
	enum event_group group = event_table[event->kind].group;
	uint64_t flow = group == EVENT_GROUP_FLOW ? event->flow.id : group == EVENT_GROUP_PACKET ? event->drop.flow : 0;

	fields_timestamp(fields, "timestamp", (int64_t)event->now_ns + wall_offset_ns);
	if (flow != 0)
		fields_number(fields, "flow_id", flow & FLOW_ID_MASK);
	eve_type(fields, event->kind);
	if (group == EVENT_GROUP_FLOW)
		eve_ends(fields, &event->flow.at, SIDE_CLIENT, "TCP");
	else if (group == EVENT_GROUP_PACKET)
		eve_packet(fields, &event->drop);
	if (event->kind == EVENT_FLOW_CLOSED) {
		eve_flow(fields, &event->flow, wall_offset_ns);
		eve_tcp(fields, &event->flow);
	} else if (event->kind == EVENT_PACKET_DROPPED) {
		eve_drop(fields, &event->drop);
	}
}
