/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dropped packets from the ring to the file: bytes, times, comments; a full ring and a full disk count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../folder.h"
#include "service/drop_writer.h"

static char content[1 << 16];

static int setup(void **state)
{
	struct drop_file *file;
	char error[256];

	if (make_folder(state) < 0)
		return -1;
	file = drop_file_open(path, 1 << 20, error, sizeof error);
	*state = file != NULL ? drop_writer_new(file, 2) : NULL;
	return *state != NULL ? 0 : -1;
}

static int teardown(void **state)
{
	drop_writer_free(*state);
	return remove_folder(state);
}

static void push(struct drop_queue *queue, bool monitor)
{
	uint8_t data[600] = { 0x45, 0, 2, 88, [8] = 64, [9] = 6, [12] = 10, [15] = 1, [16] = 10, [19] = 2, [20] = 1 };
	const struct packet_bytes packet = { .data = data, .captured = sizeof data, .length = 600 };
	const struct decision decision = { .reason = REASON_BAD_FLAGS, .would_drop = monitor, .has_flow = true,
					   .phase = PHASE_ESTABLISHED };

	data[32] = 5 << 4;
	drop_queue_push(queue, &packet, &decision, 1000);
}

static bool says(const char *word)
{
	FILE *file = fopen(path, "rb");
	size_t size;

	assert_non_null(file);
	size = fread(content, 1, sizeof content, file);
	fclose(file);
	return memmem(content, size, word, strlen(word)) != NULL;
}

static void packets_get_a_comment(void **state)
{
	struct drop_writer *writer = *state;

	assert_true(drop_writer_is_quiet(writer));
	assert_false(drop_writer_run(writer, NULL, 0));
	push(drop_writer_queue(writer, 0), false);
	push(drop_writer_queue(writer, 1), true);
	assert_false(drop_writer_is_quiet(writer));
	assert_true(drop_writer_run(writer, NULL, 5000));
	assert_true(drop_writer_is_quiet(writer));
	assert_true(says("drop bad-flags (policy.bad_flags); phase ESTABLISHED"));
	assert_true(says("would-drop bad-flags"));
	assert_int_equal(drop_writer_lost(writer), 0);
}

static void a_full_ring_counts(void **state)
{
	struct drop_writer *writer = *state;

	for (int i = 0; i < 1100; i++)
		push(drop_writer_queue(writer, 1), false);
	assert_int_equal(drop_writer_lost(writer), 1100 - 1023);
	while (drop_writer_run(writer, NULL, 0))
		;
	push(drop_writer_queue(writer, 1), false);
	assert_int_equal(drop_writer_lost(writer), 1100 - 1023);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(packets_get_a_comment, setup, teardown),
		cmocka_unit_test_setup_teardown(a_full_ring_counts, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
