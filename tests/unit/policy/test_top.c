/* SPDX-License-Identifier: GPL-2.0-or-later */
/* the prefixes that a flood comes from, found among any number of others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "policy/top.h"

struct crowd {
	struct settings settings;
	struct top top;
	uint64_t random;
};

static struct crowd *open_crowd(void)
{
	static struct crowd crowd;

	memset(&crowd, 0, sizeof crowd);
	settings_defaults(&crowd.settings);
	top_init(&crowd.top);
	crowd.random = 1;
	return &crowd;
}

static uint32_t draw(struct crowd *crowd)
{
	crowd->random = crowd->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(crowd->random >> 32);
}

static void add(struct crowd *crowd, uint32_t ipv4)
{
	uint8_t src[16] = { [10] = 0xff, [11] = 0xff };

	for (unsigned i = 0; i < 4; i++)
		src[12 + i] = (uint8_t)(ipv4 >> (24 - 8 * i));
	top_add(&crowd->top, &crowd->settings, src, draw(crowd));
}

static void assert_prefix(const struct top_prefix *prefix, uint32_t ipv4, unsigned bits, unsigned least,
			  unsigned most)
{
	assert_int_equal(prefix->bits, 96 + bits);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(prefix->address[12 + i], (uint8_t)(ipv4 >> (24 - 8 * i)));
	assert_in_range(prefix->percent, least, most);
}

static void nobody_stands_out(void **state)
{
	struct crowd *crowd = open_crowd();
	struct top_prefix list[TOP_SHOWN];

	(void)state;
	assert_int_equal(top_list(&crowd->top, list), 0);
	for (unsigned i = 0; i < 100000; i++)
		add(crowd, draw(crowd));
	assert_int_equal(top_list(&crowd->top, list), 0);
}

/* One host, one network of many hosts and one /16 of many networks, among forged ones from everywhere. */
static void the_narrowest_that_says_all(void **state)
{
	struct crowd *crowd = open_crowd();
	struct top_prefix list[TOP_SHOWN];

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		uint32_t of_ten = draw(crowd) % 10;

		if (of_ten < 1)
			add(crowd, 0x0a000001); /* 10.0.0.1 */
		else if (of_ten < 3)
			add(crowd, 0xc0000200 + draw(crowd) % 256); /* 192.0.2.0/24 */
		else if (of_ten < 7)
			add(crowd, 0xc6120000 + draw(crowd) % 65536); /* 198.18.0.0/16 */
		else
			add(crowd, draw(crowd));
	}
	assert_int_equal(top_list(&crowd->top, list), 3);
	assert_prefix(&list[0], 0xc6120000, 16, 35, 42);
	assert_prefix(&list[1], 0xc0000200, 24, 16, 22);
	assert_prefix(&list[2], 0x0a000001, 32, 7, 12);
}

static void few_are_enough(void **state)
{
	struct crowd *crowd = open_crowd();
	struct top_prefix list[TOP_SHOWN];

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		add(crowd, 0x0a4d0000 + i);
	/* each host has its 5 %, four are shown */
	assert_int_equal(top_list(&crowd->top, list), TOP_SHOWN);
	for (unsigned i = 20; i < 30; i++)
		add(crowd, 0x0a4d0000 + i);
	assert_int_equal(top_list(&crowd->top, list), 1);
	assert_prefix(&list[0], 0x0a4d0000, 24, 100, 100);
}

static void the_past_fades(void **state)
{
	struct crowd *crowd = open_crowd();
	struct top_prefix list[TOP_SHOWN];

	(void)state;
	for (unsigned i = 0; i < 4000; i++)
		add(crowd, 0x0a000001);
	for (unsigned second = 0; second < 10; second++) {
		top_halve(&crowd->top);
		for (unsigned i = 0; i < 500; i++)
			add(crowd, 0xc0000201);
	}
	assert_int_equal(top_list(&crowd->top, list), 1);
	assert_prefix(&list[0], 0xc0000201, 32, 95, 100);
	for (unsigned second = 0; second < 20; second++)
		top_halve(&crowd->top);
	assert_int_equal(top_list(&crowd->top, list), 0);
}

static void by_ipv6_too(void **state)
{
	struct crowd *crowd = open_crowd();
	struct top_prefix list[TOP_SHOWN];

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		const uint8_t src[16] = { 0x20, 0x01, 0x0d, 0xb8, [5] = (uint8_t)i, [9] = (uint8_t)(i >> 3), [15] = 1 };

		top_add(&crowd->top, &crowd->settings, src, 0);
	}
	assert_int_equal(top_list(&crowd->top, list), 1);
	assert_int_equal(list[0].bits, 32);
	assert_int_equal(list[0].address[3], 0xb8);
}

static void rows_as_they_are_kept(void **state)
{
	struct crowd *crowd = open_crowd();
	struct top_row row[TOP_ROWS];
	uint64_t total;

	(void)state;
	assert_int_equal(top_rows(&crowd->top, 0, row, &total), 0);
	assert_int_equal(total, 0);
	for (unsigned i = 0; i < 30; i++)
		add(crowd, 0x0a000001 + i % 3 / 2);
	assert_int_equal(top_rows(&crowd->top, 0, row, &total), 2);
	assert_int_equal(total, 30);
	assert_int_equal(row[0].count + row[1].count, 30);
	assert_int_equal(top_rows(&crowd->top, 1, row, &total), 1);
	assert_int_equal(row[0].count - row[0].error, 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_stands_out), cmocka_unit_test(the_narrowest_that_says_all),
		cmocka_unit_test(few_are_enough),    cmocka_unit_test(the_past_fades),
		cmocka_unit_test(by_ipv6_too),	     cmocka_unit_test(rows_as_they_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
