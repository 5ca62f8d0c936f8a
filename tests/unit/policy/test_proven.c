/* SPDX-License-Identifier: GPL-2.0-or-later */
/* proven sources: how long, and who goes when a set is full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/units.h"
#include "policy/proven.h"

#define TIME_S 60

static const struct hash_key key = { 5, 6 };

static struct subject source_number(uint8_t number)
{
	return (struct subject){ .address = { 10, [15] = number }, .bits = 128 };
}

static bool has(struct proven *proven, uint8_t number, uint64_t now_ns)
{
	struct subject source = source_number(number);

	return proven_has(proven, &source, now_ns, TIME_S);
}

static void add(struct proven *proven, uint8_t number, uint64_t now_ns)
{
	struct subject source = source_number(number);

	proven_add(proven, &source, now_ns, TIME_S);
}

static void proof_expires(void **state)
{
	struct proven proven;

	(void)state;
	assert_true(proven_init(&proven, &key, 1024));
	assert_false(has(&proven, 1, 0));
	add(&proven, 1, 0);
	assert_true(has(&proven, 1, 0));
	assert_false(has(&proven, 2, 0));
	assert_true(has(&proven, 1, TIME_S * NS_PER_S));
	assert_false(has(&proven, 1, (TIME_S + 1) * NS_PER_S));
	add(&proven, 1, 70 * NS_PER_S);
	assert_true(has(&proven, 1, 130 * NS_PER_S));
	assert_false(has(&proven, 1, 131 * NS_PER_S));
	proven_fini(&proven);
}

/* Being looked up is a use, but proves nothing. */
static void use_does_not_prolong(void **state)
{
	struct proven proven;

	(void)state;
	assert_true(proven_init(&proven, &key, 4));
	add(&proven, 1, 0);
	for (uint64_t s = 1; s <= TIME_S; s++)
		assert_true(has(&proven, 1, s * NS_PER_S));
	assert_false(has(&proven, 1, (TIME_S + 1) * NS_PER_S));
	proven_fini(&proven);
}

static void least_recently_used_goes(void **state)
{
	struct proven proven;

	(void)state;
	assert_true(proven_init(&proven, &key, 4)); /* one set of four */
	for (uint8_t i = 1; i <= 4; i++)
		add(&proven, i, i * NS_PER_MS);
	assert_true(has(&proven, 1, 10 * NS_PER_MS));
	assert_true(has(&proven, 2, 11 * NS_PER_MS));
	add(&proven, 5, 20 * NS_PER_MS);
	assert_false(has(&proven, 3, 21 * NS_PER_MS));
	add(&proven, 1, 22 * NS_PER_MS); /* again: no place taken */
	for (uint8_t i = 1; i <= 5; i++)
		assert_int_equal(has(&proven, i, (30 + i) * NS_PER_MS), i != 3);
	proven_fini(&proven);
}

static void expired_one_goes_first(void **state)
{
	struct proven proven;

	(void)state;
	assert_true(proven_init(&proven, &key, 4));
	add(&proven, 1, 0);
	for (uint8_t i = 2; i <= 4; i++)
		add(&proven, i, 30 * NS_PER_S);
	assert_true(has(&proven, 1, 60 * NS_PER_S)); /* last used of all, and then expired */
	add(&proven, 5, 62 * NS_PER_S);
	for (uint8_t i = 2; i <= 5; i++)
		assert_true(has(&proven, i, 63 * NS_PER_S));
	proven_fini(&proven);
}

/* Millisecond 2^32 is day 49. */
static void time_of_use_wraps(void **state)
{
	const uint64_t wrap_ns = (UINT64_C(1) << 32) * NS_PER_MS;
	struct proven proven;

	(void)state;
	assert_true(proven_init(&proven, &key, 4));
	for (uint8_t i = 1; i <= 4; i++)
		add(&proven, i, wrap_ns + i * NS_PER_MS - 3 * NS_PER_MS); /* two before, two after */
	add(&proven, 5, wrap_ns + 2 * NS_PER_MS);
	for (uint8_t i = 1; i <= 5; i++)
		assert_int_equal(has(&proven, i, wrap_ns + 3 * NS_PER_MS), i != 1);
	proven_fini(&proven);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proof_expires),	    cmocka_unit_test(use_does_not_prolong),
		cmocka_unit_test(least_recently_used_goes), cmocka_unit_test(expired_one_goes_first),
		cmocka_unit_test(time_of_use_wraps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
