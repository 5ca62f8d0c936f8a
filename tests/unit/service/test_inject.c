/* SPDX-License-Identifier: GPL-2.0-or-later */
/* the packet of an answer, read back by the decoder that judges packets; and who may send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "packet/packet.h"
#include "service/inject.h"

static const struct answer ipv4 = {
	.family = 4,
	.src = { [10] = 0xff, [11] = 0xff, [12] = 10, [13] = 9, [14] = 2, [15] = 2 },
	.dst = { [10] = 0xff, [11] = 0xff, [12] = 10, [13] = 9, [14] = 1, [15] = 2 },
	.src_port = 80, .dst_port = 40000, .seq = 0xdeadbeef, .ack = 0xfeedface,
};
static const struct answer ipv6 = {
	.family = 6,
	.src = { 0xfd, 0x09, [3] = 2, [15] = 2 },
	.dst = { 0xfd, 0x09, [3] = 1, [15] = 2 },
	.src_port = 443, .dst_port = 50000, .seq = 1, .ack = 0,
};

static void assert_built(const struct answer *answer, size_t size)
{
	uint8_t bytes[INJECT_PACKET_SIZE];
	struct packet_bytes raw = { .data = bytes, .captured = size, .length = size };
	struct packet packet;

	memset(bytes, 0xaa, sizeof bytes);
	assert_int_equal(inject_build(answer, bytes), size);
	packet_decode(&raw, true, &packet);
	assert_int_equal(packet.kind, PACKET_TCP);
	assert_int_equal(packet.findings, 0); /* the checksum is among them */
	assert_int_equal(packet.family, answer->family);
	assert_memory_equal(packet.src, answer->src, 16);
	assert_memory_equal(packet.dst, answer->dst, 16);
	assert_int_equal(packet.src_port, answer->src_port);
	assert_int_equal(packet.dst_port, answer->dst_port);
	assert_int_equal(packet.segment.flags, TCP_SYN | TCP_ACK);
	assert_int_equal(packet.segment.seq, answer->seq);
	assert_int_equal(packet.segment.ack, answer->ack);
	assert_int_equal(packet.segment.len, 0);
	assert_int_equal(packet.segment.options, 0);
	assert_int_equal(packet.segment.window, 65535);
	assert_int_equal(packet.segment.ttl, 64);
}

static void both_families(void **state)
{
	(void)state;
	assert_built(&ipv4, 40);
	assert_built(&ipv6, 60);
}

/* As root the socket opens and sends to the loopback; as anybody else one sentence says what is missing. */
static void sends_or_says_why_not(void **state)
{
	char error[256] = "";
	struct inject *inject = inject_open(error, sizeof error);
	struct answer answer = ipv4;
	struct nfqueue_hop hop = { .interface = 1, .station = { 0 } }; /* the loopback */

	(void)state;
	if (inject == NULL) {
		assert_non_null(strstr(error, "policy.inject needs the capability CAP_NET_RAW"));
		assert_non_null(strstr(error, "tcpwardend-inject.conf"));
		return;
	}
	memcpy(answer.dst + 12, "\x7f\0\0\1", 4);
	for (unsigned i = 0; i < 100; i++)
		inject_add(inject, &answer, i % 2 == 0 ? NULL : &hop);
	inject_send(inject);
	inject_send(inject);
	assert_int_equal(inject_counters(inject)->sent + inject_counters(inject)->failed, 100);
	inject_close(inject);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_families),
		cmocka_unit_test(sends_or_says_why_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
