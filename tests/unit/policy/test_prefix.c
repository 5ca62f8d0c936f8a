/* SPDX-License-Identifier: GPL-2.0-or-later */
/* prefixes of IPv6 and IPv4-mapped addresses, at every length. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "policy/prefix.h"

static const uint8_t ones[16] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };

static void mapped(uint8_t address[16], uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	const uint8_t bytes[16] = { [10] = 0xff, [11] = 0xff, [12] = a, [13] = b, [14] = c, [15] = d };

	memcpy(address, bytes, sizeof bytes);
}

static void masks_every_length(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits <= 128; bits++) {
		uint8_t masked[16];
		unsigned set = 0;

		prefix_mask(masked, ones, bits);
		for (unsigned i = 0; i < 128; i++)
			if (masked[i / 8] & (0x80u >> (i % 8))) {
				assert_true(i < bits);
				set++;
			}
		assert_int_equal(set, bits);
		memcpy(masked, ones, sizeof masked);
		prefix_mask(masked, masked, bits);
		assert_int_equal(masked[bits / 8 < 15 ? 15 : 0], bits / 8 < 15 ? 0 : 255);
	}
}

static void contains_every_length(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits <= 128; bits++) {
		struct prefix prefix = { .bits = (uint8_t)bits };

		prefix_mask(prefix.address, ones, bits);
		for (unsigned i = 0; i < 128; i++) {
			uint8_t address[16];

			memcpy(address, ones, sizeof address);
			address[i / 8] ^= (uint8_t)(0x80u >> (i % 8));
			assert_int_equal(prefix_contains(&prefix, address), i >= bits);
		}
		assert_true(prefix_contains(&prefix, ones));
	}
}

static void list_of_prefixes(void **state)
{
	struct setting_list list = { .count = 0 };
	uint8_t address[16];

	(void)state;
	mapped(address, 10, 1, 2, 3);
	assert_false(prefix_list_contains(&list, address));
	list.count = 2;
	mapped(list.prefix[0].address, 192, 168, 0, 0);
	list.prefix[0].bits = 96 + 16;
	mapped(list.prefix[1].address, 10, 1, 0, 0);
	list.prefix[1].bits = 96 + 16;
	assert_true(prefix_list_contains(&list, address));
	mapped(address, 10, 2, 2, 3);
	assert_false(prefix_list_contains(&list, address));
}

static void subjects_of_ipv4(void **state)
{
	struct settings settings;
	struct subject source, network;
	uint8_t address[16], expected[16];

	(void)state;
	settings_defaults(&settings);
	mapped(address, 10, 1, 2, 3);
	source = subject_of_source(&settings, address);
	assert_int_equal(source.bits, 128);
	assert_int_equal(source.port, 0);
	assert_memory_equal(source.address, address, 16);
	network = subject_of_network(&settings, address);
	assert_int_equal(network.bits, 96 + 24);
	mapped(expected, 10, 1, 2, 0);
	assert_memory_equal(network.address, expected, 16);
	settings.syn_flood_source_prefix4 = 9;
	source = subject_of_source(&settings, ones);
	assert_int_equal(source.bits, 64);
	mapped(address, 10, 0xff, 2, 3);
	mapped(expected, 10, 0x80, 0, 0);
	source = subject_of_source(&settings, address);
	assert_int_equal(source.bits, 96 + 9);
	assert_memory_equal(source.address, expected, 16);
}

static void subjects_of_ipv6(void **state)
{
	static const uint8_t address[16] = { 0x20, 0x01, 0x0d, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
	struct settings settings;
	struct subject subject;
	uint8_t expected[16] = { 0x20, 0x01, 0x0d, 0xb8, 1, 2, 3, 4 };

	(void)state;
	settings_defaults(&settings);
	subject = subject_of_source(&settings, address);
	assert_int_equal(subject.bits, 64);
	assert_memory_equal(subject.address, expected, 16);
	subject = subject_of_network(&settings, address);
	assert_int_equal(subject.bits, 48);
	expected[6] = expected[7] = 0;
	assert_memory_equal(subject.address, expected, 16);
	subject = subject_of_destination(address, 443);
	assert_int_equal(subject.bits, 128);
	assert_int_equal(subject.port, 443);
	assert_memory_equal(subject.address, address, 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(masks_every_length), cmocka_unit_test(contains_every_length),
		cmocka_unit_test(list_of_prefixes),   cmocka_unit_test(subjects_of_ipv4),
		cmocka_unit_test(subjects_of_ipv6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
