/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bounded text: what fits is written, what does not is cut off and said so, nothing lies beyond. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"

static void appends(void **state)
{
	char room[32];
	struct text t;

	(void)state;
	text_init(&t, room, sizeof(room));
	assert_string_equal(room, "");
	text_str(&t, "port=");
	text_fmt(&t, "%d", 80);
	text_char(&t, ';');
	text_str(&t, "");
	assert_string_equal(room, "port=80;");
	assert_int_equal(t.len, 8);
	assert_false(t.truncated);
}

/* Every size of room, by each of the three ways: as much as fits, NUL behind it, no byte beyond. */
static void cuts_off_what_does_not_fit(void **state)
{
	static const char whole[] = "0123456789";
	char room[16];

	(void)state;
	for (size_t size = 1; size <= 12; size++) {
		for (int way = 0; way < 3; way++) {
			size_t fits = size - 1 < 10 ? size - 1 : 10;
			struct text t;

			memset(room, 0x55, sizeof(room));
			text_init(&t, room, size);
			if (way == 0)
				text_str(&t, whole);
			else if (way == 1)
				text_fmt(&t, "%s", whole);
			else
				for (const char *c = whole; *c != '\0'; c++)
					text_char(&t, *c);
			assert_int_equal(t.len, fits);
			assert_memory_equal(room, whole, fits);
			assert_int_equal(room[fits], '\0');
			assert_int_equal(t.truncated, fits < 10);
			for (size_t i = size; i < sizeof(room); i++)
				assert_int_equal(room[i], 0x55);
		}
	}
}

static void stays_cut_off(void **state)
{
	char room[4];
	struct text t;

	(void)state;
	text_init(&t, room, sizeof(room));
	text_str(&t, "abcd");
	text_str(&t, "e");
	text_fmt(&t, "%s", "f");
	text_char(&t, 'g');
	assert_string_equal(room, "abc");
	assert_true(t.truncated);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends),
		cmocka_unit_test(cuts_off_what_does_not_fit),
		cmocka_unit_test(stays_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
