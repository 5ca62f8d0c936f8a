/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gauges are exact, whoever moves them, and the smaller of two rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>

#include "policy/gauges.h"
#include "policy/limits.h"

#define WIDTH	1024
#define THREADS 4
#define STEPS	20000

static void smaller_row_counts(void **state)
{
	static const struct slots one = { { 7, WIDTH + 7 } }, two = { { 7, WIDTH + 8 } };
	struct gauges gauges;

	(void)state;
	assert_true(gauges_init(&gauges, WIDTH));
	for (unsigned i = 0; i < 5; i++)
		gauges_rise(&gauges, &one);
	assert_int_equal(gauges_read(&gauges, &one), 5);
	assert_int_equal(gauges_read(&gauges, &two), 0);
	gauges_rise(&gauges, &two);
	assert_int_equal(gauges_read(&gauges, &one), 5);
	assert_int_equal(gauges_read(&gauges, &two), 1);
	for (unsigned i = 0; i < 5; i++)
		gauges_fall(&gauges, &one);
	assert_int_equal(gauges_read(&gauges, &one), 0);
	assert_int_equal(gauges_read(&gauges, &two), 1);
	gauges_fini(&gauges);
}

struct crowd {
	struct settings settings;
	struct limits *limits;
};

static void *rise_and_fall(void *context)
{
	struct crowd *crowd = context;

	for (unsigned i = 0; i < STEPS; i++) {
		uint8_t src[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [15] = (uint8_t)(i % 3) };
		uint8_t dst[16] = { 0x20 };
		struct admission syn = { .src = src, .dst = dst, .dst_port = (uint16_t)(i % 5), .family = 4 };

		limits_half_open_rise(crowd->limits, &crowd->settings, &syn);
		limits_half_open_rise(crowd->limits, &crowd->settings, &syn);
		limits_half_open_fall(crowd->limits, &crowd->settings, &syn);
		limits_half_open_fall(crowd->limits, &crowd->settings, &syn);
	}
	return NULL;
}

static void threads_end_at_zero(void **state)
{
	static const struct hash_key key = { 3, 4 };
	struct crowd crowd;
	pthread_t thread[THREADS];

	(void)state;
	settings_defaults(&crowd.settings);
	crowd.limits = limits_new(&crowd.settings, &key);
	assert_non_null(crowd.limits);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, rise_and_fall, &crowd), 0);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	assert_true(limits_half_open(crowd.limits) == 0);
	crowd.settings.syn_flood_half_open_source = 1;
	crowd.settings.syn_flood_half_open_destination = 1;
	for (unsigned i = 0; i < 15; i++) {
		uint8_t src[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [15] = (uint8_t)(i % 3) };
		uint8_t dst[16] = { 0x20 };
		struct admission syn = { .src = src, .dst = dst, .dst_port = (uint16_t)(i % 5), .family = 4 };

		assert_int_equal(limits_admit(crowd.limits, &crowd.settings, &syn, 0).verdict, VERDICT_ACCEPT);
	}
	limits_free(crowd.limits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(smaller_row_counts),
		cmocka_unit_test(threads_end_at_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
