/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_segment.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "input/script_build.h"

#define WHOLE_PAYLOAD 64 /* bytes: a longer payload is not copied, its checksum not looked at */

static void add_option(struct script_segment *out, uint8_t kind, uint8_t length, const void *body)
{
	uint8_t *p = out->options + out->option_bytes;

	p[0] = kind;
	p[1] = length;
	memcpy(p + 2, body, length - 2u);
	out->option_bytes = (uint8_t)(out->option_bytes + length);
}

static void add_syn_options(struct script_segment *out, const struct sim_segment *s)
{
	static const uint8_t cookie[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	uint8_t body[2];

	if (s->mss != 0) {
		store_be16(body, s->mss);
		add_option(out, 2, 4, body);
	}
	if (s->scale != SIM_NO_SCALE)
		add_option(out, 3, 3, &s->scale);
	if (s->sack_permitted)
		add_option(out, 4, 2, cookie);
	if (s->cookie != SIM_COOKIE_NONE)
		add_option(out, 34, s->cookie == SIM_COOKIE_SHOWN ? 10 : 2, cookie);
}

static void add_options(struct script_segment *out, const struct sim_segment *s)
{
	uint8_t body[8 * SIM_SACKS];

	add_syn_options(out, s);
	if (s->timestamps) {
		store_be32(body, s->tsval);
		store_be32(body + 4, s->tsecr);
		add_option(out, 8, 10, body);
	}
	for (unsigned i = 0; i < s->sacks; i++) {
		store_be32(body + 8 * i, s->sack[i].left);
		store_be32(body + 8 * i + 4, s->sack[i].right);
	}
	if (s->sacks > 0)
		add_option(out, 5, (uint8_t)(2 + 8 * s->sacks), body);
}

/* The error comes from the end `from` and quotes the other one's segment. */
static void icmp_step(const struct sim_segment *s, struct script_step *step)
{
	step->kind = SCRIPT_ICMP;
	step->icmp = (struct script_icmp){
		.type = s->icmp_type,
		.code = s->icmp_code,
		.quoted_from = side_other(s->from),
		.mtu = s->icmp_mtu,
		.seq = s->seq,
		.len = s->icmp_len,
		.truncate = 8,
	};
}

struct packet_bytes sim_segment_bytes(const struct sim_segment *s, const struct endpoints *at, uint8_t *buffer)
{
	struct script_step step = { .kind = SCRIPT_SEGMENT, .from = (enum side)s->from, .repeat = 1 };
	struct script_segment *out = &step.segment;
	bool whole = s->len <= WHOLE_PAYLOAD;
	struct packet_bytes bytes;

	if (s->icmp) {
		icmp_step(s, &step);
		return script_build(&step, at, 0, buffer);
	}
	*out = (struct script_segment){
		.seq = s->seq,
		.ack = s->ack,
		.len = whole ? s->len : 0,
		.flags = s->flags,
		.window = s->window,
		.ttl = 64,
		.doff = -1,
		.ihl = -1,
		.fragment = -1,
		.truncate = -1,
		.ip_length = -1,
		.gso = s->aggregate,
	};
	add_options(out, s);
	bytes = script_build(&step, at, 0, buffer);
	if (whole)
		return bytes;
	bytes.length += s->len;
	out->ip_length = (int64_t)bytes.length - (at->family == 6 ? 40 : 0);
	if (out->ip_length > UINT16_MAX) /* N-1 */
		out->ip_length = 0;
	bytes = script_build(&step, at, 0, buffer);
	bytes.length += s->len;
	return bytes;
}

static size_t put(char *text, size_t size, size_t used, const char *format, uint32_t a, uint32_t b)
{
	int n = used < size ? snprintf(text + used, size - used, format, a, b) : 0;

	return used + (n > 0 ? (size_t)n : 0);
}

static size_t put_options(const struct sim_segment *s, char *text, size_t size, size_t used)
{
	if (s->mss != 0)
		used = put(text, size, used, " mss=%u", s->mss, 0);
	if (s->scale != SIM_NO_SCALE)
		used = put(text, size, used, " ws=%u", s->scale, 0);
	if (s->sack_permitted)
		used = put(text, size, used, " sackok", 0, 0);
	if (s->cookie != SIM_COOKIE_NONE)
		used = put(text, size, used, s->cookie == SIM_COOKIE_SHOWN ? " tfo=0102030405060708" : " tfo", 0, 0);
	if (s->timestamps)
		used = put(text, size, used, " ts=%u/%u", s->tsval, s->tsecr);
	for (unsigned i = 0; i < s->sacks; i++)
		used = put(text, size, used, i == 0 ? " sack=%u-%u" : ",%u-%u", s->sack[i].left, s->sack[i].right);
	return used;
}

void sim_segment_text(const struct sim_segment *s, char *text, size_t size)
{
	char flags[9];
	size_t used;

	if (s->icmp) {
		used = put(text, size, 0, s->from == SIDE_CLIENT ? "> icmp %u %u" : "< icmp %u %u", s->icmp_type,
			   s->icmp_code);
		if (s->icmp_mtu > 0)
			used = put(text, size, used, " mtu=%u", s->icmp_mtu, 0);
		put(text, size, used, s->from == SIDE_CLIENT ? " quote < seq=%u len=%u trunc=8" :
							       " quote > seq=%u len=%u trunc=8", s->seq, s->icmp_len);
		return;
	}
	packet_flags_word(s->flags, flags);
	used = (size_t)snprintf(text, size, "%c %-3s seq=%u", s->from == SIDE_CLIENT ? '>' : '<', flags, s->seq);
	if (s->flags & TCP_ACK)
		used = put(text, size, used, " ack=%u", s->ack, 0);
	if (s->len > 0)
		used = put(text, size, used, " len=%u", s->len, 0);
	used = put(text, size, used, " win=%u", s->window, 0);
	used = put_options(s, text, size, used);
	if (s->aggregate)
		put(text, size, used, " gso", 0, 0);
}
