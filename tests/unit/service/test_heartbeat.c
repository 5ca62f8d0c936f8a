/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/units.h"
#include "service/heartbeat.h"

#define LIMIT (5 * NS_PER_S)

static void moves(void **state)
{
	struct heartbeat heartbeat;

	(void)state;
	heartbeat_init(&heartbeat, 0, 0);
	for (uint64_t i = 1; i < 100; i++)
		assert_true(heartbeat_look(&heartbeat, i, i * LIMIT, LIMIT));
}

static void stands_still(void **state)
{
	struct heartbeat heartbeat;

	(void)state;
	heartbeat_init(&heartbeat, 7, NS_PER_S);
	assert_true(heartbeat_look(&heartbeat, 7, NS_PER_S + LIMIT - 1, LIMIT));
	assert_false(heartbeat_look(&heartbeat, 7, NS_PER_S + LIMIT, LIMIT));
	assert_false(heartbeat_look(&heartbeat, 7, NS_PER_S + 2 * LIMIT, LIMIT));
}

/* Looks between two watchdog periods (a signal came) do not hide a stand. */
static void many_looks_move_nothing(void **state)
{
	struct heartbeat heartbeat;

	(void)state;
	heartbeat_init(&heartbeat, 7, 0);
	for (uint64_t now = 0; now < LIMIT; now += NS_PER_S)
		assert_true(heartbeat_look(&heartbeat, 7, now, LIMIT));
	assert_false(heartbeat_look(&heartbeat, 7, LIMIT, LIMIT));
}

static void recovers(void **state)
{
	struct heartbeat heartbeat;

	(void)state;
	heartbeat_init(&heartbeat, 1, 0);
	assert_false(heartbeat_look(&heartbeat, 1, LIMIT, LIMIT));
	assert_true(heartbeat_look(&heartbeat, 2, LIMIT + 1, LIMIT));
	assert_false(heartbeat_look(&heartbeat, 2, 2 * LIMIT + 1, LIMIT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moves),
		cmocka_unit_test(stands_still),
		cmocka_unit_test(many_looks_move_nothing),
		cmocka_unit_test(recovers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
