/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flow table beside a naive model: random steps, full table, long chains, reuse of what was freed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pool.h"

#define KEYS	  300
#define MAX_FLOWS 100

/* Keys that all fall into three hash buckets, so that chains get long. */
static void crowded_keys(const struct flow_table *table, struct flow_key keys[KEYS])
{
	unsigned found = 0;

	for (uint32_t number = 0; found < KEYS; number++) {
		struct flow_key key = pool_key(number);

		if ((flow_key_hash(&key, &pool_secret) & table->head->bucket_mask) < 3)
			keys[found++] = key;
	}
}

static void agrees_with_a_naive_model(void **state)
{
	struct flow_table table;
	struct flow_key keys[KEYS];
	uint32_t model[KEYS] = { FLOW_NONE };
	uint32_t used = 0, full = 0;
	uint64_t random = 7;

	(void)state;
	pool_open(&table, MAX_FLOWS);
	crowded_keys(&table, keys);
	for (unsigned step = 0; step < 200000; step++) {
		uint32_t i = pool_random(&random, KEYS), index = pool_find(&table, &keys[i]);

		assert_int_equal(index, model[i]);
		if (index != FLOW_NONE && pool_random(&random, 3) != 0) {
			flow_table_remove(&table, index);
			model[i] = FLOW_NONE;
			used--;
			assert_false(flow_is_used(&table, index));
		} else if (index == FLOW_NONE) {
			index = pool_insert(&table, &keys[i]);
			assert_int_equal(index != FLOW_NONE, used < MAX_FLOWS);
			full += index == FLOW_NONE;
			used += index != FLOW_NONE;
			model[i] = index;
		}
		assert_int_equal(table.head->used, used);
	}
	assert_true(full > 1000);
	for (unsigned i = 0; i < KEYS; i++) {
		assert_int_equal(pool_find(&table, &keys[i]), model[i]);
		if (model[i] != FLOW_NONE)
			assert_true(flow_key_equal(&table.flow[model[i]].key, &keys[i]));
	}
	pool_close(&table);
}

static void fills_to_the_last_flow(void **state)
{
	struct flow_table table;
	bool taken[MAX_FLOWS + 1] = { false };
	struct flow_key key;

	(void)state;
	pool_open(&table, MAX_FLOWS);
	for (uint32_t i = 0; i < MAX_FLOWS; i++) {
		uint32_t index;

		key = pool_key(i);
		index = pool_insert(&table, &key);
		assert_in_range(index, 1, MAX_FLOWS);
		assert_false(taken[index]);
		taken[index] = true;
	}
	key = pool_key(MAX_FLOWS);
	assert_int_equal(pool_insert(&table, &key), FLOW_NONE);
	assert_int_equal(pool_find(&table, &key), FLOW_NONE);
	assert_false(flow_is_used(&table, FLOW_NONE));
	assert_false(flow_is_used(&table, MAX_FLOWS + 1));
	flow_table_remove(&table, 50);
	assert_int_equal(pool_insert(&table, &key), 50);
	pool_close(&table);
}

/* A freed flow comes back clean. */
static void fresh_flow_is_zeroed(void **state)
{
	static const struct tcp_conn nothing;
	static const struct flow_side no_side;
	struct flow_table table;
	struct flow_key key = pool_key(1);
	uint32_t index;

	(void)state;
	pool_open(&table, MAX_FLOWS);
	index = pool_insert(&table, &key);
	memset(&table.flow[index].conn, 0xff, sizeof table.flow[index].conn);
	memset(&table.side[index].cold, 0xff, sizeof table.side[index].cold);
	assert_non_null(flow_extra_take(&table, index));
	flow_table_remove(&table, index);
	assert_int_equal(pool_insert(&table, &key), index);
	assert_memory_equal(&table.flow[index].conn, &nothing, sizeof nothing);
	assert_memory_equal(&table.side[index], &no_side, sizeof no_side);
	assert_null(flow_extra(&table, index));
	pool_close(&table);
}

static void extras_run_out_and_come_back(void **state)
{
	struct flow_table table;
	struct flow_key key;
	struct tcp_extra fresh, *extra;
	uint32_t most, i;

	(void)state;
	pool_open(&table, MAX_FLOWS);
	tcp_extra_init(&fresh);
	most = table.head->max_extras;
	assert_true(most < MAX_FLOWS);
	for (i = 1; i <= MAX_FLOWS; i++) {
		key = pool_key(i);
		assert_int_equal(pool_insert(&table, &key), i);
	}
	for (i = 1; i <= most; i++) {
		extra = flow_extra_take(&table, i);
		assert_non_null(extra);
		assert_memory_equal(extra, &fresh, sizeof fresh);
		memset(extra, 0xff, sizeof *extra);
		assert_ptr_equal(flow_extra_take(&table, i), extra);
		assert_ptr_equal(flow_extra(&table, i), extra);
	}
	assert_null(flow_extra_take(&table, most + 1));
	assert_null(flow_extra(&table, most + 1));
	extra = flow_extra(&table, 5);
	flow_extra_release(&table, 5);
	flow_extra_release(&table, 5);
	flow_table_remove(&table, 6);
	assert_non_null(flow_extra_take(&table, most + 1));
	assert_ptr_equal(flow_extra_take(&table, most + 2), extra);
	assert_memory_equal(extra, &fresh, sizeof fresh);
	assert_null(flow_extra_take(&table, most + 3));
	pool_close(&table);
}

static void extras_are_looked_at_in_turn(void **state)
{
	struct flow_table table;
	struct flow_key key;
	uint32_t most, seen = 0;

	(void)state;
	pool_open(&table, MAX_FLOWS);
	most = table.head->max_extras;
	assert_int_equal(flow_extra_next(&table), FLOW_NONE);
	for (uint32_t i = 1; i <= most / 2; i++) {
		assert_false(flow_extras_are_scarce(&table));
		key = pool_key(i);
		pool_insert(&table, &key);
		assert_non_null(flow_extra_take(&table, i));
	}
	assert_true(flow_extras_are_scarce(&table));
	for (uint32_t i = 1; i <= most / 2; i++)
		seen += flow_extra_next(&table);
	assert_int_equal(seen, most / 2 * (most / 2 + 1) / 2);
	flow_extra_release(&table, 1);
	assert_false(flow_extras_are_scarce(&table));
	seen = 0;
	for (uint32_t i = 1; i <= most / 2; i++)
		seen += flow_extra_next(&table);
	assert_int_equal(seen, most / 2 * (most / 2 + 1) / 2 - 1);
	pool_close(&table);
}

/* The pool stays one piece without pointers: a copy at another address is the same table. */
static void pool_can_move(void **state)
{
	struct flow_table table, moved;
	struct flow_key key;
	size_t size = flow_table_size(MAX_FLOWS);
	unsigned char *copy = aligned_alloc(64, (size + 63) / 64 * 64);

	(void)state;
	assert_non_null(copy);
	pool_open(&table, MAX_FLOWS);
	for (uint32_t i = 0; i < MAX_FLOWS; i++) {
		key = pool_key(i);
		pool_insert(&table, &key);
	}
	memcpy(copy, table.head, size);
	moved = table;
	moved.head = (struct flow_pool_header *)(void *)copy;
	moved.flow = (struct flow *)(void *)(copy + ((char *)table.flow - (char *)table.head));
	moved.side = (struct flow_side *)(void *)(copy + ((char *)table.side - (char *)table.head));
	moved.extra = (struct tcp_extra *)(void *)(copy + ((char *)table.extra - (char *)table.head));
	moved.extra_flow = (uint32_t *)(void *)(copy + ((char *)table.extra_flow - (char *)table.head));
	moved.bucket = (uint32_t *)(void *)(copy + ((char *)table.bucket - (char *)table.head));
	pool_close(&table);
	for (uint32_t i = 0; i < MAX_FLOWS; i++) {
		key = pool_key(i);
		assert_true(flow_is_used(&moved, pool_find(&moved, &key)));
		flow_table_remove(&moved, pool_find(&moved, &key));
	}
	assert_int_equal(moved.head->used, 0);
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_a_naive_model),	cmocka_unit_test(fills_to_the_last_flow),
		cmocka_unit_test(fresh_flow_is_zeroed),		cmocka_unit_test(extras_run_out_and_come_back),
		cmocka_unit_test(extras_are_looked_at_in_turn),
		cmocka_unit_test(pool_can_move),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
