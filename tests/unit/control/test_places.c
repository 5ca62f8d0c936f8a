/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/places: who gives way where all places are taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/places.h"

#define COUNT  4
#define ROOT   0
#define READER 1000
#define OTHER  1001

static const struct place root_old = { .taken = true, .changer = true, .uid = ROOT, .since_ns = 1 };
static const struct place root_new = { .taken = true, .changer = true, .uid = ROOT, .since_ns = 8 };
static const struct place reader_old = { .taken = true, .uid = READER, .since_ns = 2 };
static const struct place reader_new = { .taken = true, .uid = READER, .since_ns = 9 };
static const struct place other_old = { .taken = true, .uid = OTHER, .since_ns = 3 };
static const struct place nobody = { .taken = false };

static void who_gives_way(void **state)
{
	const struct {
		const char *what;
		struct place places[COUNT];
		uid_t newcomer;
		unsigned expected;
	} cases[] = {
		{ "a free one", { root_old, reader_old, nobody, reader_new }, READER, 2 },
		{ "his own oldest", { root_old, reader_new, reader_old, reader_new }, READER, 2 },
		{ "who has most, for root", { root_old, reader_new, reader_old, reader_new }, ROOT, 2 },
		{ "who has most, for another", { root_old, reader_new, reader_old, other_old }, OTHER, 2 },
		{ "as many: his own", { root_old, root_new, reader_old, reader_new }, READER, 2 },
		{ "as many: his own, root too", { root_old, root_new, reader_old, reader_new }, ROOT, 0 },
		{ "as many: readers first", { root_old, root_new, reader_new, reader_old }, OTHER, 3 },
		{ "root has most", { root_old, root_new, root_new, reader_old }, READER, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (places_choose(cases[i].places, COUNT, cases[i].newcomer) != cases[i].expected)
			fail_msg("%s: %u", cases[i].what,
				 places_choose(cases[i].places, COUNT, cases[i].newcomer));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(who_gives_way) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
