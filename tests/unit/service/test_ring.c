/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "service/ring.h"

#define SLOTS  64
#define PUSHED 500000

static struct event numbered(uint64_t number)
{
	struct event event = { .kind = EVENT_SUMMARY, .now_ns = number };

	return event;
}

static bool push(struct ring *ring, uint64_t number)
{
	struct event event = numbered(number);

	return ring_push(ring, &event);
}

static void keeps_order(void **state)
{
	struct ring *ring = ring_new(SLOTS);
	struct event event;

	(void)state;
	assert_true(ring_is_quiet(ring));
	for (uint64_t i = 0; i < 10; i++)
		assert_true(push(ring, i));
	assert_false(ring_is_quiet(ring));
	for (uint64_t i = 0; i < 10; i++) {
		assert_true(ring_pop(ring, &event));
		assert_int_equal(event.now_ns, i);
	}
	assert_false(ring_pop(ring, &event));
	assert_int_equal(ring_take_lost(ring), 0);
	ring_free(ring);
}

static void counts_what_it_refuses(void **state)
{
	struct ring *ring = ring_new(SLOTS);
	struct event event;

	(void)state;
	for (uint64_t i = 0; i < SLOTS - 1; i++) {
		assert_true(ring_has_room(ring));
		assert_true(push(ring, i));
	}
	assert_false(ring_has_room(ring));
	for (uint64_t i = 0; i < 5; i++)
		assert_false(push(ring, 1000));
	assert_int_equal(ring_take_lost(ring), 5);
	assert_int_equal(ring_take_lost(ring), 0);
	for (uint64_t i = 0; ring_pop(ring, &event); i++)
		assert_int_equal(event.now_ns, i);
	ring_free(ring);
}

/* Lost without an event left in it is not quiet: somebody still has to tell. */
static void lost_is_not_quiet(void **state)
{
	struct ring *ring = ring_new(2);
	struct event event;

	(void)state;
	assert_true(push(ring, 1));
	assert_false(push(ring, 2));
	assert_true(ring_pop(ring, &event));
	assert_false(ring_is_quiet(ring));
	assert_int_equal(ring_take_lost(ring), 1);
	assert_true(ring_is_quiet(ring));
	ring_free(ring);
}

static _Atomic bool produced;

static void *produce(void *ring)
{
	for (uint64_t i = 1; i <= PUSHED; i++)
		push(ring, i);
	atomic_store(&produced, true);
	return NULL;
}

static void two_threads_lose_nothing_uncounted(void **state)
{
	struct ring *ring = ring_new(SLOTS);
	uint64_t popped = 0, lost = 0, last = 0;
	struct event event;
	pthread_t producer;
	bool more = true;

	(void)state;
	assert_int_equal(pthread_create(&producer, NULL, produce, ring), 0);
	while (more) {
		more = !atomic_load(&produced);
		while (ring_pop(ring, &event)) {
			assert_true(event.now_ns > last);
			last = event.now_ns;
			popped++;
		}
		lost += ring_take_lost(ring);
	}
	pthread_join(producer, NULL);
	assert_int_equal(popped + lost, PUSHED);
	assert_true(ring_is_quiet(ring));
	ring_free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_order),
		cmocka_unit_test(counts_what_it_refuses),
		cmocka_unit_test(lost_is_not_quiet),
		cmocka_unit_test(two_threads_lose_nothing_uncounted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
