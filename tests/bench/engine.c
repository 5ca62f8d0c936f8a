/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the engine alone costs a packet: FLOWS established flows, then data and acknowledgements in turn over all of
 * them, from bytes to verdict. Prints nanoseconds a packet of each round, then the median.
 *
 *	engine [FLOWS [ROUNDS]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/units.h"
#include "engine/engine.h"
#include "policy/limits.h"

#define PACKET_BYTES 50
#define PAYLOAD      10

static void ignore_event(void *context, const struct event *event)
{
	(void)context;
	(void)event;
}

static uint64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* whatever else the machine does */
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* An IPv4 packet of flow `n`, from the client or to it; the copy is cut before the payload as the queue does. */
static void build(uint8_t *p, uint32_t n, int to_server, uint8_t flags, uint32_t seq, uint32_t ack, unsigned len)
{
	uint32_t client = 0x0a000000u + n / 50000, server = 0x0a800001u;
	uint16_t client_port = (uint16_t)(10000 + n % 50000);

	memset(p, 0, PACKET_BYTES);
	p[0] = 0x45;
	store_be16(p + 2, (uint16_t)(40 + len));
	p[8] = 64;
	p[9] = 6;
	store_be32(p + 12, to_server ? client : server);
	store_be32(p + 16, to_server ? server : client);
	store_be16(p + 20, to_server ? client_port : 443);
	store_be16(p + 22, to_server ? 443 : client_port);
	store_be32(p + 24, seq);
	store_be32(p + 28, ack);
	p[32] = 5 << 4;
	p[33] = flags;
	store_be16(p + 34, 65000);
}

static void input(struct engine *engine, const uint8_t *data, unsigned len, uint64_t now_ns)
{
	struct packet_bytes bytes = {
		.data = data,
		.captured = 40,
		.length = 40 + len,
		.marks = PACKET_MARK_CSUM_NOT_READY,
	};
	struct decision decision = engine_input(engine, &bytes, now_ns);

	if (decision.verdict == VERDICT_ACCEPT && decision.reason == REASON_NONE)
		return;
	fprintf(stderr, "engine: %s\n", reason_word(decision.reason));
	exit(1);
}

static void open_flow(struct engine *engine, uint32_t n, uint64_t now_ns)
{
	uint8_t p[PACKET_BYTES];

	build(p, n, 1, 0x02, 1000, 0, 0);
	input(engine, p, 0, now_ns);
	build(p, n, 0, 0x12, 5000, 1001, 0);
	input(engine, p, 0, now_ns);
	build(p, n, 1, 0x10, 1001, 5001, 0);
	input(engine, p, 0, now_ns);
}

/* What is measured, a function of its own for instructions.sh. */
static void __attribute__((noinline))
judge_all(struct engine *engine, const uint8_t *packets, uint32_t flows, uint64_t now_ns)
{
	for (uint32_t n = 0; n < flows; n++) {
		input(engine, packets + (size_t)n * 2 * PACKET_BYTES, PAYLOAD, now_ns);
		input(engine, packets + ((size_t)n * 2 + 1) * PACKET_BYTES, 0, now_ns);
	}
}

/* Every flow once: data from the client, then its acknowledgement. Packets are made beforehand. */
static double round_ns(struct engine *engine, uint8_t *packets, uint32_t flows, uint32_t round, uint64_t now_ns)
{
	uint32_t seq = 1001 + round * PAYLOAD;
	uint64_t begin;

	for (uint32_t n = 0; n < flows; n++) {
		build(packets + (size_t)n * 2 * PACKET_BYTES, n, 1, 0x18, seq, 5001, PAYLOAD);
		build(packets + ((size_t)n * 2 + 1) * PACKET_BYTES, n, 0, 0x10, 5001, seq + PAYLOAD, 0);
	}
	begin = clock_ns();
	judge_all(engine, packets, flows, now_ns);
	return (double)(clock_ns() - begin) / (2.0 * flows);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	uint32_t flows = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 100000;
	unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 20;
	struct hash_key key = { 1, 2 };
	struct settings settings;
	struct engine_config config = { .settings = &settings, .key = key, .sink = { ignore_event, NULL } };
	struct engine *engine;
	uint8_t *packets = malloc((size_t)flows * 2 * PACKET_BYTES);
	double *ns = calloc(rounds, sizeof *ns);

	settings_defaults(&settings);
	settings.tracking_max_flows = flows * 2;
	settings.syn_flood_half_open_total = 0;
	config.max_flows = flows * 2;
	config.limits = limits_new(&settings, &key);
	config.pool = aligned_alloc(64, engine_pool_size(config.max_flows));
	if (packets == NULL || ns == NULL || config.limits == NULL || config.pool == NULL)
		return 3;
	memset(config.pool, 0, engine_pool_size(config.max_flows));
	engine = engine_new(&config);
	if (engine == NULL)
		return 3;
	for (uint32_t n = 0; n < flows; n++)
		open_flow(engine, n, NS_PER_S);
	for (unsigned i = 0; i < rounds; i++) {
		ns[i] = round_ns(engine, packets, flows, i, (2 + i) * NS_PER_S);
		printf("round %u: %.1f ns a packet\n", i + 1, ns[i]);
	}
	qsort(ns, rounds, sizeof *ns, by_value);
	printf("engine: %u flows, median %.1f ns a packet, least %.1f, most %.1f; %zu bytes a flow\n", flows,
	       ns[rounds / 2], ns[0], ns[rounds - 1], engine_pool_size(config.max_flows) / config.max_flows);
	engine_free(engine);
	limits_free(config.limits);
	free(config.pool);
	free(packets);
	free(ns);
	return 0;
}
