/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules N and P: one row a rule, every packet cut at every byte, random bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sample.h"

#define BIT(reason) (UINT64_C(1) << REASON_##reason)
#define SYN TCP_NO_ACK("5002")
#define DATA TCP("5018") "6162636465666768"

struct expectation {
	struct sample sample;
	enum packet_kind kind;
	reason_set findings;
	bool fragment_fixed;
	size_t cut;     /* bytes missing at the end of the copy */
	size_t padding; /* bytes of the link layer behind the packet */
};

static const struct expectation rows[] = {
	{ { "IPv4 SYN", 4, 6, "", SYN, "", 0 }, PACKET_TCP, 0, false, 0, 0 },
	{ { "IPv6 SYN", 6, 6, "", SYN, "", 0 }, PACKET_TCP, 0, false, 0, 0 },
	{ { "IPv4 data", 4, 6, "", DATA, "", 0 }, PACKET_TCP, 0, false, 0, 0 },
	{ { "IPv6 data", 6, 6, "", DATA, "", 0 }, PACKET_TCP, 0, false, 0, 0 },
	{ { "IPv4 options", 4, 6, "94040000", SYN, "", 0 }, PACKET_TCP, 0, false, 0, 0 },
	/* P-0 */
	{ { "P-0 IPv4 UDP", 4, 17, "", "9c400050000c0000", "", 0 }, PACKET_OTHER, 0, false, 0, 0 },
	{ { "P-0 IPv6 UDP", 6, 17, "", "9c400050000c0000", "", 0 }, PACKET_OTHER, 0, false, 0, 0 },
	{ { "P-0 IPv6 no next header", 6, 59, "", "", "", 0 }, PACKET_OTHER, 0, false, 0, 0 },
	{ { "P-0 IPv6 ESP", 6, 50, "", SYN, "", 0 }, PACKET_OTHER, 0, false, 0, 0 },
	{ { "P-0 UDP fragment", 4, 17, "", "9c400050000c0000", "6=20b9", 0 }, PACKET_OTHER, 0, false, 0, 0 },
	{ { "P-0 ICMPv6 in IPv4", 4, 58, "", "0104000000000000", "", 0 }, PACKET_OTHER, 0, false, 0, 0 },
	/* P-1 */
	{ { "P-1 version 5", 4, 6, "", SYN, "0=55", 0 }, PACKET_BAD, BIT(MALFORMED_IP), false, 0, 0 },
	{ { "P-1 version 0", 6, 6, "", SYN, "0=00", 0 }, PACKET_BAD, BIT(MALFORMED_IP), false, 0, 0 },
	{ { "P-1 ihl 4", 4, 6, "", SYN, "0=44", 0 }, PACKET_BAD, BIT(MALFORMED_IP), false, 0, 0 },
	{ { "P-1 ihl beyond the packet", 4, 6, "", SYN, "0=4f", 0 }, PACKET_BAD, BIT(MALFORMED_IP), false, 0, 0 },
	{ { "P-1 total length less than the header", 4, 6, "", SYN, "2=0013", 0 },
	  PACKET_BAD, BIT(MALFORMED_IP), false, 0, 0 },
	{ { "P-1 total length 0", 4, 6, "", SYN, "2=0000", 0 }, PACKET_BAD, BIT(MALFORMED_IP), false, 0, 0 },
	{ { "P-1 total length beyond the packet", 4, 6, "", SYN, "2=0029", 0 },
	  PACKET_BAD, BIT(MALFORMED_IP), false, 0, 0 },
	{ { "P-1 payload length beyond the packet", 6, 6, "", SYN, "4=0015", 0 },
	  PACKET_BAD, BIT(MALFORMED_IP), false, 0, 0 },
	{ { "P-1 the same, an aggregate", 4, 6, "", SYN, "2=0029", PACKET_MARK_GSO }, PACKET_TCP, 0, false, 0, 0 },
	{ { "P-1 the same in a capture is a short copy", 4, 6, "", SYN, "2=0029", PACKET_MARK_CAPTURE },
	  PACKET_TCP, 0, false, 0, 0 },
	{ { "P-1 extension header beyond the packet", 6, 0, "0603000000000000", SYN, "", 0 },
	  PACKET_BAD, BIT(MALFORMED_IP), false, 0, 0 },
	/* N-1 */
	{ { "N-1 IPv4 aggregate without a length", 4, 6, "", SYN, "2=0000", PACKET_MARK_GSO },
	  PACKET_TCP, 0, false, 0, 0 },
	{ { "N-1 IPv6 aggregate without a length", 6, 6, "", SYN, "4=0000", PACKET_MARK_GSO },
	  PACKET_TCP, 0, false, 0, 0 },
	{ { "N-1 Ethernet padding", 4, 6, "", SYN, "", 0 }, PACKET_TCP, 0, false, 0, 6 },
	{ { "N-6 copy range within the data", 4, 6, "", DATA, "", 0 }, PACKET_TCP, 0, false, 5, 0 },
	/* Extension headers */
	{ { "hop-by-hop", 6, 0, "0600050200000100", SYN, "", 0 }, PACKET_TCP, 0, false, 0, 0 },
	{ { "destination options", 6, 60, "0600010400000000", SYN, "", 0 }, PACKET_TCP, 0, false, 0, 0 },
	{ { "authentication", 6, 51, "06010000" "00000001" "00000001", SYN, "", 0 }, PACKET_TCP, 0, false, 0, 0 },
	{ { "routing, arrived", 6, 43, "0600040000000000", SYN, "", 0 }, PACKET_TCP, 0, false, 0, 0 },
	{ { "routing, on its way: the sum is over another address", 6, 43, "0600040100000000", SYN, "40=ffff", 0 },
	  PACKET_TCP, 0, false, 0, 0 },
	{ { "four in a row", 6, 0,
	    "2b00050200000100" "3c00040000000000" "3300010400000000" "060100000000000100000001", SYN, "", 0 },
	  PACKET_TCP, 0, false, 0, 0 },
	/* P-2 */
	{ { "P-2 no TCP at all", 4, 6, "", "", "", 0 }, PACKET_BAD, BIT(MALFORMED_TCP), false, 0, 0 },
	{ { "P-2 19 bytes of TCP", 4, 6, "", SYN, "2=0027", 0 }, PACKET_BAD, BIT(MALFORMED_TCP), false, 0, 0 },
	{ { "P-2 doff 4", 4, 6, "", TCP_NO_ACK("4002"), "", 0 }, PACKET_BAD, BIT(MALFORMED_TCP), false, 0, 0 },
	{ { "P-2 doff 0", 6, 6, "", TCP_NO_ACK("0002"), "", 0 }, PACKET_BAD, BIT(MALFORMED_TCP), false, 0, 0 },
	{ { "P-2 doff beyond the packet", 4, 6, "", TCP_NO_ACK("6002"), "", 0 },
	  PACKET_BAD, BIT(MALFORMED_TCP), false, 0, 0 },
	{ { "P-2 header cut by a snaplen", 4, 6, "", SYN, "", PACKET_MARK_CAPTURE }, PACKET_SHORT, 0, false, 1, 0 },
	{ { "P-2 header beyond the copy range", 4, 6, "", SYN, "", 0 }, PACKET_BAD, BIT(MALFORMED_TCP), false, 1, 0 },
	{ { "IPv4 options cut by a snaplen", 4, 6, "94040000", SYN, "", PACKET_MARK_CAPTURE },
	  PACKET_SHORT, 0, false, 21, 0 },
	{ { "P-0 UDP, IPv4 options cut by a snaplen", 4, 17, "94040000", "9c400050000c0000", "", PACKET_MARK_CAPTURE },
	  PACKET_OTHER, 0, false, 9, 0 },
	{ { "IPv6 header cut by a snaplen", 6, 6, "", SYN, "", PACKET_MARK_CAPTURE }, PACKET_SHORT, 0, false, 21, 0 },
	/* P-3 */
	{ { "P-3 wrong sum", 4, 6, "", DATA, "2f=00", 0 }, PACKET_TCP, BIT(BAD_CHECKSUM), false, 0, 0 },
	{ { "P-3 wrong sum, IPv6", 6, 6, "", DATA, "43=00", 0 }, PACKET_TCP, BIT(BAD_CHECKSUM), false, 0, 0 },
	{ { "P-3 odd length", 4, 6, "", TCP("5018") "616263", "", 0 }, PACKET_TCP, 0, false, 0, 0 },
	{ { "P-3 odd length, wrong last byte", 4, 6, "", TCP("5018") "616263", "2a=00", 0 },
	  PACKET_TCP, BIT(BAD_CHECKSUM), false, 0, 0 },
	{ { "P-3 copy not whole", 4, 6, "", DATA, "24=0000", 0 }, PACKET_TCP, 0, false, 1, 0 },
	{ { "P-3 not ready", 4, 6, "", DATA, "24=0000", PACKET_MARK_CSUM_NOT_READY }, PACKET_TCP, 0, false, 0, 0 },
	{ { "P-3 an aggregate has no sum", 4, 6, "", DATA, "24=0000", PACKET_MARK_GSO }, PACKET_TCP, 0, false, 0, 0 },
	/* 0a00 + 0001 + 0a00 + 0002 + 6 + 28 = 1425 */
	{ { "P-3 pseudo-header sum in a capture", 4, 6, "", DATA, "24=1425", PACKET_MARK_CAPTURE },
	  PACKET_TCP, 0, false, 0, 0 },
	{ { "P-3 pseudo-header sum in the queue", 4, 6, "", DATA, "24=1425", 0 },
	  PACKET_TCP, BIT(BAD_CHECKSUM), false, 0, 0 },
	{ { "P-3 wrong sum in a capture", 4, 6, "", DATA, "24=1426", PACKET_MARK_CAPTURE },
	  PACKET_TCP, BIT(BAD_CHECKSUM), false, 0, 0 },
	/* P-5, P-6 */
	{ { "P-5 ack without ACK", 4, 6, "", TCP("5002"), "", 0 }, PACKET_TCP, BIT(BROKEN_ACK), false, 0, 0 },
	{ { "P-6 AE is not reserved", 4, 6, "", TCP("5110"), "", 0 }, PACKET_TCP, 0, false, 0, 0 },
	{ { "P-6 first reserved bit", 4, 6, "", TCP("5810"), "", 0 }, PACKET_TCP, BIT(RESERVED_BITS), false, 0, 0 },
	{ { "P-6 second reserved bit", 4, 6, "", TCP("5410"), "", 0 }, PACKET_TCP, BIT(RESERVED_BITS), false, 0, 0 },
	{ { "P-6 third reserved bit", 4, 6, "", TCP("5210"), "", 0 }, PACKET_TCP, BIT(RESERVED_BITS), false, 0, 0 },
	{ { "P-6 pointer without URG", 4, 6, "", "9c400050000003e8000013895010ffff00000001", "", 0 },
	  PACKET_TCP, BIT(RESERVED_BITS), false, 0, 0 },
	{ { "P-6 pointer with URG", 4, 6, "", "9c400050000003e8000013895030ffff00000001", "", 0 },
	  PACKET_TCP, 0, false, 0, 0 },
	/* P-8 */
	{ { "P-8 source port 0", 4, 6, "", SYN, "14=0000", PACKET_MARK_CSUM_NOT_READY },
	  PACKET_TCP, BIT(BAD_ADDRESS), false, 0, 0 },
	{ { "P-8 destination port 0", 4, 6, "", SYN, "16=0000", PACKET_MARK_CSUM_NOT_READY },
	  PACKET_TCP, BIT(BAD_ADDRESS), false, 0, 0 },
	{ { "P-8 LAND", 4, 6, "", SYN, "10=0a000001 14=0050", PACKET_MARK_CSUM_NOT_READY },
	  PACKET_TCP, BIT(BAD_ADDRESS), false, 0, 0 },
	{ { "P-8 loopback is not LAND", 4, 6, "", SYN, "10=0a000001", PACKET_MARK_CSUM_NOT_READY },
	  PACKET_TCP, 0, false, 0, 0 },
	{ { "P-8 multicast", 4, 6, "", SYN, "10=efffffff", PACKET_MARK_CSUM_NOT_READY },
	  PACKET_TCP, BIT(BAD_ADDRESS), false, 0, 0 },
	{ { "P-8 240/4 is not multicast", 4, 6, "", SYN, "10=f0000001", PACKET_MARK_CSUM_NOT_READY },
	  PACKET_TCP, 0, false, 0, 0 },
	{ { "P-8 broadcast", 4, 6, "", SYN, "10=ffffffff", PACKET_MARK_CSUM_NOT_READY },
	  PACKET_TCP, BIT(BAD_ADDRESS), false, 0, 0 },
	{ { "P-8 IPv6 multicast", 6, 6, "", SYN, "18=ff02", PACKET_MARK_CSUM_NOT_READY },
	  PACKET_TCP, BIT(BAD_ADDRESS), false, 0, 0 },
	/* P-9 */
	{ { "P-9 complete first fragment", 4, 6, "", DATA, "6=2000", 0 }, PACKET_TCP, BIT(FRAGMENT), false, 0, 0 },
	{ { "P-9 the sum is over all fragments", 4, 6, "", DATA, "6=2000 2f=00", 0 },
	  PACKET_TCP, BIT(FRAGMENT), false, 0, 0 },
	{ { "P-9 first fragment, header cut", 4, 6, "", TCP_NO_ACK("5002"), "2=0027 6=2000", 0 },
	  PACKET_BAD, BIT(FRAGMENT), true, 0, 0 },
	{ { "P-9 first fragment, options cut", 4, 6, "", TCP_NO_ACK("6002"), "6=2000", 0 },
	  PACKET_BAD, BIT(FRAGMENT), true, 0, 0 },
	{ { "P-9 offset 1", 4, 6, "", DATA, "6=0001", 0 }, PACKET_BAD, BIT(FRAGMENT), true, 0, 0 },
	{ { "P-9 later fragment", 4, 6, "", DATA, "6=20b9", 0 }, PACKET_BAD, BIT(FRAGMENT), true, 0, 0 },
	{ { "P-9 last possible fragment", 4, 6, "", DATA, "6=1000", 0 }, PACKET_BAD, BIT(FRAGMENT), true, 0, 0 },
	{ { "P-9 don't fragment is none", 4, 6, "", DATA, "6=4000", 0 }, PACKET_TCP, 0, false, 0, 0 },
	{ { "P-9 complete first fragment, IPv6", 6, 44, "0600000100000001", DATA, "", 0 },
	  PACKET_TCP, BIT(FRAGMENT), false, 0, 0 },
	{ { "P-9 later fragment, IPv6", 6, 44, "060005c900000001", DATA, "", 0 },
	  PACKET_BAD, BIT(FRAGMENT), true, 0, 0 },
	{ { "P-9 later fragment of UDP, IPv6", 6, 44, "110005c900000001", DATA, "", 0 }, PACKET_OTHER, 0, false, 0, 0 },
	{ { "P-9 atomic fragment, IPv6", 6, 44, "0600000000000001", DATA, "", 0 }, PACKET_TCP, 0, false, 0, 0 },
	{ { "P-9 atomic after a first fragment, IPv6", 6, 44, "2c00000100000001" "0600000000000001", DATA, "", 0 },
	  PACKET_TCP, BIT(FRAGMENT), false, 0, 0 },
	{ { "P-9 first fragment without the chain, IPv6", 6, 44, "3c00000100000001" "0602000000000000", "", "", 0 },
	  PACKET_BAD, BIT(FRAGMENT), true, 0, 0 },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void decode_row(const struct expectation *row, struct packet *packet)
{
	struct sample_bytes bytes;

	sample_build(&row->sample, &bytes);
	bytes.size += row->padding;
	sample_decode(bytes.data, bytes.size - row->cut, bytes.size, row->sample.marks, true, packet);
}

static void finds_what_each_rule_says(void **state)
{
	(void)state;
	for (size_t n = 0; n < ROWS; n++) {
		const struct expectation *row = &rows[n];
		struct packet packet;

		decode_row(row, &packet);
		if (packet.kind != row->kind || packet.findings != row->findings ||
		    packet.fragment_fixed != row->fragment_fixed)
			fail_msg("%s: kind %d findings %#llx fixed %d", row->sample.name, (int)packet.kind,
				 (unsigned long long)packet.findings, packet.fragment_fixed);
		sample_check_sane(&packet, row->sample.marks);
	}
}

/* P-4: of the 32 sets of FIN SYN RST ACK URG nine are legal; PSH ECE CWR AE make no difference. */
static void knows_the_legal_flags(void **state)
{
	static const uint16_t legal[] = { 0x02, 0x22, 0x12, 0x04, 0x14, 0x11, 0x31, 0x10, 0x30 };

	(void)state;
	for (unsigned flags = 0; flags < 0x200; flags++) {
		struct sample sample = { "", 4, 6, "", SYN, "", PACKET_MARK_CSUM_NOT_READY };
		struct sample_bytes bytes;
		struct packet packet;
		bool expected = false;

		for (size_t n = 0; n < sizeof(legal) / sizeof(legal[0]); n++)
			expected |= legal[n] == (flags & 0x37);
		sample_build(&sample, &bytes);
		store_be16(bytes.data + 32, (uint16_t)(0x5000 | flags));
		sample_decode(bytes.data, bytes.size, bytes.size, sample.marks, true, &packet);
		assert_int_equal(packet.segment.flags, flags);
		assert_int_equal(!(packet.findings & BIT(BAD_FLAGS)), expected);
	}
}

static void puts_a_segment_into_normal_form(void **state)
{
	static const struct {
		const char *tcp;
		uint32_t ack, len, next;
		enum segment_kind kind;
	} forms[] = {
		{ TCP_NO_ACK("5002"), 0, 0, 1001, SEGMENT_SYN },
		{ TCP("5002"), 0, 0, 1001, SEGMENT_SYN }, /* P-5: the field is ignored */
		{ TCP_NO_ACK("5002") "6162", 0, 2, 1003, SEGMENT_SYN },
		{ TCP("5012"), 5001, 0, 1001, SEGMENT_SYNACK },
		{ TCP("5010"), 5001, 0, 1000, SEGMENT_ACK },
		{ TCP("5018") "616263", 5001, 3, 1003, SEGMENT_ACK },
		{ TCP("5011") "616263", 5001, 3, 1004, SEGMENT_FIN },
		{ TCP("5014") "616263", 5001, 0, 1000, SEGMENT_RST }, /* N-4 */
		{ TCP("5017"), 5001, 0, 1002, SEGMENT_RST },          /* N-5: RST first */
		{ TCP_NO_ACK("5008") "61", 0, 1, 1001, SEGMENT_NONE },
		{ TCP("6010") "01010101" "6162", 5001, 2, 1002, SEGMENT_ACK }, /* N-2: options are no payload */
	};

	(void)state;
	for (size_t n = 0; n < sizeof(forms) / sizeof(forms[0]); n++) {
		struct expectation row = { .sample = { "", 4, 6, "", forms[n].tcp, "", 0 } };
		struct packet packet;

		decode_row(&row, &packet);
		assert_int_equal(packet.kind, PACKET_TCP);
		assert_int_equal(packet.segment.kind, forms[n].kind);
		assert_int_equal(packet.segment.seq, 1000);
		assert_int_equal(packet.segment.ack, forms[n].ack);
		assert_int_equal(packet.segment.len, forms[n].len);
		assert_int_equal(packet.segment.next, forms[n].next);
		assert_int_equal(packet.segment.window, 65535);
		assert_int_equal(packet.segment.ttl, 64);
		assert_int_equal(packet.src_port, 40000);
		assert_int_equal(packet.dst_port, 80);
		assert_int_equal(packet.zone, 7);
	}
}

static void tells_the_addresses(void **state)
{
	static const uint8_t mapped[16] = { [10] = 0xff, 0xff, 10, 0, 0, 1 };
	static const uint8_t native[16] = { 0xfd, [15] = 2 };
	struct packet packet;

	(void)state;
	decode_row(&rows[0], &packet);
	assert_true(packet.has_addresses);
	assert_int_equal(packet.family, 4);
	assert_int_equal(packet.length, 40);
	assert_memory_equal(packet.src, mapped, 16);
	decode_row(&rows[1], &packet);
	assert_true(packet.has_addresses);
	assert_int_equal(packet.family, 6);
	assert_int_equal(packet.length, 60);
	assert_memory_equal(packet.dst, native, 16);
}

/* N-1, N-2, N-6: lengths are those of the packet, not of the copy nor of the frame. */
static void takes_the_true_length(void **state)
{
	static const struct {
		const char *patches;
		size_t captured, length;
		unsigned marks;
		uint32_t ip_length, len;
	} lengths[] = {
		{ "", 48, 48, 0, 48, 8 },
		{ "", 48, 60, 0, 48, 8 },                         /* padding */
		{ "2=05dc", 48, 1500, 0, 1500, 1460 },            /* copy range */
		{ "2=05dc", 48, 48, PACKET_MARK_CAPTURE, 1500, 1460 }, /* snaplen */
		{ "2=0000", 48, 200040, PACKET_MARK_GSO, 200040, 200000 },
		{ "2=0000", 48, 3000, PACKET_MARK_CAPTURE, 3000, 2960 },
		{ "2=05dc", 48, 1400, PACKET_MARK_GSO, 1400, 1360 },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(lengths) / sizeof(lengths[0]); n++) {
		struct sample sample = { "", 4, 6, "", DATA, lengths[n].patches, 0 };
		struct sample_bytes bytes;
		struct packet packet;

		sample_build(&sample, &bytes);
		bytes.size = lengths[n].captured;
		sample_decode(bytes.data, lengths[n].captured, lengths[n].length, lengths[n].marks, true, &packet);
		assert_int_equal(packet.kind, PACKET_TCP);
		assert_int_equal(packet.findings, 0);
		assert_int_equal(packet.length, lengths[n].ip_length);
		assert_int_equal(packet.segment.len, lengths[n].len);
	}
}

/* The example of RFC 1071 3, an odd last byte, a carry out of the fold. */
static void sums_as_rfc_1071_says(void **state)
{
	static const uint8_t example[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };
	static const uint8_t mapped[16] = { [10] = 0xff, 0xff, 10, 0, 0, 1 };

	(void)state;
	assert_int_equal(checksum_fold(checksum_add(0, example, 8)), 0xddf2);
	assert_int_equal(checksum_fold(checksum_add(0, example, 6)), 0xe6fa);
	assert_int_equal(checksum_fold(checksum_add(0, example, 7)), 0xdcfb);
	assert_int_equal(checksum_fold(checksum_add(0, example + 1, 1)), 0x0100);
	assert_int_equal(checksum_fold(UINT64_C(0x1ffffffff)), 1);
	assert_int_equal(checksum_fold(checksum_pseudo(4, mapped, mapped, 6, 20)), 0x141c);
	assert_int_equal(checksum_fold(checksum_pseudo(6, mapped, mapped, 6, 20)), 0x141c);
}

static void verifies_sums_only_when_asked(void **state)
{
	const struct sample sample = { "", 4, 6, "", DATA, "24=0000", 0 };
	struct sample_bytes bytes;
	struct packet packet;

	(void)state;
	sample_build(&sample, &bytes);
	sample_decode(bytes.data, bytes.size, bytes.size, 0, false, &packet);
	assert_int_equal(packet.findings, 0);
}

/* 16 extension headers are walked, the 17th is too many. */
static void bounds_the_chain(void **state)
{
	(void)state;
	for (size_t count = 15; count <= 18; count++) {
		char chain[18 * 16 + 1] = "";
		struct sample sample = { "", 6, 60, chain, SYN, "", 0 };
		struct sample_bytes bytes;
		struct packet packet;

		for (size_t n = 0; n < count; n++)
			strcat(chain, n + 1 < count ? "3c00010400000000" : "0600010400000000");
		sample_build(&sample, &bytes);
		sample_decode(bytes.data, bytes.size, bytes.size, 0, true, &packet);
		assert_int_equal(packet.kind, count <= 16 ? PACKET_TCP : PACKET_BAD);
	}
}

static void survives_any_cut(void **state)
{
	(void)state;
	for (size_t n = 0; n < ROWS; n++)
		sample_cut_everywhere(&rows[n].sample);
}

/* xorshift (Marsaglia 2003): the same bytes in every run. */
static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static void survives_random_bytes(void **state)
{
	uint32_t seed = 20240607;

	(void)state;
	for (int round = 0; round < 100000; round++) {
		const size_t size = next_random(&seed) % 160;
		const unsigned marks = next_random(&seed) % 8;
		uint8_t data[160];
		struct packet packet;

		for (size_t n = 0; n < size; n++)
			data[n] = (uint8_t)next_random(&seed);
		if (size > 9) {
			data[0] = round & 1 ? 0x45 : 0x60;
			data[round & 1 ? 9 : 6] = (uint8_t)"\x06\x01\x3a\x2c\x00\x2b\x3c\x33"[next_random(&seed) % 8];
			if (round & 1)
				store_be16(data + 2, (uint16_t)size);
			else
				store_be16(data + 4, (uint16_t)(size > 40 ? size - 40 : 0));
		}
		sample_decode(data, size, size + next_random(&seed) % 3, marks, true, &packet);
		sample_check_sane(&packet, marks);
	}
}

static void survives_random_damage(void **state)
{
	uint32_t seed = 793;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		const struct sample *sample = &rows[next_random(&seed) % ROWS].sample;
		const unsigned marks = next_random(&seed) % 8;
		struct sample_bytes bytes;
		struct packet packet;
		size_t cut;

		sample_build(sample, &bytes);
		for (unsigned n = next_random(&seed) % 4; n > 0; n--)
			bytes.data[next_random(&seed) % bytes.size] = (uint8_t)next_random(&seed);
		cut = next_random(&seed) % 2 ? next_random(&seed) % bytes.size : 0;
		sample_decode(bytes.data, bytes.size - cut, bytes.size, marks, true, &packet);
		sample_check_sane(&packet, marks);
	}
}

static void writes_flags_in_their_order(void **state)
{
	char word[9];

	(void)state;
	packet_flags_word(0x1ff, word);
	assert_string_equal(word, "SFRPUAEC");
	packet_flags_word(TCP_SYN | TCP_ACK, word);
	assert_string_equal(word, "SA");
	packet_flags_word(TCP_AE, word);
	assert_string_equal(word, "-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_each_rule_says),
		cmocka_unit_test(knows_the_legal_flags),
		cmocka_unit_test(puts_a_segment_into_normal_form),
		cmocka_unit_test(tells_the_addresses),
		cmocka_unit_test(takes_the_true_length),
		cmocka_unit_test(sums_as_rfc_1071_says),
		cmocka_unit_test(verifies_sums_only_when_asked),
		cmocka_unit_test(bounds_the_chain),
		cmocka_unit_test(survives_any_cut),
		cmocka_unit_test(survives_random_bytes),
		cmocka_unit_test(survives_random_damage),
		cmocka_unit_test(writes_flags_in_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
