/* SPDX-License-Identifier: GPL-2.0-or-later */
/* two rows, exceeded only if in both; charging apart from looking. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdatomic.h>

#include "base/units.h"
#include "policy/buckets.h"

#define WIDTH 1024

static const struct hash_key key = { 1, 2 };

static struct subject subject_number(uint16_t number)
{
	return (struct subject){ .address = { 10 }, .port = number, .bits = 128 };
}

static bool pass(struct buckets *buckets, const struct slots *slots, uint64_t now_ns, uint64_t rate,
		 uint64_t burst)
{
	if (buckets_exceeded(buckets, slots, now_ns, rate, burst))
		return false;
	buckets_charge(buckets, slots, now_ns, rate, burst);
	return true;
}

static void rows_are_independent(void **state)
{
	struct rows rows;
	unsigned same_first = 0, same_both = 0;
	struct subject subject = subject_number(0);
	struct slots one;

	(void)state;
	rows_init(&rows, &key, WIDTH);
	one = rows_find(&rows, &subject);
	for (unsigned i = 1; i < 60000; i++) {
		struct slots slots;

		subject = subject_number((uint16_t)i);
		slots = rows_find(&rows, &subject);
		assert_in_range(slots.at[0], 0, WIDTH - 1);
		assert_in_range(slots.at[1], WIDTH, 2 * WIDTH - 1);
		same_first += slots.at[0] == one.at[0];
		same_both += slots.at[0] == one.at[0] && slots.at[1] == one.at[1];
	}
	assert_in_range(same_first, 20, 120); /* 59 expected */
	assert_in_range(same_both, 0, 3);     /* 0.06 expected */
}

static void every_slot_is_used(void **state)
{
	struct rows rows;
	bool used[2 * 1000] = { false };
	unsigned count = 0;

	(void)state;
	rows_init(&rows, &key, 1000);
	for (unsigned i = 0; i < 60000; i++) {
		struct subject subject = subject_number((uint16_t)i);
		struct slots slots = rows_find(&rows, &subject);

		used[slots.at[0]] = used[slots.at[1]] = true;
	}
	for (unsigned i = 0; i < 2 * 1000; i++)
		count += used[i];
	assert_int_equal(count, 2000);
}

static void exceeded_only_in_both_rows(void **state)
{
	static const struct slots first = { { 5, WIDTH + 5 } }, neighbour = { { 5, WIDTH + 6 } };
	struct buckets buckets;
	unsigned passed = 0;

	(void)state;
	assert_true(buckets_init(&buckets, WIDTH));
	for (unsigned i = 0; i < 100; i++)
		passed += pass(&buckets, &first, NS_PER_S, 1, 10);
	assert_int_equal(passed, 10);
	passed = 0;
	for (unsigned i = 0; i < 100; i++)
		passed += pass(&buckets, &neighbour, NS_PER_S, 1, 10);
	assert_int_equal(passed, 10);
	buckets_fini(&buckets);
}

static void charges_to_the_brim(void **state)
{
	static const struct slots slots = { { 0, WIDTH } };
	struct buckets buckets;

	(void)state;
	assert_true(buckets_init(&buckets, WIDTH));
	for (unsigned i = 0; i < 1000; i++)
		buckets_charge(&buckets, &slots, 0, 1, 10);
	assert_true(buckets_exceeded(&buckets, &slots, NS_PER_S - 1, 1, 10));
	assert_true(pass(&buckets, &slots, NS_PER_S, 1, 10));
	assert_false(pass(&buckets, &slots, NS_PER_S, 1, 10));
	buckets_fini(&buckets);
}

static void lowered_burst_forgives(void **state)
{
	static const struct slots slots = { { 0, WIDTH } };
	struct buckets buckets;

	(void)state;
	assert_true(buckets_init(&buckets, WIDTH));
	for (unsigned i = 0; i < 1000; i++)
		buckets_charge(&buckets, &slots, 0, 1, 1000);
	assert_true(buckets_exceeded(&buckets, &slots, 0, 1, 5));
	assert_true(buckets_exceeded(&buckets, &slots, NS_PER_S - 1, 1, 5));
	assert_false(buckets_exceeded(&buckets, &slots, NS_PER_S, 1, 5));
	buckets_fini(&buckets);
}

static void looking_charges_nothing(void **state)
{
	static const struct slots slots = { { 3, WIDTH + 3 } };
	struct buckets buckets;

	(void)state;
	assert_true(buckets_init(&buckets, WIDTH));
	for (unsigned i = 0; i < 100; i++)
		assert_false(buckets_exceeded(&buckets, &slots, 0, 1, 1));
	for (unsigned i = 0; i < 2 * WIDTH; i++)
		assert_true(atomic_load(&buckets.tat[i]) == 0);
	buckets_fini(&buckets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_independent),	     cmocka_unit_test(every_slot_is_used),
		cmocka_unit_test(exceeded_only_in_both_rows), cmocka_unit_test(charges_to_the_brim),
		cmocka_unit_test(lowered_burst_forgives),     cmocka_unit_test(looking_charges_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
