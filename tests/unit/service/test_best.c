/* SPDX-License-Identifier: GPL-2.0-or-later */
/* service/best: the first few of many flows, whatever order they come in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/units.h"
#include "service/best.h"

#define NOW   (1000 * NS_PER_S)
#define FLOWS 5000

#define BYTES	(1U << BEST_BYTES)
#define PACKETS (1U << BEST_PACKETS)
#define RATE	(1U << BEST_RATE)

static struct flow_record a_flow(uint64_t id, uint64_t bytes, uint32_t packets, uint64_t age_s)
{
	return (struct flow_record){
		.id = id,
		.started_ns = NOW - age_s * NS_PER_S,
		.end = { { .bytes = bytes / 2, .packets = packets }, { .bytes = bytes - bytes / 2 } },
	};
}

/* A permutation: 7919 is prime and no divisor of FLOWS. */
static uint64_t bytes_of(uint64_t i)
{
	return i * 7919 % FLOWS;
}

static void the_first_in_order(void **state)
{
	struct best *best = best_new(BYTES, 10);

	(void)state;
	for (uint64_t i = 0; i < FLOWS; i++) {
		struct flow_record flow = a_flow(i + 1, bytes_of(i), 0, 1);
		struct best_bar bar = best_bar(best);

		if (best_bar_passes(&bar, &flow, NOW)) /* as a worker does */
			best_add(best, &flow, NOW);
	}
	best_sort(best);
	for (uint32_t i = 0; i < 10; i++)
		assert_int_equal(best_at(best, i)->end[0].bytes + best_at(best, i)->end[1].bytes, FLOWS - 1 - i);
	assert_null(best_at(best, 10));
	free(best);
}

static void the_bar_is_just_above_the_last(void **state)
{
	struct best *best = best_new(BYTES, 1);
	struct flow_record flow = a_flow(1, 5, 0, 1), more = a_flow(2, 6, 0, 1);

	(void)state;
	best_add(best, &flow, NOW);
	struct best_bar bar = best_bar(best);
	assert_false(best_bar_passes(&bar, &flow, NOW));
	assert_true(best_bar_passes(&bar, &more, NOW));
	free(best);
}

static void fewer_than_may_be(void **state)
{
	struct best *best = best_new(BYTES | RATE, BEST_MOST);
	struct flow_record flow = a_flow(1, 0, 0, 0);

	(void)state;
	best_sort(best);
	assert_null(best_at(best, 0));
	free(best);
	best = best_new(BYTES | RATE, BEST_MOST);
	best_add(best, &flow, NOW);
	best_sort(best);
	assert_int_equal(best_at(best, 0)->id, 1);
	assert_null(best_at(best, 1));
	free(best);
}

/* The old and large one, the talkative one, the fast one: each is the first of one order. */
static void every_order_has_its_own(void **state)
{
	struct flow_record flows[] = { a_flow(1, 1000000, 10, 900), a_flow(2, 1000, 900, 100),
				       a_flow(3, 50000, 50, 2), a_flow(4, 999, 9, 100) };
	struct best *best = best_new(BYTES | PACKETS | RATE, 1);
	unsigned seen = 0;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		best_add(best, &flows[i], NOW);
	best_sort(best);
	for (uint32_t i = 0; i < 3; i++)
		seen |= 1U << best_at(best, i)->id;
	assert_int_equal(seen, 1U << 1 | 1U << 2 | 1U << 3);
	assert_null(best_at(best, 3));
	struct best_bar bar = best_bar(best);
	assert_false(best_bar_passes(&bar, &flows[3], NOW));
	free(best);
}

static void one_flow_is_told_once(void **state)
{
	struct best *best = best_new(BYTES | PACKETS | RATE, 2);
	struct flow_record flow = a_flow(1, 10, 10, 10);

	(void)state;
	best_add(best, &flow, NOW);
	best_sort(best);
	assert_non_null(best_at(best, 0));
	assert_null(best_at(best, 1));
	free(best);
}

static void no_order_lets_all_pass(void **state)
{
	struct best_bar bar = { .orders = 0 };
	struct flow_record flow = a_flow(1, 0, 0, 0);

	(void)state;
	assert_true(best_bar_passes(&bar, &flow, NOW));
	assert_int_equal(best_order_find("rate"), BEST_RATE);
	assert_int_equal(best_order_find("fame"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_in_order),
		cmocka_unit_test(the_bar_is_just_above_the_last),
		cmocka_unit_test(fewer_than_may_be),
		cmocka_unit_test(every_order_has_its_own),
		cmocka_unit_test(one_flow_is_told_once),
		cmocka_unit_test(no_order_lets_all_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
