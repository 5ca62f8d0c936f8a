/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hand-filled records that the tests of report/ print. */
#pragma once

#include <string.h>

#include "engine/event.h"

#define SAMPLE_FLOW UINT64_C(0x0123456789abcdef)
#define SAMPLE_ID   "aerukz4jvpg66" /* the same */
#define SAMPLE_WALL INT64_C(1700000000000000000)

static inline void sample_ipv4(uint8_t address[16], uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	const uint8_t bytes[16] = { [10] = 0xff, [11] = 0xff, [12] = a, [13] = b, [14] = c, [15] = d };

	memcpy(address, bytes, sizeof(bytes));
}

static inline struct endpoints sample_endpoints(void)
{
	struct endpoints at = { .client_port = 34855, .server_port = 80, .family = 4 };

	sample_ipv4(at.client, 128, 232, 110, 120);
	sample_ipv4(at.server, 66, 35, 250, 204);
	return at;
}

static inline struct endpoints sample_endpoints6(void)
{
	struct endpoints at = {
		.client = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 }, .server = { 0xfe, 0x80, [15] = 2 },
		.client_port = 1, .server_port = 65535, .family = 6,
	};

	return at;
}

static inline struct flow_record sample_flow(void)
{
	struct flow_record flow = {
		.id = SAMPLE_FLOW,
		.at = sample_endpoints(),
		.started_ns = 412000,
		.last_ns = 1500412000,
		.in_prev_us = 412,
		.handshake_us = 1210,
		.rtt_us = 830,
		.dropped = 3,
		.end = {
			{ .bytes = 812, .packets = 9, .retrans = 0, .ooo = 1, .mss = 1460, .scale = 7 },
			{ .bytes = 120431, .packets = 88, .retrans = 2, .ooo = 0, .mss = 1400, .scale = 255 },
		},
		.phase = PHASE_TIME_WAIT,
		.prev = PHASE_LAST_ACK,
		.half = SIDE_NONE,
		.close_reason = CLOSE_FIN,
		.closed_by = SIDE_CLIENT,
		.conn_state = CONN_STATE_SF,
		.sack = true,
		.history = "ShADadFf",
	};

	return flow;
}

static inline struct drop_record sample_drop(void)
{
	struct drop_record drop = {
		.flow = SAMPLE_FLOW,
		.at = sample_endpoints(),
		.reason = REASON_ACK_HIGH,
		.dir = SIDE_CLIENT,
		.phase = PHASE_ESTABLISHED,
		.has_segment = true,
		.has_ack = true,
		.flags = 0x010, /* ACK */
		.seq = 5001,
		.ack = 9999,
		.allowed = ALLOWED_ACK,
		.allowed_low = 4294902297u,
		.allowed_high = 1001,
	};

	return drop;
}
