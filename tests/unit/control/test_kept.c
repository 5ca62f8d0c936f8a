/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/kept: of many lines those that rank highest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "control/kept.h"

#define MOST  10
#define LINES 1000
#define RANKS 250  /* each comes LINES / RANKS times */

static void add(struct kept *kept, int64_t rank, unsigned number)
{
	char text[32];
	int length = snprintf(text, sizeof text, "%d/%u", (int)rank, number);

	assert_true(kept_add(kept, rank, text, (size_t)length));
}

/* Equals in the order they came. */
static void the_highest_of_many(void **state)
{
	static const char *const expected[MOST] = { "249/107", "249/357", "249/607", "249/857", "248/214",
						    "248/464", "248/714", "248/964", "247/71",  "247/321" };
	struct kept kept;

	(void)state;
	assert_true(kept_init(&kept, MOST));
	for (unsigned i = 0; i < LINES; i++)
		add(&kept, i * 7 % RANKS, i);
	kept_sort(&kept);
	assert_int_equal(kept.seen, LINES);
	assert_int_equal(kept.count, MOST);
	for (unsigned i = 0; i < MOST; i++) {
		assert_string_equal(kept.line[i].text, expected[i]);
		assert_int_equal(kept.line[i].length, strlen(expected[i]));
	}
	kept_fini(&kept);
}

static void fewer_than_fit(void **state)
{
	struct kept kept;

	(void)state;
	assert_true(kept_init(&kept, MOST));
	kept_sort(&kept);
	assert_int_equal(kept.count, 0);
	for (unsigned i = 0; i < 3; i++)
		add(&kept, i, i);
	kept_sort(&kept);
	assert_int_equal(kept.count, 3);
	assert_string_equal(kept.line[0].text, "2/2");
	assert_string_equal(kept.line[2].text, "0/0");
	kept_fini(&kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_highest_of_many),
		cmocka_unit_test(fewer_than_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
