/* SPDX-License-Identifier: GPL-2.0-or-later */
/* which SYN is the retransmission of a first one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/units.h"
#include "policy/first_syn.h"

#define LEAST_MS 500
#define MOST_MS	 8000

static const struct hash_key key = { 7, 8 };

static bool again(struct first_syn *first, uint32_t seq, uint64_t ms)
{
	struct syn_name syn = { .src = { 10 }, .dst = { 20 }, .src_port = 40000, .dst_port = 80, .seq = seq };

	return first_syn_again(first, &syn, ms * NS_PER_MS, LEAST_MS, MOST_MS);
}

static void window_has_edges(void **state)
{
	static const struct {
		uint64_t after_ms;
		bool again;
	} cases[] = {
		{ 0, false },		{ 1, false },	       { LEAST_MS - 1, false }, { LEAST_MS, true },
		{ LEAST_MS + 1, true }, { MOST_MS - 1, true }, { MOST_MS, true },	{ MOST_MS + 1, false },
	};
	static const uint64_t starts[] = { 0, 1, 1000000, UINT32_MAX - 600 };
	struct first_syn first;

	(void)state;
	for (unsigned s = 0; s < 4; s++)
		for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			assert_true(first_syn_init(&first, &key, 1024));
			assert_false(again(&first, 1, starts[s]));
			assert_int_equal(again(&first, 1, starts[s] + cases[i].after_ms), cases[i].again);
			first_syn_fini(&first);
		}
}

/* Too early or too late counts as a first one. */
static void miss_starts_anew(void **state)
{
	struct first_syn first;

	(void)state;
	assert_true(first_syn_init(&first, &key, 1024));
	assert_false(again(&first, 1, 0));
	assert_false(again(&first, 1, 400));
	assert_false(again(&first, 1, 600));
	assert_true(again(&first, 1, 1100));
	assert_false(again(&first, 1, 20000));
	assert_true(again(&first, 1, 21000));
	first_syn_fini(&first);
}

static void every_part_of_the_name_counts(void **state)
{
	const struct syn_name syn = { .src = { 10 }, .dst = { 20 }, .src_port = 1, .dst_port = 2, .seq = 3 };
	struct syn_name other[5] = { syn, syn, syn, syn, syn };
	struct first_syn first;

	(void)state;
	other[0].src[15] = 1;
	other[1].dst[15] = 1;
	other[2].src_port = 9;
	other[3].dst_port = 9;
	other[4].seq = 9;
	assert_true(first_syn_init(&first, &key, 1024));
	assert_false(first_syn_again(&first, &syn, 0, LEAST_MS, MOST_MS));
	for (unsigned i = 0; i < 5; i++)
		assert_false(first_syn_again(&first, &other[i], NS_PER_S, LEAST_MS, MOST_MS));
	assert_true(first_syn_again(&first, &syn, NS_PER_S, LEAST_MS, MOST_MS));
	first_syn_fini(&first);
}

static void oldest_goes(void **state)
{
	struct first_syn first;

	(void)state;
	assert_true(first_syn_init(&first, &key, 4)); /* one set of four */
	for (uint32_t seq = 1; seq <= 5; seq++)
		assert_false(again(&first, seq, 10 + seq));
	for (uint32_t seq = 2; seq <= 5; seq++)
		assert_true(again(&first, seq, 1000));
	assert_false(again(&first, 1, 1000));
	first_syn_fini(&first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(window_has_edges),
		cmocka_unit_test(miss_starts_anew),
		cmocka_unit_test(every_part_of_the_name_counts),
		cmocka_unit_test(oldest_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
