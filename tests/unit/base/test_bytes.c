/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers in network byte order, at every alignment and at their limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/bytes.h"
#include "base/units.h"

static void loads_network_order(void **state)
{
	static const uint8_t bytes[] = { 0xff, 0x01, 0x02, 0x03, 0x80, 0xfe };

	(void)state;
	assert_int_equal(load_be16(bytes), 0xff01);
	assert_int_equal(load_be16(bytes + 1), 0x0102);
	assert_int_equal(load_be32(bytes), 0xff010203);
	assert_int_equal(load_be32(bytes + 1), 0x01020380);
	assert_int_equal(load_be32(bytes + 2), 0x020380fe);
}

static void loads_little_endian(void **state)
{
	static const uint8_t bytes[] = { 0, 0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x81 };

	(void)state;
	assert_true(load_le64(bytes + 1) == UINT64_C(0x8123456789abcdef));
}

static void stores_what_it_loads(void **state)
{
	static const uint32_t numbers[] = { 0, 1, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff };
	uint8_t room[8];

	(void)state;
	for (size_t shift = 0; shift < 4; shift++) {
		for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
			store_be32(room + shift, numbers[i]);
			assert_int_equal(load_be32(room + shift), numbers[i]);
			store_be16(room + shift, (uint16_t)numbers[i]);
			assert_int_equal(load_be16(room + shift), (uint16_t)numbers[i]);
		}
	}
}

static void stores_only_its_bytes(void **state)
{
	uint8_t room[6] = { 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa };

	(void)state;
	store_be32(room + 1, 0x01020304);
	assert_int_equal(room[0], 0xaa);
	assert_int_equal(room[1], 1);
	assert_int_equal(room[4], 4);
	assert_int_equal(room[5], 0xaa);
	store_be16(room + 2, 0x0506);
	assert_int_equal(room[1], 1);
	assert_int_equal(room[4], 4);
}

static void least_and_greatest(void **state)
{
	(void)state;
	assert_true(min_u64(0, UINT64_MAX) == 0 && min_u64(UINT64_MAX, 0) == 0);
	assert_true(max_u64(0, UINT64_MAX) == UINT64_MAX && max_u64(UINT64_MAX, 0) == UINT64_MAX);
	assert_true(min_u64(7, 7) == 7 && max_u64(7, 7) == 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loads_network_order),	 cmocka_unit_test(loads_little_endian),
		cmocka_unit_test(stores_what_it_loads),	 cmocka_unit_test(stores_only_its_bytes),
		cmocka_unit_test(least_and_greatest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
