/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flood mode of single destinations, and what a mode counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>

#include "admission.h"

#define NEVER 100 /* start_percent of a mode of the gateway that no test here reaches */

static void prepare(struct rig *rig)
{
	rig_open(rig);
	rig->settings.syn_flood_start_percent = NEVER;
	rig->settings.syn_flood_stop_percent = NEVER / 2;
	rig->settings.syn_flood_destination_start = 10;
	rig->settings.syn_flood_hold = 5;
}

/* A flow toward `dst` becomes half-open; what the worker is told. */
static struct flood_report rise(struct rig *rig, uint8_t dst)
{
	struct admission syn = rig_syn(rig, 1, 1, dst);
	struct flood_report report = { .change = FLOOD_SAME }, more;

	limits_half_open_rise(rig->limits, &rig->settings, &syn);
	if (limits_flood_update(rig->limits, &rig->settings, &rig_services, &syn, rig->now_ns, &report))
		assert_false(limits_flood_update(rig->limits, &rig->settings, &rig_services, &syn, rig->now_ns,
						 &more));
	return report;
}

/* As many flows as it takes for the mode of that destination to begin. */
static struct flood_report flood(struct rig *rig, uint8_t dst)
{
	struct flood_report report = { .change = FLOOD_SAME };

	for (unsigned i = 0; i < 10; i++)
		report = rise(rig, dst);
	return report;
}

/* Nothing but the clock goes on. */
static struct flood_report tick(struct rig *rig)
{
	struct flood_report report = { .change = FLOOD_SAME };

	rig->now_ns += NS_PER_S;
	limits_flood_update(rig->limits, &rig->settings, &rig_services, NULL, rig->now_ns, &report);
	return report;
}

/* Seconds pass, so many at the most, until a mode ends. */
static struct flood_report await_end(struct rig *rig, unsigned most)
{
	struct flood_report report = { .change = FLOOD_SAME };

	for (unsigned i = 0; i < most && report.change == FLOOD_SAME; i++)
		report = tick(rig);
	return report;
}

static void assert_quiet(struct rig *rig, unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++)
		assert_int_equal(tick(rig).change, FLOOD_SAME);
}

static bool is_on(const struct rig *rig, uint8_t dst)
{
	const uint8_t address[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [13] = 9, [15] = dst };

	return floods_at(limits_floods(rig->limits), address, 80);
}

static void begins_for_one_destination_alone(void **state)
{
	struct flood_report report;
	struct rig rig;

	(void)state;
	prepare(&rig);
	for (unsigned i = 0; i < 9; i++)
		assert_int_equal(rise(&rig, 1).change, FLOOD_SAME);
	assert_false(limits_flood(rig.limits));
	report = rise(&rig, 1);
	assert_int_equal(report.change, FLOOD_STARTED);
	assert_true(report.has_destination);
	assert_int_equal(report.destination.address[15], 1);
	assert_int_equal(report.destination.port, 80);
	assert_int_equal(rise(&rig, 1).change, FLOOD_SAME);
	assert_true(limits_flood(rig.limits));
	assert_true(is_on(&rig, 1));
	assert_false(is_on(&rig, 2));
	assert_result(rig_ask(&rig, 2, 2, 1), VERDICT_DROP, REASON_FIRST_SYN);
	assert_result(rig_ask(&rig, 2, 2, 2), VERDICT_ACCEPT, REASON_NONE);
	rig_prove(&rig, 2, 2);
	assert_result(rig_ask(&rig, 2, 2, 1), VERDICT_ACCEPT, REASON_NONE);
	rig_close(&rig);
}

static void ends_below_its_share_after_the_hold(void **state)
{
	struct flood_report report;
	struct rig rig;

	(void)state;
	prepare(&rig);
	assert_int_equal(flood(&rig, 1).change, FLOOD_STARTED);
	rig_fall(&rig, 1, 1, 1, 5); /* 5 of 10, as 50 % of 100 % */
	assert_quiet(&rig, 20);
	rig_fall(&rig, 1, 1, 1, 1);
	assert_quiet(&rig, 5);
	report = tick(&rig);
	assert_int_equal(report.change, FLOOD_STOPPED);
	assert_true(report.has_destination);
	assert_int_equal(report.destination.address[15], 1);
	assert_true(report.lasted_ns == 26 * NS_PER_S);
	assert_false(is_on(&rig, 1));
	assert_false(limits_flood(rig.limits));
	rig_close(&rig);
}

static void says_what_passed(void **state)
{
	struct flood_report report;
	struct rig rig;

	(void)state;
	prepare(&rig);
	flood(&rig, 1);
	rig_prove(&rig, 7, 7);
	rig.settings.syn_flood_mode_action = LIMIT_DROP;
	assert_int_equal(rig_ask_many(&rig, 2, 2, 1, 30), 0);
	assert_int_equal(rig_ask_many(&rig, 7, 7, 1, 10), 10);
	assert_int_equal(rig_ask_many(&rig, 2, 2, 2, 30), 30); /* elsewhere */
	rig_fall(&rig, 1, 1, 1, 10);
	report = await_end(&rig, 10);
	assert_int_equal(report.change, FLOOD_STOPPED);
	assert_true(report.asked == 40);
	assert_true(report.passed == 10);
	rig_close(&rig);
}

static void not_more_than_allowed_at_once(void **state)
{
	unsigned begun = 0;
	struct rig rig;

	(void)state;
	prepare(&rig);
	limits_free(rig.limits);
	rig.settings.syn_flood_destination_modes = 4;
	rig.limits = limits_new(&rig.settings, &(struct hash_key){ 11, 12 });
	for (uint8_t dst = 1; dst <= 20; dst++)
		for (unsigned i = 0; i < 12; i++)
			begun += rise(&rig, dst).change == FLOOD_STARTED;
	assert_int_equal(begun, 4);
	assert_int_equal(limits_floods(rig.limits)->started, 4);
	/* one ends, and there is room for another */
	rig_fall(&rig, 1, 1, 1, 12);
	for (unsigned i = 0; i < 10; i++)
		begun -= tick(&rig).change == FLOOD_STOPPED;
	assert_int_equal(begun, 3);
	assert_int_equal(rise(&rig, 9).change, FLOOD_STARTED);
	rig_close(&rig);
}

static void switched_off_by_a_reload(void **state)
{
	struct rig rig;

	(void)state;
	prepare(&rig);
	flood(&rig, 1);
	rig.settings.syn_flood_destination_start = 0;
	assert_int_equal(rise(&rig, 2).change, FLOOD_SAME);
	assert_int_equal(await_end(&rig, 10).change, FLOOD_STOPPED);
	rig_close(&rig);
}

/* While forged SYNs keep coming the mode stays, though it lets no half-open flow rise. */
static void stays_while_the_flood_does(void **state)
{
	struct rig rig;

	(void)state;
	prepare(&rig);
	flood(&rig, 1);
	rig_fall(&rig, 1, 1, 1, 10);
	for (unsigned second = 0; second < 60; second++) {
		rig_ask_many(&rig, 3, (uint8_t)second, 1, 5);
		assert_int_equal(tick(&rig).change, FLOOD_SAME);
	}
	assert_int_equal(await_end(&rig, 7).change, FLOOD_STOPPED);
	rig_close(&rig);
}

/* Those that come back as they were told to are no flood. */
static void does_not_stay_for_who_comes_back(void **state)
{
	unsigned ended = 0, second;
	struct rig rig;

	(void)state;
	prepare(&rig);
	flood(&rig, 1);
	rig_fall(&rig, 1, 1, 1, 10);
	for (second = 0; second < 20 && ended == 0; second++) {
		rig.seq = second;
		assert_result(rig_ask(&rig, 3, (uint8_t)second, 1), VERDICT_DROP, REASON_FIRST_SYN);
		rig.now_ns += 600 * NS_PER_MS;
		assert_result(rig_ask(&rig, 3, (uint8_t)second, 1), VERDICT_ACCEPT, REASON_NONE);
		rig.now_ns -= 600 * NS_PER_MS;
		ended += tick(&rig).change == FLOOD_STOPPED;
	}
	assert_int_equal(ended, 1);
	assert_in_range(second, 5, 8);
	rig_close(&rig);
}

/* once for each prefix, and again after ten minutes. */
static void a_source_is_told_of_once(void **state)
{
	const uint8_t one[16] = { 1 }, two[16] = { 2 };
	struct floods *floods;
	struct rig rig;

	(void)state;
	prepare(&rig);
	floods = limits_floods(rig.limits);
	assert_true(floods_source_is_new(floods, one, 64, 0));
	assert_false(floods_source_is_new(floods, one, 64, 0));
	assert_true(floods_source_is_new(floods, one, 48, 0));
	assert_true(floods_source_is_new(floods, two, 64, 0));
	assert_false(floods_source_is_new(floods, one, 64, 600 * NS_PER_S));
	assert_true(floods_source_is_new(floods, one, 64, 602 * NS_PER_S));
	rig_close(&rig);
}

#define WORKERS	4
#define ROUNDS	200
#define SOURCES 100 /* in a round, all asked for by all workers */

struct asking {
	struct floods *floods;
	pthread_barrier_t barrier;
	_Atomic unsigned told[ROUNDS][SOURCES]; /* callers who heard that this source is new */
};

static void ask_for_all(struct asking *asking, unsigned round)
{
	for (unsigned i = 0; i < SOURCES; i++) {
		const uint8_t prefix[16] = { [14] = (uint8_t)round, [15] = (uint8_t)i };

		if (floods_source_is_new(asking->floods, prefix, 128, (round + 1) * NS_PER_S))
			atomic_fetch_add(&asking->told[round][i], 1);
	}
}

static void *ask_beside_others(void *context)
{
	struct asking *asking = context;

	for (unsigned round = 0; round < ROUNDS; round++) {
		pthread_barrier_wait(&asking->barrier);
		ask_for_all(asking, round);
		pthread_barrier_wait(&asking->barrier);
		ask_for_all(asking, round); /* of whom nobody heard, because two asked at once */
	}
	return NULL;
}

static void workers_tell_of_a_source_once(void **state)
{
	static struct asking asking;
	struct rig rig;
	pthread_t thread[WORKERS];

	(void)state;
	prepare(&rig);
	asking.floods = limits_floods(rig.limits);
	pthread_barrier_init(&asking.barrier, NULL, WORKERS);
	for (unsigned i = 0; i < WORKERS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, ask_beside_others, &asking), 0);
	for (unsigned i = 0; i < WORKERS; i++)
		pthread_join(thread[i], NULL);
	for (unsigned round = 0; round < ROUNDS; round++)
		for (unsigned i = 0; i < SOURCES; i++)
			assert_in_range(asking.told[round][i], 0, 1);
	pthread_barrier_destroy(&asking.barrier);
	rig_close(&rig);
}

/* E-6: three at once, then one in 30 s; while a mode is on and for a minute after. */
static void lines_are_few_in_a_flood(void **state)
{
	struct floods *floods;
	struct rig rig;
	unsigned count = 0;

	(void)state;
	prepare(&rig);
	rig.now_ns = 1000 * NS_PER_S;
	floods = limits_floods(rig.limits);
	assert_false(floods_lately(floods, rig.now_ns));
	flood(&rig, 1);
	assert_true(floods_lately(floods, rig.now_ns));
	for (unsigned i = 0; i < 3000; i++)
		count += floods_take_line(floods, rig.now_ns + i * 100 * NS_PER_MS);
	assert_int_equal(count, 3 + 9);
	rig_fall(&rig, 1, 1, 1, 10);
	assert_int_equal(await_end(&rig, 20).change, FLOOD_STOPPED);
	assert_true(floods_lately(floods, rig.now_ns + 59 * NS_PER_S));
	assert_false(floods_lately(floods, rig.now_ns + 60 * NS_PER_S));
	rig_close(&rig);
}

static void knows_the_rate(void **state)
{
	struct floods *floods;
	struct rig rig;

	(void)state;
	prepare(&rig);
	floods = limits_floods(rig.limits);
	rig.now_ns = 1000 * NS_PER_S;
	tick(&rig);
	rig_ask_many(&rig, 1, 1, 1, 500);
	tick(&rig);
	assert_true(floods_rate(floods, rig.now_ns) == 500);
	/* a rise is seen before the second is over */
	rig_ask_many(&rig, 1, 1, 1, 500);
	assert_true(floods_rate(floods, rig.now_ns + 200 * NS_PER_MS) == 2500);
	tick(&rig);
	tick(&rig);
	assert_true(floods_rate(floods, rig.now_ns) == 0);
	rig_close(&rig);
}

/* What came long ago stands out no more, except while a mode is on. */
static void the_past_fades(void **state)
{
	struct top_prefix list[TOP_SHOWN];
	struct rig rig;

	(void)state;
	prepare(&rig);
	rig_ask_many(&rig, 1, 1, 2, 500);
	assert_int_equal(top_list(&limits_floods(rig.limits)->top, list), 1);
	for (unsigned i = 0; i < 12; i++)
		tick(&rig);
	assert_int_equal(top_list(&limits_floods(rig.limits)->top, list), 0);
	flood(&rig, 1);
	rig_ask_many(&rig, 1, 1, 1, 500);
	for (unsigned i = 0; i < 12; i++)
		tick(&rig);
	assert_int_equal(top_list(&limits_floods(rig.limits)->top, list), 1);
	rig_close(&rig);
}

struct crowd {
	struct rig rig;
	_Atomic unsigned started, stopped;
};

static void *swing(void *context)
{
	struct crowd *crowd = context;
	struct settings *settings = &crowd->rig.settings;
	const uint8_t src[16] = { 1 }, dst[16] = { 2 };
	struct admission syn = { .src = src, .dst = dst, .dst_port = 80, .family = 6 };
	struct flood_report report;

	for (uint64_t i = 0; i < 20000; i++) {
		limits_half_open_rise(crowd->rig.limits, settings, &syn);
		if (limits_flood_update(crowd->rig.limits, settings, &rig_services, &syn, i * NS_PER_S, &report))
			atomic_fetch_add(report.change == FLOOD_STARTED ? &crowd->started : &crowd->stopped, 1);
		limits_half_open_fall(crowd->rig.limits, settings, &syn);
		while (limits_flood_update(crowd->rig.limits, settings, &rig_services, NULL, i * NS_PER_S, &report))
			atomic_fetch_add(report.change == FLOOD_STARTED ? &crowd->started : &crowd->stopped, 1);
	}
	return NULL;
}

static void one_caller_is_told(void **state)
{
	struct crowd crowd = { .started = 0 };
	pthread_t thread[4];

	(void)state;
	prepare(&crowd.rig);
	crowd.rig.settings.syn_flood_destination_start = 1;
	crowd.rig.settings.syn_flood_hold = 0;
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, swing, &crowd), 0);
	for (unsigned i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	assert_true(crowd.started > 0);
	assert_int_equal(crowd.started, crowd.stopped + limits_flood(crowd.rig.limits));
	rig_close(&crowd.rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(begins_for_one_destination_alone),
		cmocka_unit_test(ends_below_its_share_after_the_hold),
		cmocka_unit_test(says_what_passed),
		cmocka_unit_test(not_more_than_allowed_at_once),
		cmocka_unit_test(switched_off_by_a_reload),
		cmocka_unit_test(stays_while_the_flood_does),
		cmocka_unit_test(does_not_stay_for_who_comes_back),
		cmocka_unit_test(a_source_is_told_of_once),
		cmocka_unit_test(workers_tell_of_a_source_once),
		cmocka_unit_test(lines_are_few_in_a_flood),
		cmocka_unit_test(knows_the_rate),
		cmocka_unit_test(the_past_fades),
		cmocka_unit_test(one_caller_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
