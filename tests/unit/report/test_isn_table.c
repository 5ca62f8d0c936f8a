/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Initial sequence numbers by flow: learnt, replaced, found again after growing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "report/isn_table.h"

static void ends_are_learnt_one_by_one(void **state)
{
	struct isn_table *table = isn_table_new();
	const struct isn_entry *entry;

	(void)state;
	assert_null(isn_table_find(table, 7));
	isn_table_learn(table, 7, SIDE_SERVER, 5000);
	entry = isn_table_find(table, 7);
	assert_non_null(entry);
	assert_false(entry->known[SIDE_CLIENT]);
	assert_true(entry->known[SIDE_SERVER]);
	isn_table_learn(table, 7, SIDE_CLIENT, 0);
	isn_table_learn(table, 7, SIDE_SERVER, 6000);
	entry = isn_table_find(table, 7);
	assert_true(entry->known[SIDE_CLIENT]);
	assert_int_equal(entry->isn[SIDE_CLIENT], 0);
	assert_int_equal(entry->isn[SIDE_SERVER], 6000);
	isn_table_free(table);
}

/* Spread like the hashes that flow ids are. */
static uint64_t flow_number(uint32_t i)
{
	return i * UINT64_C(0x9e3779b97f4a7c15);
}

static void many_flows_are_found_again(void **state)
{
	struct isn_table *table = isn_table_new();

	(void)state;
	for (uint32_t i = 1; i <= 5000; i++)
		isn_table_learn(table, flow_number(i), SIDE_CLIENT, i);
	for (uint32_t i = 1; i <= 5000; i++)
		assert_int_equal(isn_table_find(table, flow_number(i))->isn[SIDE_CLIENT], i);
	assert_null(isn_table_find(table, 1));
	isn_table_free(table);
}

static void nothing_without_flow_side_or_table(void **state)
{
	struct isn_table *table = isn_table_new();

	(void)state;
	isn_table_learn(table, 0, SIDE_CLIENT, 1);
	isn_table_learn(table, 8, SIDE_NONE, 1);
	assert_null(isn_table_find(table, 0));
	assert_null(isn_table_find(table, 8));
	isn_table_learn(NULL, 8, SIDE_CLIENT, 1);
	assert_null(isn_table_find(NULL, 8));
	isn_table_free(table);
	isn_table_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_are_learnt_one_by_one),
		cmocka_unit_test(many_flows_are_found_again),
		cmocka_unit_test(nothing_without_flow_side_or_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
