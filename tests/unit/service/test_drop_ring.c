/* SPDX-License-Identifier: GPL-2.0-or-later */
/* service/drop_ring and service/hints: what is remembered of drops, and what is told once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "service/drop_ring.h"
#include "service/hints.h"

static void put(struct drop_ring *ring, uint64_t flow, uint32_t number)
{
	struct drop_record drop = { .flow = flow, .seq = number, .phase = PHASE_COUNT, .dir = SIDE_NONE };

	drop_ring_put(ring, &drop, number);
}

/* All that match, in slices. Returns how many; the first and the last by number. */
static unsigned read_all(const struct drop_ring *ring, uint64_t flow, uint32_t *first, uint32_t *last)
{
	struct drop_slice slice = { .cursor = 0 };
	unsigned count = 0;

	filter_any(&slice.filter);
	slice.filter.flow = flow;
	do {
		drop_ring_read(ring, &slice);
		assert_true(slice.matched <= DROPS_SLICE);
		for (uint32_t i = 0; i < slice.matched; i++) {
			*last = slice.entry[i].drop.seq;
			if (count++ == 0)
				*first = *last;
		}
	} while (slice.more);
	return count;
}

static void a_flood_of_strangers_washes_nothing_out(void **state)
{
	struct drop_ring *ring = calloc(1, sizeof *ring);
	uint32_t first = 0, last = 0;

	(void)state;
	assert_non_null(ring);
	assert_int_equal(read_all(ring, 0, &first, &last), 0);
	put(ring, 7, 1);
	for (uint32_t i = 0; i < 3 * DROPS_KEPT; i++)
		put(ring, 0, 2 + i);
	assert_int_equal(read_all(ring, 7, &first, &last), 1);
	assert_int_equal(first, 1);
	assert_int_equal(read_all(ring, 0, &first, &last), 1 + DROPS_KEPT);
	assert_int_equal(first, 1);                 /* those of flows come first */
	assert_int_equal(last, 2 + 2 * DROPS_KEPT); /* the oldest that is kept */
	free(ring);
}

/* Drops that come while it is read: each of the earlier ones once, as far as they are kept, none of the new. */
static void what_comes_between_slices_moves_nothing(void **state)
{
	struct drop_ring *ring = calloc(1, sizeof *ring);
	struct drop_slice slice = { .cursor = 0 };
	uint32_t expected = DROPS_KEPT, count = 0;

	(void)state;
	assert_non_null(ring);
	for (uint32_t i = 1; i <= DROPS_KEPT; i++)
		put(ring, 7, i);
	filter_any(&slice.filter);
	do {
		drop_ring_read(ring, &slice);
		for (uint32_t i = 0; i < slice.matched; i++, count++)
			assert_int_equal(slice.entry[i].drop.seq, expected--);
		for (uint32_t i = 0; i < DROPS_SLICE; i++)
			put(ring, 7, 1000000 + i);
	} while (slice.more);
	assert_in_range(count, DROPS_KEPT / 2, DROPS_KEPT / 2 + DROPS_SLICE); /* as many were washed out meanwhile */
	free(ring);
}

static void a_cause_is_told_once_by_all_workers(void **state)
{
	_Atomic uint32_t told = 0;
	struct hints hints[2] = { { .told = &told }, { .told = &told } };
	struct drop_record drop = { .reason = REASON_BAD_CHECKSUM };
	struct settings settings;
	struct event event;
	unsigned count = 0;

	(void)state;
	settings_defaults(&settings);
	for (int i = 0; i < HINT_AFTER - 1; i++)
		assert_false(hints_of_drop(&hints[0], &drop, &settings, &event));
	for (int i = 0; i < 3 * HINT_AFTER; i++)
		for (int worker = 0; worker < 2; worker++)
			count += hints_of_drop(&hints[worker], &drop, &settings, &event);
	assert_int_equal(count, 1);
	assert_int_equal(event.kind, EVENT_HINT);
	assert_non_null(strstr(event.notice.text, "cause=checksum-offload setting=tracking.verify_checksum"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flood_of_strangers_washes_nothing_out),
		cmocka_unit_test(what_comes_between_slices_moves_nothing),
		cmocka_unit_test(a_cause_is_told_once_by_all_workers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
