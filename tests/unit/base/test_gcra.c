/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exactly the burst at once, exactly the rate afterwards, at every rate and time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/gcra.h"

static bool pass(uint64_t *tat, uint64_t now_ns, uint64_t rate, uint64_t burst)
{
	if (gcra_exceeded(*tat, now_ns, rate, burst))
		return false;
	*tat = gcra_charged(*tat, now_ns, rate);
	return true;
}

static unsigned pass_many(uint64_t *tat, uint64_t now_ns, uint64_t rate, uint64_t burst, unsigned tries)
{
	unsigned passed = 0;

	for (unsigned i = 0; i < tries; i++)
		passed += pass(tat, now_ns, rate, burst);
	return passed;
}

static void burst_passes_at_once(void **state)
{
	static const uint64_t rates[] = { 1, 3, 10, 999, 1000000 };
	static const uint64_t bursts[] = { 1, 2, 20, 1000 };
	static const uint64_t times[] = { 0, 1, NS_PER_S, UINT64_C(1) << 63 };

	(void)state;
	for (unsigned r = 0; r < 5; r++)
		for (unsigned b = 0; b < 4; b++)
			for (unsigned t = 0; t < 4; t++) {
				uint64_t tat = 0;

				assert_int_equal(pass_many(&tat, times[t], rates[r], bursts[b], 2000), bursts[b]);
			}
}

static void rate_holds_over_an_hour(void **state)
{
	uint64_t tat = 0;
	unsigned passed = 0;

	(void)state;
	for (uint64_t ms = 0; ms < 3600 * 1000; ms += 7)
		passed += pass_many(&tat, ms * NS_PER_MS, 10, 20, 2);
	assert_in_range(passed, 36000 + 18, 36000 + 20);
}

static void highest_rate(void **state)
{
	uint64_t tat = 0;
	unsigned passed = 0;

	(void)state;
	for (uint64_t now_ns = 0; now_ns < 100 * NS_PER_MS; now_ns += 500)
		passed += pass(&tat, now_ns, 1000000, 1);
	assert_int_equal(passed, 100000);
}

static void refusal_is_free(void **state)
{
	uint64_t tat = 0;

	(void)state;
	assert_int_equal(pass_many(&tat, 0, 1, 3, 1000), 3);
	assert_false(pass(&tat, NS_PER_S - 1, 1, 3));
	assert_int_equal(pass_many(&tat, NS_PER_S, 1, 3, 1000), 1);
	assert_int_equal(pass_many(&tat, 10 * NS_PER_S, 1, 3, 1000), 3);
}

static void no_limit(void **state)
{
	uint64_t tat = 5;

	(void)state;
	assert_int_equal(pass_many(&tat, 0, 0, 1, 1000), 1000);
	assert_true(tat == 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(burst_passes_at_once), cmocka_unit_test(rate_holds_over_an_hour),
		cmocka_unit_test(highest_rate),		cmocka_unit_test(refusal_is_free),
		cmocka_unit_test(no_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
