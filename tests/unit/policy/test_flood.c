/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flood mode begins at one mark and ends only after a while below the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/units.h"
#include "policy/flood.h"

static void prepare(struct settings *settings, struct flood *flood)
{
	settings_defaults(settings);
	settings->tracking_max_flows = 2000;
	settings->syn_flood_start_percent = 10;
	settings->syn_flood_stop_percent = 5;
	settings->syn_flood_hold = 10;
	flood_init(flood);
}

static enum flood_change update(struct flood *flood, const struct settings *settings, uint64_t half_open,
				uint64_t now_ns)
{
	struct flood_marks marks = flood_marks_of_gateway(settings);

	return flood_update(flood, &marks, half_open, now_ns);
}

static void begins_at_the_mark(void **state)
{
	struct settings settings;
	struct flood flood;

	(void)state;
	prepare(&settings, &flood);
	assert_int_equal(update(&flood, &settings, 199, 0), FLOOD_SAME);
	assert_false(flood_is_on(&flood));
	assert_int_equal(update(&flood, &settings, 200, 0), FLOOD_STARTED);
	assert_true(flood_is_on(&flood));
	assert_int_equal(update(&flood, &settings, 201, 0), FLOOD_SAME);
}

static void marks_are_not_rounded(void **state)
{
	struct settings settings;
	struct flood flood;

	(void)state;
	prepare(&settings, &flood);
	settings.tracking_max_flows = 1050;
	settings.syn_flood_start_percent = 1;
	assert_int_equal(update(&flood, &settings, 10, 0), FLOOD_SAME);
	assert_int_equal(update(&flood, &settings, 11, 0), FLOOD_STARTED);
}

static void ends_after_the_hold(void **state)
{
	struct settings settings;
	struct flood flood;

	(void)state;
	prepare(&settings, &flood);
	update(&flood, &settings, 200, 0);
	/* between the two marks nothing happens, however long */
	assert_int_equal(update(&flood, &settings, 100, 1000 * NS_PER_S), FLOOD_SAME);
	assert_int_equal(update(&flood, &settings, 99, 1001 * NS_PER_S), FLOOD_SAME);
	assert_int_equal(update(&flood, &settings, 50, 1011 * NS_PER_S - 1), FLOOD_SAME);
	/* once above: the hold starts anew */
	assert_int_equal(update(&flood, &settings, 100, 1011 * NS_PER_S), FLOOD_SAME);
	assert_int_equal(update(&flood, &settings, 99, 1012 * NS_PER_S), FLOOD_SAME);
	assert_int_equal(update(&flood, &settings, 99, 1022 * NS_PER_S - 1), FLOOD_SAME);
	assert_int_equal(update(&flood, &settings, 99, 1022 * NS_PER_S), FLOOD_STOPPED);
	assert_false(flood_is_on(&flood));
	assert_int_equal(update(&flood, &settings, 99, 1023 * NS_PER_S), FLOOD_SAME);
	/* the next flood does not inherit the old hold */
	assert_int_equal(update(&flood, &settings, 200, 2000 * NS_PER_S), FLOOD_STARTED);
	assert_int_equal(update(&flood, &settings, 0, 2001 * NS_PER_S), FLOOD_SAME);
}

static void stop_percent_zero_means_none_left(void **state)
{
	struct settings settings;
	struct flood flood;

	(void)state;
	prepare(&settings, &flood);
	settings.syn_flood_stop_percent = 0;
	settings.syn_flood_hold = 0;
	update(&flood, &settings, 200, 0);
	assert_int_equal(update(&flood, &settings, 1, NS_PER_S), FLOOD_SAME);
	assert_int_equal(update(&flood, &settings, 0, NS_PER_S), FLOOD_STOPPED);
}

struct crowd {
	struct settings settings;
	struct flood flood;
	_Atomic unsigned started, stopped;
};

static void *swing(void *context)
{
	struct crowd *crowd = context;

	for (unsigned i = 0; i < 50000; i++) {
		enum flood_change change = update(&crowd->flood, &crowd->settings, i % 2 ? 2000 : 0, i);

		if (change == FLOOD_STARTED)
			atomic_fetch_add(&crowd->started, 1);
		else if (change == FLOOD_STOPPED)
			atomic_fetch_add(&crowd->stopped, 1);
	}
	return NULL;
}

static void one_caller_is_told(void **state)
{
	struct crowd crowd = { .started = 0 };
	pthread_t thread[4];

	(void)state;
	prepare(&crowd.settings, &crowd.flood);
	crowd.settings.syn_flood_hold = 0;
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, swing, &crowd), 0);
	for (unsigned i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	assert_true(crowd.started > 0);
	assert_int_equal(crowd.started, crowd.stopped + flood_is_on(&crowd.flood));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(begins_at_the_mark),  cmocka_unit_test(marks_are_not_rounded),
		cmocka_unit_test(ends_after_the_hold), cmocka_unit_test(stop_percent_zero_means_none_left),
		cmocka_unit_test(one_caller_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
