/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flow ids: 64 bits to 13 letters and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "report/flow_id.h"

static void known_ids(void **state)
{
	static const struct {
		uint64_t id;
		const char *text;
	} cases[] = {
		{ 0, "aaaaaaaaaaaaa" },
		{ 1, "aaaaaaaaaaaac" },
		{ 16, "aaaaaaaaaaaba" },
		{ UINT64_C(0x8000000000000000), "qaaaaaaaaaaaa" },
		{ UINT64_MAX, "7777777777776" },
		{ UINT64_C(0x0123456789abcdef), "aerukz4jvpg66" },
	};
	char text[FLOW_ID_SIZE];
	uint64_t id;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		flow_id_text(cases[i].id, text);
		assert_string_equal(text, cases[i].text);
		assert_true(flow_id_parse(cases[i].text, &id));
		assert_int_equal(id, cases[i].id);
	}
}

static void every_bit_survives(void **state)
{
	char text[FLOW_ID_SIZE];
	uint64_t id;

	(void)state;
	for (int bit = 0; bit < 64; bit++) {
		flow_id_text(UINT64_C(1) << bit, text);
		assert_int_equal(strspn(text, "abcdefghijklmnopqrstuvwxyz234567"), 13);
		assert_true(flow_id_parse(text, &id));
		assert_int_equal(id, UINT64_C(1) << bit);
	}
}

static void refuses_what_is_no_id(void **state)
{
	static const char *const cases[] = {
		"", "aaaaaaaaaaaa", "aaaaaaaaaaaaaa", "aaaaaaaaaaaab", "Aaaaaaaaaaaaa",
		"aaaaaa1aaaaaa", "aaaaaa aaaaaa",
	};
	uint64_t id = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_false(flow_id_parse(cases[i], &id));
	assert_int_equal(id, 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_ids),
		cmocka_unit_test(every_bit_survives),
		cmocka_unit_test(refuses_what_is_no_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
