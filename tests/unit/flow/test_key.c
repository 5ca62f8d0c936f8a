/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A flow has one key in both directions, and another one for everything that tells flows apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pool.h"

static const uint8_t low[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [15] = 1 };
static const uint8_t high[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [15] = 2 };

static void both_directions_are_one(void **state)
{
	struct flow_key one, other;

	(void)state;
	assert_false(flow_key_init(&one, low, high, 40000, 80, 4, 7));
	assert_true(flow_key_init(&other, high, low, 80, 40000, 4, 7));
	assert_true(flow_key_equal(&one, &other));
	assert_memory_equal(one.address[0], low, 16);
	assert_memory_equal(one.address[1], high, 16);
	assert_int_equal(one.port[0], 40000);
	assert_int_equal(one.port[1], 80);
	assert_int_equal(flow_key_hash(&one, &pool_secret), flow_key_hash(&other, &pool_secret));
}

/* The same address at both ends: the ports decide. */
static void one_address_twice(void **state)
{
	struct flow_key one, other;

	(void)state;
	assert_true(flow_key_init(&one, low, low, 40000, 80, 4, 0));
	assert_false(flow_key_init(&other, low, low, 80, 40000, 4, 0));
	assert_true(flow_key_equal(&one, &other));
}

static void everything_counts(void **state)
{
	struct flow_key key, other;

	(void)state;
	flow_key_init(&key, low, high, 40000, 80, 4, 7);
	for (unsigned i = 0; i < offsetof(struct flow_key, zero); i++) {
		other = key;
		((uint8_t *)&other)[i] ^= 1;
		assert_false(flow_key_equal(&key, &other));
		assert_int_not_equal(flow_key_hash(&key, &pool_secret), flow_key_hash(&other, &pool_secret));
	}
	flow_key_init(&other, low, high, 80, 40000, 4, 7); /* ports the other way round: another flow */
	assert_false(flow_key_equal(&key, &other));
	flow_key_init(&other, low, high, 40000, 80, 4, 8);
	assert_false(flow_key_equal(&key, &other));
	flow_key_init(&other, low, high, 40000, 80, 6, 7);
	assert_false(flow_key_equal(&key, &other));
}

static void hash_is_keyed(void **state)
{
	static const struct hash_key secret = { 1, 1 };
	struct flow_key key = pool_key(1);

	(void)state;
	assert_int_not_equal(flow_key_hash(&key, &pool_secret), flow_key_hash(&key, &secret));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_directions_are_one),
		cmocka_unit_test(one_address_twice),
		cmocka_unit_test(everything_counts),
		cmocka_unit_test(hash_is_keyed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
