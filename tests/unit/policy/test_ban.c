/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A-1 step 1, A-7: prefixes of any length, their times, how many there are, and that nobody waits for a worker. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "policy/ban.h"
#include "policy/prefix.h"

#define MAPPED 96
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct hash_key key = { 5, 6 };

/* 10.a.b.c/bits */
static struct ban_entry entry4(unsigned a, unsigned b, unsigned c, unsigned bits, uint64_t until_ns,
			       enum ban_cause cause)
{
	const uint8_t address[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [13] = (uint8_t)a,
				      [14] = (uint8_t)b, [15] = (uint8_t)c };
	struct ban_entry entry = { .cause = cause, .until_ns = until_ns };

	entry.prefix.bits = (uint8_t)(MAPPED + bits);
	prefix_mask(entry.prefix.address, address, entry.prefix.bits);
	return entry;
}

static bool has4(const struct ban *ban, unsigned a, unsigned b, unsigned c, uint64_t now_ns)
{
	struct ban_entry entry = entry4(a, b, c, 32, 0, BAN_OPERATOR);

	return ban_has(ban, entry.prefix.address, now_ns);
}

static void any_length(void **state)
{
	static const unsigned lengths[] = { 32, 31, 24, 17, 9, 8 };

	(void)state;
	for (unsigned i = 0; i < COUNT(lengths); i++) {
		struct ban *ban = ban_new(16, &key);
		struct ban_entry entry = entry4(1, 2, 3, lengths[i], BAN_FOREVER, BAN_OPERATOR);

		assert_int_equal(ban_add(ban, &entry), BAN_ADDED);
		assert_true(has4(ban, 1, 2, 3, 0));
		assert_int_equal(has4(ban, 1, 2, 2, 0), lengths[i] < 32);
		assert_int_equal(has4(ban, 1, 2, 0, 0), lengths[i] < 31);
		assert_int_equal(has4(ban, 1, 3, 3, 0), lengths[i] <= 17);
		assert_int_equal(has4(ban, 1, 127, 3, 0), lengths[i] <= 17);
		assert_int_equal(has4(ban, 128, 0, 0, 0), lengths[i] == 8);
		assert_true(ban_remove(ban, &entry.prefix));
		assert_false(ban_remove(ban, &entry.prefix));
		assert_false(has4(ban, 1, 2, 3, 0));
		assert_int_equal(ban_count(ban), 0);
		ban_free(ban);
	}
}

/* ::/0 is all of IPv6 and nothing of IPv4, whatever addresses look like in here. */
static void families_are_apart(void **state)
{
	static const uint8_t six[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	struct ban_entry all6 = { .prefix = { .bits = 0 }, .until_ns = BAN_FOREVER };
	struct ban_entry all4 = entry4(0, 0, 0, 0, BAN_FOREVER, BAN_FILE);
	struct ban *ban = ban_new(16, &key);

	(void)state;
	ban_add(ban, &all6);
	assert_true(ban_has(ban, six, 0));
	assert_false(has4(ban, 1, 2, 3, 0));
	ban_remove(ban, &all6.prefix);
	ban_add(ban, &all4);
	assert_false(ban_has(ban, six, 0));
	assert_true(has4(ban, 1, 2, 3, 0));
	ban_free(ban);
}

static void times_run_out(void **state)
{
	struct ban *ban = ban_new(64, &key);
	struct ban_entry released, entry;
	unsigned count = 0;

	(void)state;
	assert_false(ban_is_timed(ban));
	for (unsigned c = 1; c <= 10; c++) {
		entry = entry4(0, 0, c, 32, c * 100, BAN_OVERLOAD);
		assert_int_equal(ban_try(ban, &entry), BAN_ADDED);
	}
	assert_true(ban_is_timed(ban));
	assert_true(has4(ban, 0, 0, 5, 499));
	assert_false(has4(ban, 0, 0, 5, 500));
	assert_false(ban_expire(ban, 99, &released));
	for (; ban_expire(ban, 500, &released); count++) {
		assert_int_equal(released.cause, BAN_OVERLOAD);
		assert_in_range(released.prefix.address[15], 1, 5);
	}
	assert_int_equal(count, 5);
	assert_int_equal(ban_count(ban), 5);
	entry = entry4(0, 0, 7, 32, 5000, BAN_OPERATOR); /* the later time holds */
	assert_int_equal(ban_add(ban, &entry), BAN_KNOWN);
	entry = entry4(0, 0, 7, 32, 50, BAN_OVERLOAD);
	assert_int_equal(ban_try(ban, &entry), BAN_KNOWN);
	for (count = 0; ban_expire(ban, 1000, &released) || ban_expire(ban, 1000, &released); count++)
		;
	assert_int_equal(count, 4);
	assert_true(has4(ban, 0, 0, 7, 4999));
	assert_true(ban_expire(ban, 5000, &released));
	assert_int_equal(released.cause, BAN_OPERATOR);
	assert_false(ban_expire(ban, 5000, &released));
	assert_false(ban_is_timed(ban));
	ban_free(ban);
}

/* As many as were asked for, every time: two choices of sets leave room, and not one more. */
static void holds_what_it_promises(void **state)
{
	static const uint32_t sizes[] = { 16, 100, 4096, 50000 };

	(void)state;
	for (unsigned s = 0; s < COUNT(sizes); s++) {
		struct ban *ban = ban_new(sizes[s], &key);
		struct ban_entry entry;
		uint32_t cursor = 0, walked = 0;

		for (uint32_t i = 0; i < sizes[s]; i++) {
			entry = entry4(i >> 16, i >> 8 & 255, i & 255, 32, BAN_FOREVER, BAN_OPERATOR);
			assert_int_equal(ban_add(ban, &entry), BAN_ADDED);
		}
		entry = entry4(200, 0, 0, 32, BAN_FOREVER, BAN_OPERATOR);
		assert_int_equal(ban_add(ban, &entry), BAN_FULL);
		assert_int_equal(ban_count(ban), sizes[s]);
		while (ban_walk(ban, &cursor, &entry))
			walked++;
		assert_int_equal(walked, sizes[s]);
		for (uint32_t i = 0; i < sizes[s]; i++)
			assert_true(has4(ban, i >> 16, i >> 8 & 255, i & 255, 0));
		ban_free(ban);
	}
}

/* A reload of the file changes what the file said, and nothing else. */
static void file_replaces_itself(void **state)
{
	struct prefix first[3] = { entry4(1, 0, 0, 16, 0, 0).prefix, entry4(2, 0, 0, 16, 0, 0).prefix,
				   entry4(3, 0, 0, 16, 0, 0).prefix };
	struct prefix second[2] = { first[1], entry4(4, 0, 0, 16, 0, 0).prefix };
	struct ban_entry operator = entry4(9, 0, 0, 16, BAN_FOREVER, BAN_OPERATOR);
	struct ban *ban = ban_new(16, &key);

	(void)state;
	ban_add(ban, &operator);
	ban_set_file(ban, first, 3);
	assert_true(has4(ban, 1, 0, 9, 0) && has4(ban, 2, 0, 9, 0) && has4(ban, 3, 0, 9, 0));
	ban_set_file(ban, second, 2);
	assert_false(has4(ban, 1, 0, 9, 0) || has4(ban, 3, 0, 9, 0));
	assert_true(has4(ban, 2, 0, 9, 0) && has4(ban, 4, 0, 9, 0) && has4(ban, 9, 0, 9, 0));
	ban_set_file(ban, NULL, 0);
	assert_int_equal(ban_count(ban), 1);
	assert_true(has4(ban, 9, 0, 9, 0));
	ban_free(ban);
}

static enum ban_cause cause_of_first(struct ban *ban)
{
	struct ban_entry entry = { .cause = BAN_OVERLOAD };
	uint32_t cursor = 0;

	assert_true(ban_walk(ban, &cursor, &entry));
	return entry.cause;
}

/* What somebody else banned stays banned as he said, whichever came first, when the file no longer names it. */
static void the_file_takes_only_its_own_back(void **state)
{
	for (unsigned file_first = 0; file_first < 2; file_first++) {
		struct ban_entry forever = entry4(1, 0, 0, 16, BAN_FOREVER, BAN_OPERATOR);
		struct ban_entry timed = entry4(2, 0, 0, 16, 500, BAN_OVERLOAD), released;
		const struct prefix both[2] = { forever.prefix, timed.prefix };
		struct ban *ban = ban_new(16, &key);

		(void)state;
		if (file_first)
			ban_set_file(ban, both, 2);
		ban_add(ban, &forever);
		ban_add(ban, &timed);
		ban_set_file(ban, both, 2);
		assert_int_equal(ban_count(ban), 2);
		assert_int_equal(cause_of_first(ban), BAN_FILE);
		assert_true(has4(ban, 2, 0, 9, 500)); /* as long as the file has it */
		assert_false(ban_expire(ban, 500, &released));
		ban_set_file(ban, NULL, 0);
		assert_true(has4(ban, 1, 0, 9, 500));
		assert_true(has4(ban, 2, 0, 9, 499) && !has4(ban, 2, 0, 9, 500));
		assert_true(ban_expire(ban, 500, &released));
		assert_int_equal(released.cause, BAN_OVERLOAD);
		assert_int_equal(ban_count(ban), 1);
		assert_int_equal(cause_of_first(ban), BAN_OPERATOR);
		ban_free(ban);
	}
}

struct crowd {
	struct ban *ban;
	_Atomic bool stop;
	unsigned wrong;
};

/* Asks for what is always there and for what never is, while the table changes under it. */
static void *ask(void *argument)
{
	struct crowd *crowd = argument;

	while (!atomic_load(&crowd->stop))
		crowd->wrong += !has4(crowd->ban, 1, 1, 1, 0) || has4(crowd->ban, 77, 1, 1, 0);
	return NULL;
}

static void readers_need_no_lock(void **state)
{
	struct ban_entry always = entry4(1, 1, 1, 32, BAN_FOREVER, BAN_OPERATOR);
	struct crowd crowd = { .ban = ban_new(64, &key) };
	pthread_t thread;

	(void)state;
	ban_add(crowd.ban, &always);
	assert_int_equal(pthread_create(&thread, NULL, ask, &crowd), 0);
	for (unsigned i = 0; i < 20000; i++) {
		struct ban_entry other = entry4(2, i >> 4 & 255, i & 15, 16 + i % 17, BAN_FOREVER, BAN_OVERLOAD);

		ban_try(crowd.ban, &other);
		if (i % 3 != 0)
			ban_remove(crowd.ban, &other.prefix);
		if (ban_count(crowd.ban) > 60)
			ban_set_file(crowd.ban, NULL, 0);
	}
	atomic_store(&crowd.stop, true);
	pthread_join(thread, NULL);
	assert_int_equal(crowd.wrong, 0);
	ban_free(crowd.ban);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_length),		cmocka_unit_test(families_are_apart),
		cmocka_unit_test(times_run_out),	cmocka_unit_test(holds_what_it_promises),
		cmocka_unit_test(file_replaces_itself), cmocka_unit_test(the_file_takes_only_its_own_back),
		cmocka_unit_test(readers_need_no_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
