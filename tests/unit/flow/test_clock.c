/* SPDX-License-Identifier: GPL-2.0-or-later */
/* T-15: the lazy wheel beside a naive model: never late, early only for what lies further ahead than the wheel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "flow/clock.h"
#include "pool.h"

#define FLOWS 50

struct model {
	struct flow_table table;
	uint64_t look_ns[FLOWS + 1]; /* 0: not filed */
	bool far[FLOWS + 1];         /* filed further ahead than the wheel reaches */
	uint64_t now_ns;
	unsigned looks, far_looks;
};

static void model_file(struct model *model, uint32_t index, uint64_t look_ns)
{
	flow_clock_file(&model->table, index, look_ns);
	model->look_ns[index] = max_u64(look_ns, model->now_ns); /* what is past is looked at with the next tick */
	model->far[index] = look_ns > (model->table.head->wheel_tick + (uint64_t)WHEEL_SLOTS - 1) * NS_PER_S;
}

/* A time to look at: mostly near, now and then far ahead, sometimes already past. */
static uint64_t some_time(const struct model *model, uint64_t *random)
{
	switch (pool_random(random, 5)) {
	case 0:
		return model->now_ns + pool_random(random, 20000) * NS_PER_S + 1;
	case 1:
		return model->now_ns / 2 + 1;
	default:
		return model->now_ns + pool_random(random, 100000) * NS_PER_MS + 1;
	}
}

/* One pass of the wheel; half of the flows looked at are filed again. */
static void model_pass(struct model *model, uint64_t *random)
{
	uint32_t index;

	while ((index = flow_clock_next(&model->table, model->now_ns)) != FLOW_NONE) {
		assert_true(model->look_ns[index] != 0);
		assert_true(model->look_ns[index] <= model->now_ns || model->far[index]);
		model->looks++;
		model->far_looks += model->far[index];
		model->look_ns[index] = 0;
		if (pool_random(random, 2) == 0)
			model_file(model, index, model->now_ns + 1 + pool_random(random, 6000) * NS_PER_S);
	}
	for (index = 1; index <= FLOWS; index++) /* never late by more than the tick of one second */
		assert_true(model->look_ns[index] == 0 || model->look_ns[index] + NS_PER_S > model->now_ns);
}

static void agrees_with_a_naive_model(void **state)
{
	struct model model = { .now_ns = 5 * NS_PER_S };
	uint64_t random = 11;

	(void)state;
	pool_open(&model.table, FLOWS);
	flow_clock_start(&model.table, model.now_ns);
	for (uint32_t i = 1; i <= FLOWS; i++) {
		struct flow_key key = pool_key(i);

		assert_int_equal(pool_insert(&model.table, &key), i);
	}
	for (unsigned step = 0; step < 100000; step++) {
		uint32_t index = 1 + pool_random(&random, FLOWS);

		switch (pool_random(&random, 4)) {
		case 0:
			flow_clock_remove(&model.table, index);
			model.look_ns[index] = 0;
			break;
		case 1:
			model.now_ns += pool_random(&random, 3000) * NS_PER_MS;
			if (pool_random(&random, 200) == 0)
				model.now_ns += pool_random(&random, 10000) * NS_PER_S;
			model_pass(&model, &random);
			break;
		default:
			model_file(&model, index, some_time(&model, &random));
			break;
		}
	}
	assert_true(model.looks > 10000);
	assert_true(model.far_looks > 100);
	pool_close(&model.table);
}

static void deadline_is_the_next_tick(void **state)
{
	struct flow_table table;
	struct flow_key key = pool_key(1);
	uint32_t index;

	(void)state;
	pool_open(&table, FLOWS);
	flow_clock_start(&table, 100 * NS_PER_S);
	assert_true(flow_clock_deadline(&table) == UINT64_MAX);
	index = pool_insert(&table, &key);
	flow_clock_file(&table, index, 103 * NS_PER_S);
	assert_int_equal(flow_clock_next(&table, 103 * NS_PER_S - 1), FLOW_NONE);
	assert_true(flow_clock_deadline(&table) <= 103 * NS_PER_S);
	assert_int_equal(flow_clock_next(&table, 103 * NS_PER_S), index);
	assert_int_equal(flow_clock_next(&table, 103 * NS_PER_S), FLOW_NONE);
	flow_table_remove(&table, index);
	assert_true(flow_clock_deadline(&table) == UINT64_MAX);
	pool_close(&table);
}

static void removed_flow_leaves_the_wheel(void **state)
{
	struct flow_table table;
	uint32_t index[3];

	(void)state;
	pool_open(&table, FLOWS);
	flow_clock_start(&table, 0);
	for (uint32_t i = 0; i < 3; i++) {
		struct flow_key key = pool_key(i);

		index[i] = pool_insert(&table, &key);
		flow_clock_file(&table, index[i], NS_PER_S);
	}
	flow_table_remove(&table, index[1]);
	for (unsigned i = 0; i < 2; i++) {
		uint32_t next = flow_clock_next(&table, NS_PER_S);

		assert_true(next == index[0] || next == index[2]);
		flow_table_remove(&table, next);
	}
	assert_int_equal(flow_clock_next(&table, NS_PER_S), FLOW_NONE);
	pool_close(&table);
}

/* A flow filed for the past, or far ahead, is not met again in the same second. */
static void one_look_a_second(void **state)
{
	struct flow_table table;
	struct flow_key key = pool_key(1);
	uint32_t index;

	(void)state;
	pool_open(&table, FLOWS);
	flow_clock_start(&table, 10 * NS_PER_S);
	index = pool_insert(&table, &key);
	flow_clock_file(&table, index, NS_PER_S);
	assert_int_equal(flow_clock_next(&table, 10 * NS_PER_S), FLOW_NONE);
	assert_int_equal(flow_clock_next(&table, 11 * NS_PER_S), index);
	flow_clock_file(&table, index, 1000000 * NS_PER_S);
	assert_int_equal(flow_clock_next(&table, 11 * NS_PER_S), FLOW_NONE);
	assert_int_equal(flow_clock_next(&table, (11 + WHEEL_SLOTS - 2) * NS_PER_S), FLOW_NONE);
	assert_int_equal(flow_clock_next(&table, (11 + WHEEL_SLOTS - 1) * NS_PER_S), index);
	pool_close(&table);
}

/* An empty table jumps over any time at once, and works on from there. */
static void empty_table_jumps(void **state)
{
	struct flow_table table;
	struct flow_key key = pool_key(1);
	uint32_t index;

	(void)state;
	pool_open(&table, FLOWS);
	flow_clock_start(&table, 0);
	assert_int_equal(flow_clock_next(&table, 4000000000 * NS_PER_S), FLOW_NONE);
	index = pool_insert(&table, &key);
	flow_clock_file(&table, index, 4000000002 * NS_PER_S);
	assert_int_equal(flow_clock_next(&table, 4000000001 * NS_PER_S), FLOW_NONE);
	assert_int_equal(flow_clock_next(&table, 4000000002 * NS_PER_S), index);
	pool_close(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_a_naive_model),
		cmocka_unit_test(deadline_is_the_next_tick),
		cmocka_unit_test(removed_flow_leaves_the_wheel),
		cmocka_unit_test(one_look_a_second),
		cmocka_unit_test(empty_table_jumps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
