/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Header fields for EVE's drop records: where they stand, and nothing behind the end of a packet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report/header_record.h"

/* Behind an IPv4 header of 24 bytes. */
static const uint8_t ipv4[] = {
	0x46, 0x08, 0x00, 0x2c, 0x12, 0x67, 0x40, 0x00, 0x3f, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 1, 1, 1, 0,
	0x9c, 0x40, 0x00, 0x50, 0, 0, 0, 1, 0, 0, 0, 2, 0x53, 0x10, 0x01, 0xf6, 0, 0, 0x00, 0x07,
};
static const uint8_t ipv6[] = {
	0x6a, 0xb1, 0x23, 0x45, 0x00, 0x14, 6, 0x40, 0xfd, 9, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
	0xfd, 9, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
	0x9c, 0x40, 0x00, 0x50, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x10, 0x02, 0x00, 0, 0, 0x00, 0x00,
};

/* From a buffer of exactly this size: the sanitizer sees who reads on. */
static struct header_record read_first(const uint8_t *data, size_t size)
{
	struct packet_bytes packet = { .captured = size, .length = size };
	struct header_record header;
	uint8_t *copy = malloc(size + (size == 0));

	assert_non_null(copy);
	memcpy(copy, data, size);
	packet.data = copy;
	header_record_read(&header, &packet);
	free(copy);
	return header;
}

static void the_fields_are_read(void **state)
{
	struct header_record header = read_first(ipv4, sizeof ipv4);

	(void)state;
	assert_int_equal(header.version, 4);
	assert_int_equal(header.tos, 8);
	assert_int_equal(header.length, 44);
	assert_int_equal(header.id, 0x1267);
	assert_int_equal(header.ttl, 63);
	assert_true(header.has_tcp);
	assert_int_equal(header.reserved, 3);
	assert_int_equal(header.window, 502);
	assert_int_equal(header.urgent, 7);
	header = read_first(ipv6, sizeof ipv6);
	assert_int_equal(header.version, 6);
	assert_int_equal(header.tos, 0xab);
	assert_int_equal(header.flow_label, 0x12345);
	assert_int_equal(header.length, 20);
	assert_int_equal(header.ttl, 64);
	assert_true(header.has_tcp);
	assert_int_equal(header.window, 512);
}

/* The same with another protocol, type 3 and code 4 where the TCP header begins. */
static struct header_record read_as(uint8_t protocol, const uint8_t *data, size_t size)
{
	bool v4 = data == ipv4;
	uint8_t copy[sizeof ipv6];

	memcpy(copy, data, v4 ? sizeof ipv4 : sizeof ipv6);
	copy[v4 ? 9 : 6] = protocol;
	copy[v4 ? 24 : 40] = 3;
	copy[v4 ? 25 : 41] = 4;
	return read_first(copy, size);
}

static void of_icmp_type_and_code_are_read(void **state)
{
	static const struct {
		const uint8_t *data;
		size_t behind; /* the IP header */
		uint8_t protocol, other;
	} rows[] = { { ipv4, 24, 1, 58 }, { ipv6, 40, 58, 1 } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct header_record header = read_as(rows[i].protocol, rows[i].data, rows[i].behind + 8);

		assert_true(header.has_icmp && !header.has_tcp);
		assert_int_equal(header.icmp_type, 3);
		assert_int_equal(header.icmp_code, 4);
		assert_false(read_as(rows[i].protocol, rows[i].data, rows[i].behind + 7).has_icmp);
		assert_false(read_as(rows[i].other, rows[i].data, rows[i].behind + 8).has_icmp);
	}
}

static void what_is_cut_off_is_not_known(void **state)
{
	(void)state;
	for (size_t size = 0; size < sizeof ipv4; size++) {
		struct header_record header = read_first(ipv4, size);

		assert_int_equal(header.version, size < 20 ? 0 : 4);
		assert_false(header.has_tcp);
	}
	for (size_t size = 0; size < sizeof ipv6; size++) {
		struct header_record header = read_first(ipv6, size);

		assert_int_equal(header.version, size < 40 ? 0 : 6);
		assert_false(header.has_tcp);
	}
}

static void what_is_no_tcp_header_is_not_read_as_one(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} changes[] = {
		{ 0, 0x44 }, /* a header length below 20 */
		{ 0, 0x4f }, /* and one beyond the end */
		{ 7, 1 },    /* a later fragment */
		{ 9, 1 },    /* ICMP */
	};

	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		uint8_t copy[sizeof ipv4];

		memcpy(copy, ipv4, sizeof copy);
		copy[changes[i].at] = changes[i].value;
		struct header_record header = read_first(copy, sizeof copy);
		assert_int_equal(header.version, 4);
		assert_false(header.has_tcp);
	}
	struct header_record header;
	header_record_read(&header, NULL);
	assert_int_equal(header.version, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fields_are_read),
		cmocka_unit_test(of_icmp_type_and_code_are_read),
		cmocka_unit_test(what_is_cut_off_is_not_known),
		cmocka_unit_test(what_is_no_tcp_header_is_not_read_as_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
