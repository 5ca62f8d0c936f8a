/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules O and P-7: option lists and what is read from them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sample.h"

#define BAD (UINT64_C(1) << REASON_BAD_OPTION)
#define RANGE (UINT64_C(1) << REASON_WS_RANGE)
#define MSS OPTION_SEEN_MSS
#define SCALE OPTION_SEEN_SCALE
#define PERMITTED OPTION_SEEN_SACK_PERMITTED
#define TIME OPTION_SEEN_TIMESTAMP
#define SACK OPTION_SEEN_SACK
#define FAST_OPEN OPTION_SEEN_FAST_OPEN
#define MPTCP OPTION_SEEN_MPTCP
#define MD5 OPTION_SEEN_MD5
#define AO OPTION_SEEN_AO
#define ACCECN OPTION_SEEN_ACCECN

struct list {
	const char *name;
	uint16_t flags;
	const char *options; /* filled with zeroes to a multiple of four bytes */
	uint16_t seen;
	reason_set findings;
};

static const struct list lists[] = {
	{ "none", TCP_SYN, "", 0, 0 },
	{ "Linux SYN", TCP_SYN, "020405b4" "0402" "080a0000000100000000" "01" "030307",
	  MSS | PERMITTED | TIME | SCALE, 0 },
	{ "SYN+ACK", TCP_SYN | TCP_ACK, "020405b4" "0402" "01030307", MSS | PERMITTED | SCALE, 0 },
	{ "padded timestamp", TCP_ACK, "0101080a0000000100000002", TIME, 0 },
	{ "timestamp in another place", TCP_ACK, "080a00000001000000020101", TIME, 0 },
	{ "unknown option is skipped", TCP_SYN, "fd04abcd" "020405b4", MSS, 0 },
	{ "nothing is read behind the end", TCP_SYN, "01000000" "020405b4", 0, 0 },
	{ "what follows the end need not parse", TCP_SYN, "00020101", 0, 0 },
	/* O-2, O-3 */
	{ "O-2 only on SYN", TCP_ACK, "020405b4" "0402" "0303ff01" "2202", 0, 0 },
	{ "O-2 lengths do not matter there", TCP_ACK, "0203b401" "03040101", 0, 0 },
	{ "O-3 scale 14", TCP_SYN, "03030e", SCALE, 0 },
	{ "O-3 scale 15", TCP_SYN, "03030f", SCALE, RANGE },
	{ "O-3 scale 255", TCP_SYN | TCP_ACK, "0303ff", SCALE, RANGE },
	{ "O-2 MD5", TCP_SYN, "1312" "00112233445566778899aabbccddeeff", MD5, 0 },
	{ "O-2 AO", TCP_SYN, "1d10" "0102" "000102030405060708090a0b", AO, 0 },
	{ "O-2 AccECN, both orders", TCP_SYN | TCP_ACK, "ac05000001" "ae02", ACCECN, 0 },
	{ "O-2 MPTCP may repeat", TCP_SYN, "1e0c00810102030405060708" "1e03ff", MPTCP, 0 },
	{ "Fast Open request", TCP_SYN, "2202", FAST_OPEN, 0 },
	{ "Fast Open cookie of 8", TCP_SYN, "220a0123456789abcdef", FAST_OPEN, 0 },
	{ "Fast Open cookie of 16", TCP_SYN, "22120123456789abcdef0123456789abcdef", FAST_OPEN, 0 },
	{ "Fast Open cookie of 2", TCP_SYN, "22040123", 0, BAD },
	{ "Fast Open cookie of 5", TCP_SYN, "22070123456789", 0, BAD },
	{ "experimental Fast Open request", TCP_SYN, "fe04f989", FAST_OPEN, 0 },
	{ "experimental Fast Open cookie", TCP_SYN, "fe0cf9890123456789abcdef", FAST_OPEN, 0 },
	{ "experimental Fast Open, odd cookie", TCP_SYN, "fe0bf9890123456789abcd", 0, BAD },
	{ "another experiment", TCP_SYN, "fe05e2d400", 0, 0 },
	{ "an experiment without a number", TCP_SYN, "fe02", 0, 0 },
	/* O-1 */
	{ "O-1 duplicate", TCP_SYN, "020405b4" "02040200", MSS, BAD },
	{ "O-1 parsing goes on behind a duplicate", TCP_SYN, "020405b4" "02040200" "030307", MSS | SCALE, BAD },
	{ "O-1 duplicate timestamp", TCP_ACK, "080a0000000100000002" "080a0000000300000004", TIME, BAD },
	/* P-7 */
	{ "P-7 length 0", TCP_SYN, "020405b4" "02000000", MSS, BAD },
	{ "P-7 length 1", TCP_SYN, "03010204", 0, BAD },
	{ "P-7 overrun by one", TCP_SYN, "030307" "0606060606", SCALE, BAD },
	{ "P-7 overrun", TCP_ACK, "05220101", 0, BAD },
	{ "P-7 no length byte", TCP_ACK, "01010108", 0, BAD },
	{ "P-7 unknown option of length 0", TCP_ACK, "fd000000", 0, BAD },
	{ "P-7 wrong MSS length is skipped", TCP_SYN, "0203b4" "030307", SCALE, BAD },
	{ "P-7 wrong scale length is skipped", TCP_SYN, "03020402", PERMITTED, BAD },
	{ "P-7 wrong timestamp length", TCP_ACK, "0809000000010000000101", 0, BAD },
	{ "P-7 wrong SACK-permitted length", TCP_SYN, "040300", 0, BAD },
	{ "P-7 wrong MD5 length", TCP_SYN, "130400", 0, BAD },
	/* O-7: ack is 5001 = 0x1389 */
	{ "O-7 one block", TCP_ACK, "0101050a" "000013ed" "00001451", SACK, 0 },
	{ "O-7 without ACK", TCP_RST, "0101050a" "000013ed" "00001451", 0, 0 },
	{ "O-7 below ack", TCP_ACK, "0101050a" "000003e8" "00001389", 0, 0 },
	{ "O-7 length 8n+3", TCP_ACK, "050b" "000013ed" "00001451" "00", 0, BAD },
	{ "O-7 no block", TCP_ACK, "0502", 0, BAD },
};

enum { LISTS = sizeof(lists) / sizeof(lists[0]) };

/* A segment with these options. The data offset counts what they fill. */
static void build(const char *options, uint16_t flags, struct sample_bytes *bytes)
{
	const size_t words = (strlen(options) / 2 + 3) / 4;
	char upper[256];
	const struct sample sample = { "", 4, 6, "", upper, "", 0 };

	snprintf(upper, sizeof(upper), "9c400050" "000003e8" "%s" "%04x" "ffff00000000" "%s%.*s",
		 flags & TCP_ACK ? "00001389" : "00000000", (unsigned)((5 + words) << 12 | flags), options,
		 (int)(words * 8 - strlen(options)), "00000000");
	sample_build(&sample, bytes);
}

static void decode_list(const char *options, uint16_t flags, struct packet *packet)
{
	struct sample_bytes bytes;

	build(options, flags, &bytes);
	sample_decode(bytes.data, bytes.size, bytes.size, 0, true, packet);
	assert_int_equal(packet->kind, PACKET_TCP);
	sample_check_sane(packet, 0);
}

static void sees_what_a_list_holds(void **state)
{
	(void)state;
	for (size_t n = 0; n < LISTS; n++) {
		struct packet packet;

		decode_list(lists[n].options, lists[n].flags, &packet);
		if (packet.segment.options != lists[n].seen || packet.findings != lists[n].findings)
			fail_msg("%s: options %#x findings %#llx", lists[n].name, packet.segment.options,
				 (unsigned long long)packet.findings);
		assert_int_equal(packet.segment.len, 0);
	}
}

static void reads_values(void **state)
{
	struct packet packet;

	(void)state;
	decode_list("020405b4" "0402" "080a1234567889abcdef" "01" "030307", TCP_SYN, &packet);
	assert_int_equal(packet.segment.mss, 1460);
	assert_int_equal(packet.segment.scale, 7);
	assert_int_equal(packet.segment.tsval, 0x12345678);
	assert_int_equal(packet.segment.tsecr, 0x89abcdef);
	decode_list("0101080a1234567889abcdef", TCP_ACK, &packet);
	assert_int_equal(packet.segment.tsval, 0x12345678);
	assert_int_equal(packet.segment.tsecr, 0x89abcdef);
}

/* O-1: the first one wins. O-3: above 14 counts as 14. */
static void keeps_the_first_value_in_range(void **state)
{
	struct packet packet;

	(void)state;
	decode_list("020405b4" "02040200" "03030f" "030302", TCP_SYN, &packet);
	assert_int_equal(packet.segment.mss, 1460);
	assert_int_equal(packet.segment.scale, 14);
}

static void keeps_the_highest_sack_edge(void **state)
{
	static const struct {
		const char *options;
		uint32_t sack;
	} blocks[] = {
		{ "", 5001 },
		{ "0512" "00001451" "000014b5" "000013ed" "00001400", 5301 },
		{ "0512" "000013ed" "00001400" "00001451" "000014b5", 5301 },
		{ "0512" "000003e8" "00001000" "000013ed" "00001400", 5120 }, /* a duplicate first (RFC 2883) */
		{ "050a" "000003e8" "00001000", 5001 },
		{ "050a" "00001400" "80001389", 5001 },          /* half a space away is not after */
		{ "050a" "00001400" "80001388", 0x80001388 },
	};
	struct packet packet;

	(void)state;
	for (size_t n = 0; n < sizeof(blocks) / sizeof(blocks[0]); n++) {
		decode_list(blocks[n].options, TCP_ACK, &packet);
		assert_int_equal(packet.segment.sack, blocks[n].sack);
	}
}

/* A list cut by the copy is read as far as it goes, and is not bad. */
static void reads_what_a_copy_left(void **state)
{
	struct sample_bytes bytes;

	(void)state;
	build("020405b4" "0402" "080a0000000100000000" "01" "030307", TCP_SYN, &bytes);
	for (size_t cut = 1; cut <= 20; cut++) {
		const size_t left = 20 - cut;
		const unsigned seen = (left >= 4 ? MSS : 0u) | (left >= 6 ? PERMITTED : 0u) | (left >= 16 ? TIME : 0u);

		for (unsigned marks = 0; marks <= PACKET_MARK_CAPTURE; marks += PACKET_MARK_CAPTURE) {
			struct packet packet;

			sample_decode(bytes.data, bytes.size - cut, bytes.size, marks, true, &packet);
			assert_int_equal(packet.kind, PACKET_TCP);
			assert_int_equal(packet.findings, 0);
			assert_int_equal(packet.segment.options, seen);
		}
	}
}

static void survives_any_cut(void **state)
{
	(void)state;
	for (size_t n = 0; n < LISTS; n++) {
		struct sample_bytes bytes;
		struct packet packet;

		build(lists[n].options, lists[n].flags, &bytes);
		for (size_t cut = 0; cut <= bytes.size; cut++) {
			sample_decode(bytes.data, cut, bytes.size, 0, true, &packet);
			sample_check_sane(&packet, 0);
			sample_decode(bytes.data, cut, cut, PACKET_MARK_CAPTURE, true, &packet);
			sample_check_sane(&packet, PACKET_MARK_CAPTURE);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sees_what_a_list_holds),
		cmocka_unit_test(reads_values),
		cmocka_unit_test(keeps_the_first_value_in_range),
		cmocka_unit_test(keeps_the_highest_sack_edge),
		cmocka_unit_test(reads_what_a_copy_left),
		cmocka_unit_test(survives_any_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
