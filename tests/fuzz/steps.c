/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steps of the engine's input. A step is a byte, and what its kind asks for:
 *
 *   bits 0-1  0 a segment, 1 a segment with options, 2 another packet, 3 something else
 *   bit  2    sent by the server
 *   bits 3-5  number of the flow, see `flows`
 *   bits 6-7  time since the step before: 0 none, 1 10 ms, 2 a second, 3 a number of milliseconds follows
 *
 * Numbers of a segment are a place and a distance from it. The place is a number that the engine remembers of
 * the flow, so that what a mutation makes lies where it matters; the distance is one byte (fuzz_distance) or
 * four. Segments go through the decoder as bytes, without their payload. What is read past the end of the
 * input is 0.
 *
 *   segment   flags, places, distance of seq, with ACK that of ack, length (fuzz_number), window
 *             (from 16 on in steps of 257)
 *   places    bits 0-2 of seq, 4-6 of ack; bit 3, 7: the distance has four bytes
 *   options   a byte of enum step_option, and what each asks for
 */
#include "base/bytes.h"
#include "input/script_build.h"
#include "world.h"

#define LENGTH_MOST 1048576 /* of a segment: the largest aggregates have half of that */
#define RAW_MOST    512

enum place {
	PLACE_ISN,
	PLACE_SENT,
	PLACE_CONTIGUOUS,
	PLACE_ACKED,
	PLACE_LIMIT,
	PLACE_FIN,
	PLACE_OVERSHOOT,
	PLACE_SHADOW, /* of its shadow SYN, or what the other end's challenge ACK acknowledged */
};

enum step_option {
	STEP_TIMESTAMP = 1 << 0, /* distance of TSval from the newest */
	STEP_SCALE = 1 << 1,     /* value */
	STEP_SACK_PERMITTED = 1 << 2,
	STEP_SACK = 1 << 3, /* distance of the edge from the other end's newest byte */
	STEP_FAST_OPEN = 1 << 4,
	STEP_MSS = 1 << 5,
	STEP_DAMAGE = 1 << 6, /* reserved bits in bits 0-3, wrong checksum, urgent pointer, fragment */
	STEP_RAW = 1 << 7,    /* number of bytes, bytes */
};

enum other_packet { OTHER_RAW, OTHER_ICMP };
enum happening { HAPPENS_NOTHING, HAPPENS_BLIND, HAPPENS_SETTING, HAPPENS_LONG_WAIT, HAPPENINGS };

#define IPV4(a, b, c, d)                      \
	{                                     \
		[10] = 0xff, 0xff, a, b, c, d \
	}

/* Either order of addresses and ports; IPv6; flows of one pair of addresses, and of one network. */
static const struct endpoints flows[8] = {
	{ IPV4(10, 0, 0, 1), IPV4(10, 0, 0, 2), 40000, 80, 4 },
	{ IPV4(10, 0, 0, 1), IPV4(10, 0, 0, 2), 40001, 80, 4 },
	{ IPV4(10, 0, 0, 9), IPV4(10, 0, 0, 2), 40000, 443, 4 },
	{ IPV4(10, 0, 0, 1), IPV4(10, 0, 0, 2), 40000, 8080, 4 },
	{ { 0x20, 1, 0xd, 0xb8, [15] = 1 }, { 0x20, 1, 0xd, 0xb8, [15] = 2 }, 40000, 80, 6 },
	{ { 0x20, 1, 0xd, 0xb8, [15] = 9 }, { 0x20, 1, 0xd, 0xb8, [15] = 2 }, 40000, 80, 6 },
	{ IPV4(192, 0, 2, 1), IPV4(10, 0, 0, 2), 80, 1023, 4 },
	{ IPV4(10, 0, 0, 3), IPV4(10, 0, 0, 2), 40000, 80, 4 },
};

/* Numbers before a flow has its own; those of the second flow are about to wrap. */
static const uint32_t first_isn[8][2] = {
	{ 1000, 5000 }, { 0xffffffff, 0xfffffff0 }, { 1000, 5000 }, { 0x7fffff00, 0x80000000 },
	{ 1000, 5000 }, { 0, 0xffffffff },          { 1000, 5000 }, { 1000, 5000 },
};

/* The flow that the engine has under these addresses, or FLOW_NONE; side: which end of it the client is. */
static uint32_t find_flow(const struct engine *engine, const struct endpoints *at, enum side *side)
{
	struct flow_key key;
	bool is_high =
		flow_key_init(&key, at->client, at->server, at->client_port, at->server_port, at->family, 0);
	uint32_t index = flow_table_find(&engine->table, &key, flow_key_hash(&key, &engine->table.secret));

	*side = SIDE_CLIENT;
	if (index != FLOW_NONE)
		*side = side_of(&engine->table.flow[index].conn, is_high);
	return index;
}

/* Where numbers of what `from` (client of `flows`) sent are counted from. */
static uint32_t number_at(const struct engine *engine, unsigned flow, enum side from, enum place place)
{
	enum side client;
	uint32_t index = find_flow(engine, &flows[flow], &client);
	enum side side = from == SIDE_CLIENT ? client : side_other(client);
	const struct tcp_extra *extra;
	const struct tcp_end *end;

	if (index == FLOW_NONE || engine->table.flow[index].conn.end[side].state == END_NONE)
		return first_isn[flow][from] + (place != PLACE_ISN);
	end = &engine->table.flow[index].conn.end[side];
	extra = flow_extra(&engine->table, index);
	switch (place) {
	case PLACE_ISN: return (end->flags & END_HAS_ISN) ? end->isn : first_isn[flow][from];
	case PLACE_SENT: return end->sent;
	case PLACE_CONTIGUOUS: return end->contiguous;
	case PLACE_ACKED: return end->acked;
	case PLACE_LIMIT: return end->limit;
	case PLACE_FIN: return (end->flags & END_HAS_FIN) ? end->fin_next : end->sent;
	case PLACE_OVERSHOOT: return (end->flags & END_HAS_OVERSHOOT) ? end->overshoot_to : end->limit;
	case PLACE_SHADOW:
		if (extra != NULL && extra->shadow_from == side)
			return extra->shadow.seq;
		return extra != NULL && extra->challenge_from == side_other(side) ? extra->challenge_ack
										  : end->sent;
	}
	return 0;
}

static uint32_t read_number(const struct engine *engine, struct fuzz_input *input, unsigned flow,
			    enum side from, unsigned places)
{
	uint32_t place = number_at(engine, flow, from, (enum place)(places & 7));

	return place + ((places & 8) ? fuzz_be32(input) : fuzz_distance(fuzz_byte(input)));
}

static void add_option(struct script_segment *segment, const uint8_t *option, unsigned size)
{
	if (segment->option_bytes + size > SCRIPT_OPTION_BYTES)
		return;
	memcpy(segment->options + segment->option_bytes, option, size);
	segment->option_bytes = (uint8_t)(segment->option_bytes + size);
}

static void add_timestamp(const struct engine *engine, struct fuzz_input *input, unsigned flow,
			  enum side from, struct script_segment *segment)
{
	uint8_t option[10] = { 8, 10 };
	enum side client;
	uint32_t index = find_flow(engine, &flows[flow], &client), newest[2] = { 0, 0 };

	for (int i = 0; i < 2 && index != FLOW_NONE; i++)
		newest[i] = engine->table.flow[index].conn.end[i].ts_recent;
	store_be32(option + 2, newest[from == SIDE_CLIENT ? client : side_other(client)] +
				       fuzz_distance(fuzz_byte(input)));
	store_be32(option + 6, newest[from == SIDE_CLIENT ? side_other(client) : client]);
	add_option(segment, option, sizeof option);
}

static void add_sack(const struct engine *engine, struct fuzz_input *input, unsigned flow, enum side from,
		     struct script_segment *segment)
{
	uint32_t edge =
		number_at(engine, flow, side_other(from), PLACE_SENT) + fuzz_distance(fuzz_byte(input));
	uint8_t option[10] = { 5, 10 };

	store_be32(option + 2, edge - 100);
	store_be32(option + 6, edge);
	add_option(segment, option, sizeof option);
}

static void damage(struct fuzz_input *input, struct script_segment *segment)
{
	uint8_t how = fuzz_byte(input);

	segment->reserved = how & 15;
	segment->bad_checksum = how & 16;
	segment->urgent = how & 32 ? 1 : 0;
	segment->fragment = how & 64 ? 0 : -1;
	segment->more_fragments = how & 64;
}

static void read_options(const struct engine *engine, struct fuzz_input *input, unsigned flow, enum side from,
			 struct script_segment *segment)
{
	static const uint8_t sack_permitted[] = { 4, 2 }, fast_open[] = { 34, 2 }, mss[] = { 2, 4, 5, 180 };
	uint8_t which = fuzz_byte(input), scale[] = { 3, 3, 0 }, raw;

	if (which & STEP_MSS)
		add_option(segment, mss, sizeof mss);
	if (which & STEP_SACK_PERMITTED)
		add_option(segment, sack_permitted, sizeof sack_permitted);
	if (which & STEP_TIMESTAMP)
		add_timestamp(engine, input, flow, from, segment);
	if (which & STEP_SCALE) {
		scale[2] = fuzz_byte(input);
		add_option(segment, scale, sizeof scale);
	}
	if (which & STEP_SACK)
		add_sack(engine, input, flow, from, segment);
	if (which & STEP_FAST_OPEN)
		add_option(segment, fast_open, sizeof fast_open);
	if (which & STEP_DAMAGE)
		damage(input, segment);
	for (unsigned n = which & STEP_RAW ? fuzz_byte(input) % 40 : 0; n > 0; n--) {
		raw = fuzz_byte(input);
		add_option(segment, &raw, 1);
	}
}

static void play_packet(struct world *world, const struct packet_bytes *bytes)
{
	struct world_copy before;
	struct decision decision;
	struct packet packet;

	packet_decode(bytes, world->settings.tracking_verify_checksum, &packet);
	world_copy(world, &before);
	decision = engine_input_packet(world->engine, &packet, world->now_ns);
	world_check_packet(world, &before, &packet, &decision);
}

/* The payload is left out of the copy, as a queue does it: the header alone says how long the segment is. */
static void play_segment(struct world *world, const struct script_step *step, const struct endpoints *at,
			 uint32_t len)
{
	uint8_t buffer[256];
	struct packet_bytes bytes = script_build(step, at, 0, buffer);
	size_t stated;

	bytes.length += len;
	stated = at->family == 4 ? bytes.length : bytes.length - 40;
	if (stated > UINT16_MAX)
		bytes.marks |= PACKET_MARK_GSO;
	store_be16(buffer + (at->family == 4 ? 2 : 4), stated > UINT16_MAX ? 0 : (uint16_t)stated);
	play_packet(world, &bytes);
}

static void step_segment(struct world *world, struct fuzz_input *input, unsigned flow, enum side from,
			 bool options)
{
	struct script_step step = { .kind = SCRIPT_SEGMENT, .from = from, .repeat = 1 };
	struct script_segment *segment = &step.segment;
	uint8_t places, window;
	uint32_t len;

	*segment = (struct script_segment){
		.ttl = 64, .doff = -1, .ihl = -1, .fragment = -1, .truncate = -1, .ip_length = -1
	};
	segment->flags = fuzz_byte(input);
	places = fuzz_byte(input);
	segment->seq = read_number(world->engine, input, flow, from, places & 15);
	if (segment->flags & TCP_ACK)
		segment->ack = read_number(world->engine, input, flow, side_other(from), places >> 4u);
	len = (uint32_t)min_u64(fuzz_number(input), LENGTH_MOST);
	window = fuzz_byte(input);
	segment->window = (uint16_t)(window < 16 ? window : window * 257);
	if (options)
		read_options(world->engine, input, flow, from, segment);
	play_segment(world, &step, &flows[flow], len);
}

/*
 * Type, code, a byte, and what its bits say: 0 to 3 the place of the quoted seq, 4 bytes quoted, 5 length of
 * the quoted segment, 6 MTU, 7 the quoted segment is of the same end; then the distance of seq.
 */
static void step_icmp(struct world *world, struct fuzz_input *input, unsigned flow, enum side from)
{
	struct script_step step = { .kind = SCRIPT_ICMP, .from = from, .repeat = 1 };
	uint8_t buffer[1024], how;
	struct packet_bytes bytes;

	step.icmp.type = fuzz_byte(input);
	step.icmp.code = fuzz_byte(input);
	how = fuzz_byte(input);
	step.icmp.quoted_from = how & 128 ? from : side_other(from);
	step.icmp.truncate = how & 16 ? fuzz_byte(input) : -1;
	step.icmp.len = how & 32 ? fuzz_byte(input) : 0;
	step.icmp.mtu = how & 64 ? fuzz_number(input) : 0;
	step.icmp.seq = read_number(world->engine, input, flow, step.icmp.quoted_from, how & 15);
	bytes = script_build(&step, &flows[flow], 0, buffer);
	play_packet(world, &bytes);
}

/* Marks, a number of bytes, the bytes. */
static void step_raw(struct world *world, struct fuzz_input *input)
{
	struct packet_bytes bytes = { .marks = fuzz_byte(input) & 3 };
	size_t stated = fuzz_number(input);
	size_t size = min_u64(min_u64(stated, RAW_MOST), input->left);
	uint8_t *copy = malloc(size > 0 ? size : 1);

	memcpy(copy, input->at, size);
	input->at += size;
	input->left -= size;
	bytes.data = copy;
	bytes.captured = bytes.length = size;
	play_packet(world, &bytes);
	free(copy);
}

static void step_happening(struct world *world, struct fuzz_input *input)
{
	switch ((enum happening)(fuzz_byte(input) % HAPPENINGS)) {
	case HAPPENS_NOTHING:
	case HAPPENINGS: break;
	case HAPPENS_BLIND: engine_blind(world->engine, world->now_ns); break;
	case HAPPENS_SETTING: world_set_option(world, input); break;
	case HAPPENS_LONG_WAIT: world_wait(world, fuzz_number(input) * NS_PER_S); break;
	}
}

void world_step(struct world *world, struct fuzz_input *input)
{
	uint8_t what = fuzz_byte(input);
	enum side from = what & 4 ? SIDE_SERVER : SIDE_CLIENT;
	unsigned flow = what >> 3 & 7;
	static const uint64_t gaps[] = { 0, 10 * NS_PER_MS, NS_PER_S };

	world_wait(world, what >> 6 == 3 ? fuzz_number(input) * NS_PER_MS : gaps[what >> 6]);
	switch (what & 3) {
	case 0:
	case 1: step_segment(world, input, flow, from, what & 1); break;
	case 2:
		if (fuzz_byte(input) % 2 == OTHER_RAW)
			step_raw(world, input);
		else
			step_icmp(world, input, flow, from);
		break;
	case 3: step_happening(world, input); break;
	}
}
