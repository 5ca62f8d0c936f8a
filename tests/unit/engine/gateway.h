/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An engine with its limits and a sink that keeps the last events, and segments by hand, for the tests of the
 * engine. Connections go from 10.0.0.1:PORT to 10.0.0.2:80. Included behind cmocka.h, once a program.
 */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "engine/engine.h"
#include "policy/limits.h"

#define EVENTS_KEPT 4096

struct gateway {
	struct settings settings;
	struct services services;
	bool sparing; /* as in struct engine_config */
	struct limits *limits;
	struct engine *engine;
	void *pool;
	struct event events[EVENTS_KEPT];
	unsigned count; /* events so far */
	uint64_t now_ns;
};

static inline void gateway_emit(void *context, const struct event *event)
{
	struct gateway *gateway = context;

	assert_true(gateway->count < EVENTS_KEPT);
	gateway->events[gateway->count++] = *event;
}

/* How many events of this kind there were so far. */
static inline unsigned gateway_events(const struct gateway *gateway, enum event_kind kind)
{
	unsigned count = 0;

	for (unsigned i = 0; i < gateway->count; i++)
		count += gateway->events[i].kind == kind;
	return count;
}

/* Memory and settings; change the settings, then start. */
static inline struct gateway *gateway_new(void)
{
	struct gateway *gateway = calloc(1, sizeof *gateway);

	assert_non_null(gateway);
	settings_defaults(&gateway->settings);
	gateway->settings.tracking_max_flows = 1024;
	gateway->settings.tracking_pickup = PICKUP_OFF;
	return gateway;
}

static inline void gateway_start(struct gateway *gateway)
{
	static const struct hash_key key = { 21, 22 };
	uint32_t max_flows = (uint32_t)gateway->settings.tracking_max_flows;
	size_t size = (engine_pool_size(max_flows) + 63) / 64 * 64;
	struct engine_config config = { .settings = &gateway->settings, .services = &gateway->services,
					.max_flows = max_flows, .key = key, .sink = { gateway_emit, gateway },
					.random_seed = 1, .describe = true, .sparing = gateway->sparing };

	gateway->limits = limits_new(&gateway->settings, &key);
	gateway->pool = aligned_alloc(64, size);
	assert_non_null(gateway->limits);
	assert_non_null(gateway->pool);
	memset(gateway->pool, 0, size);
	config.limits = gateway->limits;
	config.pool = gateway->pool;
	gateway->engine = engine_new(&config);
	assert_non_null(gateway->engine);
}

static inline struct gateway *gateway_open(void)
{
	struct gateway *gateway = gateway_new();

	gateway_start(gateway);
	return gateway;
}

static inline void gateway_close(struct gateway *gateway)
{
	engine_free(gateway->engine);
	limits_free(gateway->limits);
	free(gateway->pool);
	free(gateway);
}

static inline enum segment_kind gateway_kind(uint16_t flags)
{
	if (flags & TCP_RST)
		return SEGMENT_RST;
	if (flags & TCP_SYN)
		return flags & TCP_ACK ? SEGMENT_SYNACK : SEGMENT_SYN;
	if (flags & TCP_FIN)
		return SEGMENT_FIN;
	return flags & TCP_ACK ? SEGMENT_ACK : SEGMENT_NONE;
}

/* A segment of the connection from `port`; dir is '>' from the client or '<' from the server. */
static inline struct packet gateway_packet(char dir, uint16_t port, uint16_t flags, uint32_t seq, uint32_t ack,
					   uint32_t len)
{
	static const uint8_t client[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [15] = 1 };
	static const uint8_t server[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [15] = 2 };
	bool up = dir == '>';
	struct packet packet = { .kind = PACKET_TCP, .has_addresses = true, .family = 4, .length = 40 + len,
				 .src_port = up ? port : 80, .dst_port = up ? 80 : port };

	memcpy(packet.src, up ? client : server, 16);
	memcpy(packet.dst, up ? server : client, 16);
	packet.segment = (struct segment){ .seq = seq, .ack = ack, .len = len, .sack = ack, .window = 65535,
					   .flags = flags, .kind = (uint8_t)gateway_kind(flags), .ttl = 64 };
	packet.segment.next = seq + len + ((flags & TCP_SYN) != 0) + ((flags & TCP_FIN) != 0);
	return packet;
}

/* Sends one segment 10 ms after the last one. */
static inline struct decision gateway_send(struct gateway *gateway, char dir, uint16_t port, uint16_t flags,
					   uint32_t seq, uint32_t ack, uint32_t len)
{
	struct packet packet = gateway_packet(dir, port, flags, seq, ack, len);

	gateway->now_ns += 10 * NS_PER_MS;
	return engine_input_packet(gateway->engine, &packet, gateway->now_ns);
}

static inline void gateway_handshake(struct gateway *gateway, uint16_t port)
{
	gateway_send(gateway, '>', port, TCP_SYN, 1000, 0, 0);
	gateway_send(gateway, '<', port, TCP_SYN | TCP_ACK, 5000, 1001, 0);
	assert_int_equal(gateway_send(gateway, '>', port, TCP_ACK, 1001, 5001, 0).phase, PHASE_ESTABLISHED);
}

/* The record of the connection from `port` and the time left on its timer. */
static inline bool gateway_find(const struct gateway *gateway, uint16_t port, struct flow_record *record,
				uint64_t *left_ns)
{
	struct packet packet = gateway_packet('>', port, TCP_ACK, 0, 0, 0);

	return engine_find(gateway->engine, &packet, gateway->now_ns, record, left_ns);
}

static inline void gateway_wait(struct gateway *gateway, uint64_t seconds)
{
	gateway->now_ns += seconds * NS_PER_S;
	engine_expire(gateway->engine, gateway->now_ns);
}
