/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Histograms: which bucket takes a duration, sums, merging, quantiles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/histogram.h"
#include "base/units.h"

static void bounds_rise(void **state)
{
	(void)state;
	for (int i = 1; i < HISTOGRAM_BOUNDS; i++)
		assert_true(histogram_bound_ns[i] > histogram_bound_ns[i - 1]);
	assert_true(histogram_bound_ns[HISTOGRAM_BOUNDS - 1] == 10 * NS_PER_S);
}

static void a_bound_belongs_to_its_bucket(void **state)
{
	struct histogram histogram = { 0 };

	(void)state;
	histogram_add(&histogram, 0, 1);
	histogram_add(&histogram, 1000, 2);
	histogram_add(&histogram, 1001, 3);
	histogram_add(&histogram, 10 * NS_PER_S, 4);
	histogram_add(&histogram, 10 * NS_PER_S + 1, 5);
	assert_int_equal(histogram.count[0], 3);
	assert_int_equal(histogram.count[1], 3);
	assert_int_equal(histogram.count[HISTOGRAM_BOUNDS - 1], 4);
	assert_int_equal(histogram.count[HISTOGRAM_BOUNDS], 5);
	assert_int_equal(histogram_count(&histogram), 15);
	assert_true(histogram.sum_ns == 2 * 1000 + 3 * 1001 + 9 * 10 * NS_PER_S + 5);
}

static void two_are_added_up(void **state)
{
	struct histogram sum = { 0 }, one = { 0 };

	(void)state;
	histogram_add(&sum, NS_PER_MS, 1);
	histogram_add(&one, NS_PER_MS, 2);
	histogram_add(&one, NS_PER_S, 1);
	histogram_merge(&sum, &one);
	assert_int_equal(histogram_count(&sum), 4);
	assert_true(sum.sum_ns == 3 * NS_PER_MS + NS_PER_S);
}

static void quantiles_are_upper_ends(void **state)
{
	struct histogram histogram = { 0 };

	(void)state;
	assert_int_equal(histogram_quantile_ns(&histogram, 50), 0);
	histogram_add(&histogram, 3 * NS_PER_US, 99);
	histogram_add(&histogram, 3 * NS_PER_MS, 1);
	assert_int_equal(histogram_quantile_ns(&histogram, 0), 5 * NS_PER_US);
	assert_int_equal(histogram_quantile_ns(&histogram, 50), 5 * NS_PER_US);
	assert_int_equal(histogram_quantile_ns(&histogram, 99), 5 * NS_PER_US);
	assert_int_equal(histogram_quantile_ns(&histogram, 100), 5 * NS_PER_MS);
	histogram_add(&histogram, 60 * NS_PER_S, 900);
	assert_true(histogram_quantile_ns(&histogram, 50) == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounds_rise),
		cmocka_unit_test(a_bound_belongs_to_its_bucket),
		cmocka_unit_test(two_are_added_up),
		cmocka_unit_test(quantiles_are_upper_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
