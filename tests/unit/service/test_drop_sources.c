/* SPDX-License-Identifier: GPL-2.0-or-later */
/* service/drop_sources: who sends the most of what is dropped, of however many workers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "service/drop_ring.h"
#include "service/drop_sources.h"

#define KEPT (2 * DROPS_KEPT) /* by each worker */

static void add(struct drop_sources *sources, uint32_t host)
{
	const uint8_t address[16] = { [10] = 0xff, [11] = 0xff, [12] = (uint8_t)(host >> 24),
				      [13] = (uint8_t)(host >> 16), [14] = (uint8_t)(host >> 8),
				      [15] = (uint8_t)host };

	drop_sources_add(sources, address);
}

static uint32_t host_at(const struct drop_sources *sources, uint32_t at)
{
	const uint8_t *address = sources->source[at].address;

	return (uint32_t)address[12] << 24 | (uint32_t)address[13] << 16 | (uint32_t)address[14] << 8 | address[15];
}

static struct drop_sources *begin(void)
{
	struct drop_sources *sources = calloc(1, sizeof *sources);

	assert_non_null(sources);
	return sources;
}

/* Each worker has one source of its own: none is left out, and no drop is counted twice or not at all. */
static void the_last_worker_counts_as_the_first(void **state)
{
	struct drop_sources *sources = begin();

	(void)state;
	for (uint32_t worker = 0; worker < 16; worker++)
		for (uint32_t i = 0; i < KEPT; i++)
			add(sources, i % 4 == 0 ? 7 : 100 + worker);
	drop_sources_rank(sources);
	assert_int_equal(sources->count, 17);
	assert_int_equal(host_at(sources, 0), 7);
	assert_int_equal(sources->source[0].drops, 16 * KEPT / 4);
	for (uint32_t worker = 0; worker < 16; worker++) {
		assert_int_equal(host_at(sources, 1 + worker), 100 + worker);
		assert_int_equal(sources->source[1 + worker].drops, KEPT / 4 * 3);
	}
	free(sources);
}

/* Forged addresses, each another one: who sends more is told all the same, even if the last worker alone sees it. */
static void forged_sources_hide_nobody(void **state)
{
	struct drop_sources *sources = begin();

	(void)state;
	for (uint32_t worker = 0; worker < 16; worker++)
		for (uint32_t i = 0; i < KEPT; i++)
			if (i % 16 == 0)
				add(sources, 7);
			else if (i % 16 == 1 && worker == 15)
				add(sources, 8);
			else
				add(sources, 1000000 + worker * KEPT + i);
	drop_sources_rank(sources);
	assert_int_equal(host_at(sources, 0), 7);
	assert_int_equal(sources->source[0].drops, 16 * KEPT / 16);
	assert_int_equal(host_at(sources, 1), 8);
	assert_int_equal(sources->source[1].drops, KEPT / 16);
	assert_int_equal(sources->source[2].drops, 1);
	free(sources);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_worker_counts_as_the_first),
		cmocka_unit_test(forged_sources_hide_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
