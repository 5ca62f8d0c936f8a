/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules I: which ICMP messages are errors about TCP, and what they say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sample.h"

/* A quoted packet of 1500 bytes from 10.0.0.2 to 10.0.0.1: the error goes back to its sender. */
#define QUOTE4 "450005dc" "00010000" "40060000" "0a000002" "0a000001"
#define QUOTE4_UDP "450005dc" "00010000" "40110000" "0a000002" "0a000001"
#define QUOTE4_LATER "450005dc" "000100b9" "40060000" "0a000002" "0a000001"
#define QUOTE4_FIRST "450005dc" "00012000" "40060000" "0a000002" "0a000001"
#define QUOTE4_OPTIONS "460005dc" "00010000" "40060000" "0a000002" "0a000001" "01010101"
#define QUOTE4_FOREIGN "450005dc" "00010000" "40060000" "0a000003" "0a000001"
#define ADDRESS6_1 "fd000000000000000000000000000001"
#define ADDRESS6_2 "fd000000000000000000000000000002"
#define QUOTE6 "60000000" "05b40640" ADDRESS6_2 ADDRESS6_1
#define QUOTE6_HOP "60000000" "05b40040" ADDRESS6_2 ADDRESS6_1 "0600050200000100"
#define QUOTE6_LATER "60000000" "05b42c40" ADDRESS6_2 ADDRESS6_1 "060005c900000001"
/* Ports 80 and 40000, seq 0x01020304: the 8 bytes that every error quotes. */
#define QUOTED_TCP "00509c4001020304"

struct message {
	struct sample sample;
	enum packet_kind kind;
	enum icmp_kind error;
	uint32_t mtu;
	bool usable, to_sender;
};

#define ERROR4(hex) { hex, 4, 1, "", hex, "", 0 }
#define ERROR6(hex) { hex, 6, 58, "", hex, "", 0 }

static const struct message messages[] = {
	{ ERROR4("0300000000000000" QUOTE4 QUOTED_TCP), PACKET_ICMP_ERROR, ICMP_SOFT, 0, true, true },
	{ ERROR4("0301000000000000" QUOTE4 QUOTED_TCP), PACKET_ICMP_ERROR, ICMP_HARD, 0, true, true },
	{ ERROR4("0303000000000000" QUOTE4 QUOTED_TCP), PACKET_ICMP_ERROR, ICMP_HARD, 0, true, true },
	{ ERROR4("0304000000000578" QUOTE4 QUOTED_TCP), PACKET_ICMP_ERROR, ICMP_TOO_BIG, 1400, true, true },
	{ ERROR4("0304000000000000" QUOTE4 QUOTED_TCP), PACKET_ICMP_ERROR, ICMP_TOO_BIG, 0, true, true },
	{ ERROR4("0305000000000578" QUOTE4 QUOTED_TCP), PACKET_ICMP_ERROR, ICMP_SOFT, 0, true, true },
	{ ERROR4("030d000000000000" QUOTE4 QUOTED_TCP), PACKET_ICMP_ERROR, ICMP_HARD, 0, true, true },
	{ ERROR4("030e000000000000" QUOTE4 QUOTED_TCP), PACKET_ICMP_ERROR, ICMP_SOFT, 0, true, true },
	{ ERROR4("0400000000000000" QUOTE4 QUOTED_TCP), PACKET_ICMP_ERROR, ICMP_QUENCH, 0, true, true },
	{ ERROR4("0b00000000000000" QUOTE4 QUOTED_TCP), PACKET_ICMP_ERROR, ICMP_SOFT, 0, true, true },
	{ ERROR4("0c00000000000000" QUOTE4 QUOTED_TCP), PACKET_ICMP_ERROR, ICMP_SOFT, 0, true, true },
	{ ERROR4("05000000c0a80001" QUOTE4 QUOTED_TCP), PACKET_OTHER, 0, 0, false, false },
	{ ERROR4("0800000000000000" QUOTE4 QUOTED_TCP), PACKET_OTHER, 0, 0, false, false },
	{ ERROR4("0100000000000000" QUOTE4 QUOTED_TCP), PACKET_OTHER, 0, 0, false, false },
	{ ERROR4("0301000000000000" QUOTE4_UDP QUOTED_TCP), PACKET_OTHER, 0, 0, false, false },
	{ ERROR4("0301000000000000" QUOTE4_OPTIONS QUOTED_TCP), PACKET_ICMP_ERROR, ICMP_HARD, 0, true, true },
	{ ERROR4("0301000000000000" QUOTE4_FIRST QUOTED_TCP), PACKET_ICMP_ERROR, ICMP_HARD, 0, true, true },
	{ ERROR4("0301000000000000" QUOTE4_LATER QUOTED_TCP), PACKET_ICMP_ERROR, ICMP_HARD, 0, false, true },
	{ ERROR4("0301000000000000" QUOTE4_FOREIGN QUOTED_TCP), PACKET_ICMP_ERROR, ICMP_HARD, 0, true, false },
	{ ERROR4("0301000000000000" QUOTE4 "00509c40010203"), PACKET_ICMP_ERROR, ICMP_HARD, 0, false, true },
	{ ERROR4("0301000000000000" QUOTE4), PACKET_ICMP_ERROR, ICMP_HARD, 0, false, true },
	{ ERROR4("0301000000000000" "450005dc000100004006"), PACKET_ICMP_ERROR, ICMP_HARD, 0, false, false },
	{ ERROR4("0301000000000000" "450005dc0001000040"), PACKET_OTHER, 0, 0, false, false },
	{ ERROR4("0301000000000000"), PACKET_OTHER, 0, 0, false, false },
	{ ERROR4("03010000000000"), PACKET_OTHER, 0, 0, false, false },
	{ ERROR4("0301000000000000" QUOTE6 QUOTED_TCP), PACKET_OTHER, 0, 0, false, false },
	{ ERROR6("0100000000000000" QUOTE6 QUOTED_TCP), PACKET_ICMP_ERROR, ICMP_SOFT, 0, true, true },
	{ ERROR6("0104000000000000" QUOTE6 QUOTED_TCP), PACKET_ICMP_ERROR, ICMP_HARD, 0, true, true },
	{ ERROR6("0200000000010500" QUOTE6 QUOTED_TCP), PACKET_ICMP_ERROR, ICMP_TOO_BIG, 0x10500, true, true },
	{ ERROR6("0300000000000000" QUOTE6 QUOTED_TCP), PACKET_ICMP_ERROR, ICMP_SOFT, 0, true, true },
	{ ERROR6("0401000000000006" QUOTE6 QUOTED_TCP), PACKET_ICMP_ERROR, ICMP_SOFT, 0, true, true },
	{ ERROR6("8000000000000000" QUOTE6 QUOTED_TCP), PACKET_OTHER, 0, 0, false, false },
	{ ERROR6("8900000000000000" QUOTE6 QUOTED_TCP), PACKET_OTHER, 0, 0, false, false },
	{ ERROR6("0101000000000000" QUOTE6_HOP QUOTED_TCP), PACKET_ICMP_ERROR, ICMP_HARD, 0, true, true },
	{ ERROR6("0101000000000000" QUOTE6_LATER QUOTED_TCP), PACKET_ICMP_ERROR, ICMP_HARD, 0, false, true },
	{ ERROR6("0101000000000000" QUOTE6 "00509c4001"), PACKET_ICMP_ERROR, ICMP_HARD, 0, false, true },
};

enum { MESSAGES = sizeof(messages) / sizeof(messages[0]) };

static void decode_sample(const struct sample *sample, size_t cut, struct packet *packet)
{
	struct sample_bytes bytes;

	sample_build(sample, &bytes);
	sample_decode(bytes.data, bytes.size - cut, bytes.size, sample->marks, true, packet);
	sample_check_sane(packet, sample->marks);
}

static void knows_the_kinds_of_errors(void **state)
{
	(void)state;
	for (size_t n = 0; n < MESSAGES; n++) {
		const struct message *message = &messages[n];
		struct packet packet;

		decode_sample(&message->sample, 0, &packet);
		if (packet.kind != message->kind || packet.quote.kind != message->error ||
		    packet.quote.mtu != message->mtu || packet.quote.usable != message->usable ||
		    packet.quote.to_sender != message->to_sender)
			fail_msg("%s: kind %d error %d mtu %u usable %d to_sender %d", message->sample.name,
				 (int)packet.kind, (int)packet.quote.kind, packet.quote.mtu, packet.quote.usable,
				 packet.quote.to_sender);
	}
}

static void reads_the_quoted_segment(void **state)
{
	static const struct sample samples[] = {
		ERROR4("0301000000000000" QUOTE4_OPTIONS QUOTED_TCP),
		ERROR6("0101000000000000" QUOTE6_HOP QUOTED_TCP),
	};
	static const uint8_t sender4[16] = { [10] = 0xff, 0xff, 10, 0, 0, 2 };
	static const uint8_t sender6[16] = { 0xfd, [15] = 2 };

	(void)state;
	for (size_t n = 0; n < 2; n++) {
		struct packet packet;

		decode_sample(&samples[n], 0, &packet);
		assert_int_equal(packet.quote.src_port, 80);
		assert_int_equal(packet.quote.dst_port, 40000);
		assert_int_equal(packet.quote.seq, 0x01020304);
		assert_int_equal(packet.quote.quoted_length, 1500);
		assert_memory_equal(packet.quote.src, n == 0 ? sender4 : sender6, 16);
		assert_memory_equal(packet.quote.dst, packet.src, 16);
	}
}

/* N-1: an aggregate that outgrew its length field is quoted with 0 in it, and is longer than any MTU. */
static void takes_a_quote_without_length_as_long(void **state)
{
	static const struct sample samples[] = {
		ERROR4("0304000000000578" "45000000" "00010000" "40060000" "0a000002" "0a000001" QUOTED_TCP),
		ERROR6("0200000000000578" "60000000" "00000640" ADDRESS6_2 ADDRESS6_1 QUOTED_TCP),
	};

	(void)state;
	for (size_t n = 0; n < 2; n++) {
		struct packet packet;

		decode_sample(&samples[n], 0, &packet);
		assert_true(packet.quote.usable);
		assert_true(packet.quote.quoted_length == UINT32_MAX);
	}
}

/* What a snaplen cuts is not judged; what the sender of the error cut is. */
static void tells_a_short_copy_from_a_short_quote(void **state)
{
	struct sample sample = ERROR4("0301000000000000" QUOTE4 QUOTED_TCP);
	struct packet packet;

	(void)state;
	for (size_t cut = 1; cut <= 40; cut++) {
		sample.marks = PACKET_MARK_CAPTURE;
		decode_sample(&sample, cut, &packet);
		assert_int_equal(packet.kind, PACKET_SHORT);
	}
	sample.upper = "0301000000000000" QUOTE4 QUOTED_TCP "0000";
	decode_sample(&sample, 2, &packet);
	assert_int_equal(packet.kind, PACKET_ICMP_ERROR);
	assert_true(packet.quote.usable);
	sample.marks = 0;
	decode_sample(&sample, 3, &packet);
	assert_int_equal(packet.kind, PACKET_ICMP_ERROR);
	assert_false(packet.quote.usable);
}

static void leaves_fragments_alone(void **state)
{
	const struct sample sample = { "", 4, 1, "", "0301000000000000" QUOTE4 QUOTED_TCP, "6=0005", 0 };
	struct packet packet;

	(void)state;
	decode_sample(&sample, 0, &packet);
	assert_int_equal(packet.kind, PACKET_OTHER);
}

static void survives_any_cut(void **state)
{
	(void)state;
	for (size_t n = 0; n < MESSAGES; n++)
		sample_cut_everywhere(&messages[n].sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_kinds_of_errors),
		cmocka_unit_test(reads_the_quoted_segment),
		cmocka_unit_test(takes_a_quote_without_length_as_long),
		cmocka_unit_test(tells_a_short_copy_from_a_short_quote),
		cmocka_unit_test(leaves_fragments_alone),
		cmocka_unit_test(survives_any_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
