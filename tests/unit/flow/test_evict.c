/* SPDX-License-Identifier: GPL-2.0-or-later */
/* the eviction classes beside a naive model: oldest first, whoever leaves from the middle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "flow/evict.h"
#include "pool.h"

#define FLOWS 60

static void agrees_with_a_naive_model(void **state)
{
	struct flow_table table;
	enum flow_class class[FLOWS + 1];
	unsigned since[FLOWS + 1] = { 0 };
	uint64_t random = 9;

	(void)state;
	pool_open(&table, FLOWS);
	for (uint32_t i = 1; i <= FLOWS; i++) {
		struct flow_key key = pool_key(i);

		assert_int_equal(pool_insert(&table, &key), i);
		class[i] = CLASS_NONE;
	}
	for (unsigned step = 1; step < 100000; step++) {
		uint32_t index = 1 + pool_random(&random, FLOWS);
		enum flow_class next = (enum flow_class)pool_random(&random, CLASS_COUNT + 1);

		flow_class_set(&table, index, next);
		class[index] = next;
		since[index] = step;
		for (unsigned c = 0; c < CLASS_COUNT; c++) {
			uint32_t oldest = FLOW_NONE;

			for (uint32_t i = 1; i <= FLOWS; i++)
				if (class[i] == c && (oldest == FLOW_NONE || since[i] < since[oldest]))
					oldest = i;
			assert_int_equal(flow_class_first(&table, (enum flow_class)c), oldest);
		}
		assert_int_equal(flow_class_get(&table, index), next);
	}
	pool_close(&table);
}

static void removed_flow_leaves_its_class(void **state)
{
	struct flow_table table;
	struct flow_key one = pool_key(1), two = pool_key(2);
	uint32_t first, second;

	(void)state;
	pool_open(&table, FLOWS);
	first = pool_insert(&table, &one);
	second = pool_insert(&table, &two);
	flow_class_set(&table, first, CLASS_TIME_WAIT);
	flow_class_set(&table, second, CLASS_TIME_WAIT);
	flow_table_remove(&table, first);
	assert_int_equal(flow_class_first(&table, CLASS_TIME_WAIT), second);
	flow_table_remove(&table, second);
	assert_int_equal(flow_class_first(&table, CLASS_TIME_WAIT), FLOW_NONE);
	first = pool_insert(&table, &one);
	assert_int_equal(flow_class_get(&table, first), CLASS_NONE);
	pool_close(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_a_naive_model),
		cmocka_unit_test(removed_flow_leaves_its_class),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
