/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenario scripts: from fields to packets, as the decoder reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "input/script.h"
#include "input/script_play.h"

#define FLOWS "flow f1 10.0.0.1:40000 10.0.0.2:80\nflow f6 [2001:db8::1]:40000 [2001:db8::2]:80\n"

static bool set_option(struct settings *settings, struct services *services, const char *path, const char *value,
		       char *error, size_t size)
{
	(void)settings, (void)services, (void)path, (void)value;
	snprintf(error, size, "no settings here");
	return false;
}

/* The one packet of a line, decoded; its bytes are kept in `copy`. */
static struct packet_bytes decode_line(const char *line, struct packet *packet, uint8_t *copy, size_t room)
{
	static const struct services services;
	static struct settings settings;
	struct script *script;
	struct script_player player;
	struct packet_bytes bytes;
	char text[512];

	snprintf(text, sizeof(text), FLOWS "%s\n", line);
	script = script_parse(text, strlen(text), &settings, &services, set_option);
	assert_non_null(script);
	assert_int_equal(script->broken, 0);
	script_player_init(&player, script);
	assert_int_equal(script_player_next(&player), 1);
	assert_true(player.packet.captured <= room);
	memcpy(copy, player.packet.data, player.packet.captured);
	bytes = player.packet;
	bytes.data = copy;
	packet_decode(&bytes, true, packet);
	script_player_fini(&player);
	script_free(script);
	return bytes;
}

static void test_segment(void **state)
{
	static uint8_t copy[70000];
	struct packet packet;

	(void)state;
	for (unsigned six = 0; six < 2; six++) {
		decode_line(six ? "@0 f6 > PAUEC seq=7 ack=9 len=100 win=512 urp=3 ttl=9 res=1"
				: "@0 > PAUEC seq=7 ack=9 len=100 win=512 urp=3 ttl=9 res=1",
			    &packet, copy, sizeof(copy));
		assert_int_equal(packet.kind, PACKET_TCP);
		assert_int_equal(packet.findings, 0);
		assert_int_equal(packet.family, six ? 6 : 4);
		assert_int_equal(packet.src_port, 40000);
		assert_int_equal(packet.dst_port, 80);
		assert_int_equal(packet.segment.seq, 7);
		assert_int_equal(packet.segment.ack, 9);
		assert_int_equal(packet.segment.len, 100);
		assert_int_equal(packet.segment.window, 512);
		assert_int_equal(packet.segment.ttl, 9);
		assert_int_equal(packet.segment.flags,
				 TCP_PSH | TCP_ACK | TCP_URG | TCP_ECE | TCP_CWR | TCP_AE);
	}
}

static void test_options(void **state)
{
	static uint8_t copy[70000];
	struct packet packet;

	(void)state;
	decode_line("@0 > S seq=1 mss=1460 ws=7 sackok ts=11/22 tfo=0102030405060708 mptcp", &packet, copy,
		    sizeof(copy));
	assert_int_equal(packet.findings, 0);
	assert_int_equal(packet.segment.mss, 1460);
	assert_int_equal(packet.segment.scale, 7);
	assert_int_equal(packet.segment.tsval, 11);
	assert_int_equal(packet.segment.tsecr, 22);
	assert_int_equal(packet.segment.options, OPTION_SEEN_MSS | OPTION_SEEN_SCALE |
							 OPTION_SEEN_SACK_PERMITTED | OPTION_SEEN_TIMESTAMP |
							 OPTION_SEEN_FAST_OPEN | OPTION_SEEN_MPTCP);
	decode_line("@0 > S seq=1 md5 tfo", &packet, copy, sizeof(copy));
	assert_int_equal(packet.findings, 0);
	assert_int_equal(packet.segment.options, OPTION_SEEN_MD5 | OPTION_SEEN_FAST_OPEN);
	decode_line("@0 > A seq=1 ack=100 sack=200-300,400-500", &packet, copy, sizeof(copy));
	assert_int_equal(packet.findings, 0);
	assert_int_equal(packet.segment.sack, 500);
	decode_line("@0 > S seq=1 opt=0204ffff", &packet, copy, sizeof(copy));
	assert_int_equal(packet.segment.mss, 65535);
	decode_line("@0 > A seq=1 ack=1 opt=05", &packet, copy, sizeof(copy));
	assert_int_equal(packet.findings, reason_bit(REASON_BAD_OPTION));
}

static void test_damage(void **state)
{
	static const struct {
		const char *line;
		enum reason reason; /* REASON_NONE: fine */
	} cases[] = {
		{ "@0 > A seq=1 ack=1 badsum", REASON_BAD_CHECKSUM },
		{ "@0 f6 > A seq=1 ack=1 len=3 badsum", REASON_BAD_CHECKSUM },
		{ "@0 > A seq=1 ack=1 badsum csum-not-ready", REASON_NONE },
		{ "@0 > S seq=1 doff=4", REASON_MALFORMED_TCP },
		{ "@0 > S seq=1 doff=6", REASON_MALFORMED_TCP },
		{ "@0 > S seq=1 trunc=19", REASON_MALFORMED_TCP },
		{ "@0 f6 > S seq=1 trunc=0", REASON_MALFORMED_TCP },
		{ "@0 > A seq=1 ack=1 len=100 trunc=50", REASON_NONE },
		{ "@0 > A seq=1 ack=1 len=100 trunc=50 iplen=140", REASON_MALFORMED_IP },
		{ "@0 f6 > A seq=1 ack=1 len=100 trunc=50 iplen=120", REASON_MALFORMED_IP },
		{ "@0 > A seq=1 ack=1 len=100 iplen=60", REASON_NONE },
		{ "@0 > A seq=1 ack=1 len=100 iplen=0 gso", REASON_NONE },
		{ "@0 > A seq=1 ack=1 len=100 iplen=0", REASON_MALFORMED_IP },
		{ "@0 > S seq=1 ihl=4", REASON_MALFORMED_IP },
		{ "@0 > S seq=1 frag=0+", REASON_FRAGMENT },
		{ "@0 > S seq=1 frag=1", REASON_FRAGMENT },
		{ "@0 f6 > S seq=1 frag=0+", REASON_FRAGMENT },
		{ "@0 f6 > S seq=1 frag=185", REASON_FRAGMENT },
		{ "@0 f6 > S seq=1 frag=0", REASON_NONE },
		{ "@0 > A seq=1", REASON_NONE },
		{ "@0 > S seq=1 ack=1", REASON_BROKEN_ACK },
		{ "@0 > A seq=1 ack=1 urp=1", REASON_RESERVED_BITS },
		{ "@0 > A seq=1 ack=1 res=8", REASON_RESERVED_BITS },
		{ "@0 > - seq=1", REASON_BAD_FLAGS },
	};
	static uint8_t copy[70000];
	struct packet packet;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		reason_set expected = cases[i].reason == REASON_NONE ? 0 : reason_bit(cases[i].reason);

		decode_line(cases[i].line, &packet, copy, sizeof(copy));
		if (packet.findings != expected)
			print_message("%s: findings %llx\n", cases[i].line,
				      (unsigned long long)packet.findings);
		assert_true(packet.findings == expected);
	}
}

/* Aggregates longer than the length field: 0 stands there (N-1). */
static void test_aggregate(void **state)
{
	static uint8_t copy[200000];
	struct packet packet;

	(void)state;
	decode_line("@0 > A seq=1 ack=1 len=180000 gso", &packet, copy, sizeof(copy));
	assert_int_equal(load_be16(copy + 2), 0);
	assert_int_equal(packet.segment.len, 180000);
	decode_line("@0 f6 > A seq=1 ack=1 len=180000 gso", &packet, copy, sizeof(copy));
	assert_int_equal(load_be16(copy + 4), 0);
	assert_int_equal(packet.segment.len, 180000);
}

static void test_icmp(void **state)
{
	static uint8_t copy[70000];
	struct packet packet;

	(void)state;
	decode_line("@0 < icmp 3 4 mtu=1400 quote > seq=1001 len=1460", &packet, copy, sizeof(copy));
	assert_int_equal(packet.kind, PACKET_ICMP_ERROR);
	assert_int_equal(packet.quote.kind, ICMP_TOO_BIG);
	assert_int_equal(packet.quote.mtu, 1400);
	assert_int_equal(packet.quote.quoted_length, 1500);
	assert_true(packet.quote.usable && packet.quote.to_sender);
	assert_int_equal(packet.quote.src_port, 40000);
	assert_int_equal(packet.quote.seq, 1001);
	decode_line("@0 > icmp 3 1 quote < seq=5", &packet, copy, sizeof(copy));
	assert_int_equal(packet.quote.kind, ICMP_HARD);
	assert_int_equal(packet.quote.src_port, 80);
	assert_true(packet.quote.to_sender);
	decode_line("@0 < icmp 3 1 quote < seq=5", &packet, copy, sizeof(copy));
	assert_false(packet.quote.to_sender);
	decode_line("@0 < icmp 3 1 quote > seq=5 trunc=4", &packet, copy, sizeof(copy));
	assert_false(packet.quote.usable);
	decode_line("@0 < icmp 3 1 quote > seq=5 trunc=8", &packet, copy, sizeof(copy));
	assert_true(packet.quote.usable);
	decode_line("@0 f6 < icmp 2 0 mtu=1280 quote > seq=1001 len=1460", &packet, copy, sizeof(copy));
	assert_int_equal(packet.quote.kind, ICMP_TOO_BIG);
	assert_int_equal(packet.quote.mtu, 1280);
	assert_int_equal(packet.quote.quoted_length, 1520);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_segment), cmocka_unit_test(test_options),
		cmocka_unit_test(test_damage),  cmocka_unit_test(test_aggregate),
		cmocka_unit_test(test_icmp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
