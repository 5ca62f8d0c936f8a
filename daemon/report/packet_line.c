/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/packet_line.h"

#include <string.h>

#include "report/address.h"
#include "report/fields.h"
#include "report/flow_fields.h"
#include "report/packet_reason.h"

static bool is_judged(const struct packet_line *line)
{
	return line->decision != NULL && line->decision->judged;
}

static bool has_flow(const struct packet_line *line)
{
	return line->decision != NULL && line->decision->has_flow;
}

static bool has_segment(const struct packet_line *line)
{
	return line->packet != NULL && line->packet->kind == PACKET_TCP;
}

static const char *verdict_text(const struct packet_line *line)
{
	if (!is_judged(line))
		return "-";
	return line->decision->would_drop ? "would-drop" : verdict_word(line->decision->verdict);
}

/* The flow's ends, or source and destination of a packet without one. */
static struct endpoints line_endpoints(const struct packet_line *line)
{
	const struct packet *packet = line->packet;
	struct endpoints at = { 0 };

	if (line->decision != NULL && line->decision->at.family != 0)
		return line->decision->at;
	if (packet == NULL || !packet->has_addresses)
		return at;
	at.family = packet->family;
	memcpy(at.client, packet->src, sizeof(at.client));
	memcpy(at.server, packet->dst, sizeof(at.server));
	at.client_port = packet->src_port;
	at.server_port = packet->dst_port;
	return at;
}

/* Packets without a TCP header have no ports. */
static bool has_ports(const struct packet_line *line, const struct endpoints *at)
{
	return has_flow(line) || has_segment(line) || at->client_port != 0 || at->server_port != 0;
}

static void print_segment(struct text *out, const struct packet_line *line, struct packet_base base)
{
	const struct segment *segment = &line->packet->segment;
	char flags[9];

	packet_flags_word(segment->flags, flags);
	text_fmt(out, "  %-4s seq=%lu", flags, (unsigned long)(uint32_t)(segment->seq - base.own));
	if (segment->flags & TCP_ACK)
		text_fmt(out, " ack=%lu", (unsigned long)(uint32_t)(segment->ack - base.peer));
	text_fmt(out, " len=%lu", (unsigned long)segment->len);
}

static void print_remarks(struct text *out, reason_set remarks)
{
	char separator = '[';

	if (remarks == 0)
		return;
	text_char(out, ' ');
	for (enum reason reason = 0; reason < REASON_COUNT; reason++) {
		if (!(remarks & reason_bit(reason)))
			continue;
		text_fmt(out, "%c%s", separator, reason_word(reason));
		separator = ' ';
	}
	text_char(out, ']');
}

static void print_end(struct text *out, const uint8_t address[16], uint16_t port, bool has_port)
{
	if (has_port)
		address_port_text(out, address, port);
	else
		address_text(out, address);
}

static void print_ends(struct text *out, const struct packet_line *line)
{
	struct endpoints at = line_endpoints(line);
	bool ports = has_ports(line, &at);

	if (at.family == 0) {
		text_str(out, "-");
		return;
	}
	print_end(out, at.client, at.client_port, ports);
	text_str(out, has_flow(line) && line->decision->dir == SIDE_SERVER ? " < " : " > ");
	print_end(out, at.server, at.server_port, ports);
}

static const char *kind_text(const struct packet *packet)
{
	static const char *const words[] = {
		[PACKET_OTHER] = "not TCP",       [PACKET_SHORT] = "cut short by the capture",
		[PACKET_BAD] = "does not parse", [PACKET_TCP] = "",
		[PACKET_ICMP_ERROR] = "ICMP error about TCP",
	};

	return packet != NULL ? words[packet->kind] : "not IP";
}

void packet_line_text(struct text *out, const struct packet_line *line, struct isn_table *isns)
{
	struct packet_base base = { 0, 0 };

	if (line->decision != NULL) {
		packet_base_learn(isns, line->packet, line->decision);
		base = packet_base_find(isns, line->decision);
	}
	text_fmt(out, "%6llu %12.6f  ", (unsigned long long)line->number, (double)line->relative_ns / 1e9);
	print_ends(out, line);
	if (has_segment(line))
		print_segment(out, line, base);
	else
		text_fmt(out, "  %s", kind_text(line->packet));
	if (!is_judged(line))
		return;
	text_fmt(out, "  %s  %s", phase_word(has_flow(line) ? line->decision->phase : PHASE_COUNT),
		 verdict_text(line));
	if (line->decision->reason < REASON_COUNT) {
		text_char(out, ' ');
		packet_reason_text(out, line->packet, line->decision, line->services, base);
	}
	print_remarks(out, line->decision->remarks);
}

static void json_segment(struct fields *fields, const struct packet_line *line)
{
	const struct segment *segment = has_segment(line) ? &line->packet->segment : NULL;
	char flags[9];

	if (segment != NULL)
		packet_flags_word(segment->flags, flags);
	/* A segment without flags is known to have none. */
	fields_word(fields, "flags", segment == NULL ? NULL : strcmp(flags, "-") == 0 ? "" : flags);
	fields_number_if(fields, "seq", segment != NULL, segment != NULL ? segment->seq : 0);
	fields_number_if(fields, "ack", segment != NULL && segment->flags & TCP_ACK,
			 segment != NULL ? segment->ack : 0);
	fields_number_if(fields, "len", segment != NULL, segment != NULL ? segment->len : 0);
}

static void json_remarks(struct fields *fields, reason_set remarks)
{
	json_t *words = json_array();

	for (enum reason reason = 0; reason < REASON_COUNT; reason++)
		if (remarks & reason_bit(reason))
			json_array_append_new(words, json_string(reason_word(reason)));
	json_object_set_new(fields->object, "reasons", words);
}

void packet_line_json(struct text *out, const struct packet_line *line)
{
	struct endpoints at = line_endpoints(line);
	bool ports = has_ports(line, &at), flow = has_flow(line), judged = is_judged(line);
	struct fields fields;

	fields_begin(&fields, out, true);
	fields_number(&fields, "n", line->number);
	fields_time(&fields, "ts", line->wall_ns);
	flow_fields_id(&fields, "flow", flow ? line->decision->flow_id : 0);
	fields_endpoint(&fields, "client", at.family != 0 ? at.client : NULL, at.client_port, ports);
	fields_endpoint(&fields, "server", at.family != 0 ? at.server : NULL, at.server_port, ports);
	fields_word(&fields, "dir", flow ? flow_dir_word(line->decision->dir) : NULL);
	json_segment(&fields, line);
	fields_word(&fields, "phase", flow ? phase_word(line->decision->phase) : NULL);
	fields_word(&fields, "verdict", verdict_text(line));
	fields_word(&fields, "reason", judged ? reason_word(line->decision->reason) : NULL);
	json_remarks(&fields, judged ? line->decision->remarks : 0);
	if (line->packet != NULL && line->packet->kind == PACKET_SHORT)
		fields_word(&fields, "note", "short");
	if (line->file != NULL)
		fields_word(&fields, "file", line->file);
	fields_end(&fields);
}
