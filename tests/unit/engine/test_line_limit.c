/* SPDX-License-Identifier: GPL-2.0-or-later */
/* E-6: how many lines of a kind are written, by how fast they come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/units.h"
#include "engine/line_limit.h"

#define RATE 10

static const struct line_pace pace = { NS_PER_S / RATE, RATE, false, false };

/* Lines of `count` things that happen every interval_ms; *now_ns moves on. told: all things that lines stand for. */
static unsigned lines(struct line_limit *limit, uint64_t *now_ns, unsigned count, uint64_t interval_ms, uint64_t *told)
{
	unsigned written = 0;

	for (unsigned i = 0; i < count; i++, *now_ns += interval_ms * NS_PER_MS)
		if (line_limit_due(limit, *now_ns, &pace)) {
			written++;
			*told += 1 + limit->suppressed;
			limit->suppressed = 0;
		}
	return written;
}

static void seldom_things_are_all_told(void **state)
{
	struct line_limit limit = { 0 };
	uint64_t now_ns = NS_PER_S, told = 0;

	(void)state;
	assert_int_equal(lines(&limit, &now_ns, 1000, 100, &told), 1000);
	assert_int_equal(lines(&limit, &now_ns, RATE, 0, &told), RATE);
}

static void bursts_are_told_again_soon(void **state)
{
	struct line_limit limit = { 0 };
	uint64_t now_ns = NS_PER_S, told = 0;

	(void)state;
	assert_int_equal(lines(&limit, &now_ns, 500, 0, &told), RATE);
	now_ns += NS_PER_S / RATE;
	assert_int_equal(lines(&limit, &now_ns, 1, 0, &told), 1);
	assert_int_equal(told, 501);
}

/* A steady pace is a token bucket, for as long as there is more to tell. */
static void steady_lines_stay_as_frequent(void **state)
{
	static const struct line_pace steady = { NS_PER_S / RATE, RATE, .steady = true };
	struct line_limit limit = { 0 };
	unsigned written = 0;

	(void)state;
	for (uint64_t ms = 1000; ms < 121000; ms++)
		written += line_limit_due(&limit, ms * NS_PER_MS, &steady);
	assert_in_range(written, 120 * RATE + RATE - 1, 120 * RATE + RATE);
}

/* A flood of 1,000 a second for ten minutes: few lines at first, at last one a minute, and nothing is left out. */
static void floods_are_told_once_a_minute(void **state)
{
	struct line_limit limit = { 0 };
	uint64_t now_ns = NS_PER_S, told = 0;
	unsigned first;

	(void)state;
	first = lines(&limit, &now_ns, 120000, 1, &told);
	assert_in_range(first, RATE + 5, RATE + 8);
	assert_in_range(lines(&limit, &now_ns, 480000, 1, &told), 7, 8);
	assert_int_equal(told + limit.suppressed, 600000);
}

/* What comes seldom after a flood is told as ever, after one more line of the flood's. */
static void quiet_ends_it(void **state)
{
	struct line_limit limit = { 0 };
	uint64_t now_ns = NS_PER_S, told = 0;

	(void)state;
	lines(&limit, &now_ns, 300000, 1, &told);
	now_ns += 60 * NS_PER_S;
	assert_int_equal(lines(&limit, &now_ns, 1, 0, &told), 1);
	now_ns += 60 * NS_PER_S;
	assert_int_equal(lines(&limit, &now_ns, 100, 1000, &told), 100);
	assert_int_equal(told, 300101);
}

/* The same flood where it is expected: one line, one a second later, then one a minute. */
static void expected_ones_are_few_at_once(void **state)
{
	const struct line_pace expected = { NS_PER_S, 1, true, false };
	struct line_limit limit = { 0 };
	uint64_t written = 0, now_ns = NS_PER_S;

	(void)state;
	for (unsigned i = 0; i < 120000; i++, now_ns += NS_PER_MS)
		if (line_limit_due(&limit, now_ns, &expected)) {
			written++;
			limit.suppressed = 0;
		}
	assert_int_equal(written, 3);
}

static void rate_0_is_silence(void **state)
{
	const struct line_pace none = { 0, 0, false, false };
	struct line_limit limit = { 0 };

	(void)state;
	assert_false(line_limit_due(&limit, NS_PER_S, &none));
	assert_int_equal(limit.suppressed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seldom_things_are_all_told), cmocka_unit_test(bursts_are_told_again_soon),
		cmocka_unit_test(steady_lines_stay_as_frequent),
		cmocka_unit_test(floods_are_told_once_a_minute), cmocka_unit_test(quiet_ends_it),
		cmocka_unit_test(rate_0_is_silence), cmocka_unit_test(expected_ones_are_few_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
