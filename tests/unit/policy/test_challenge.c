/* SPDX-License-Identifier: GPL-2.0-or-later */
/* which cookie a SYN gets, how long and for whom it is valid, and how many are given out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/units.h"
#include "policy/challenge.h"

#define SLOT_S 64

static const struct hash_key key = { 9, 10 };
static const uint8_t client[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [15] = 1 };
static const uint8_t server[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [15] = 2 };
static const uint8_t stranger[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [15] = 3 };

static struct admission packet(uint32_t seq)
{
	return (struct admission){ .src = client, .dst = server, .src_port = 40000, .dst_port = 80, .seq = seq,
				   .family = 4 };
}

/* The cookie for a SYN without data at this second; somebody is answered then. */
static uint32_t give(struct challenge *challenge, uint64_t second)
{
	struct admission syn = packet(1000);

	assert_true(challenge_may_answer(challenge, 0, second * NS_PER_S));
	return challenge_cookie(challenge, &syn, second * NS_PER_S).ack;
}

static bool is_answer(const struct challenge *challenge, uint32_t seq, uint64_t second)
{
	struct admission rst = packet(seq);

	return challenge_is_answer(challenge, &rst, second * NS_PER_S);
}

static void valid_for_this_slot_and_the_next(void **state)
{
	struct challenge challenge;
	uint32_t first, last;

	(void)state;
	challenge_init(&challenge, &key);
	first = give(&challenge, 10 * SLOT_S);
	last = give(&challenge, 11 * SLOT_S - 1);
	assert_int_equal(first, last); /* the same SYN is answered the same way */
	assert_int_not_equal(first, give(&challenge, 11 * SLOT_S));
	assert_true(is_answer(&challenge, first, 10 * SLOT_S));
	assert_true(is_answer(&challenge, first, 12 * SLOT_S - 1));
	assert_false(is_answer(&challenge, first, 12 * SLOT_S));
	assert_false(is_answer(&challenge, first, 10 * SLOT_S - 1));
	assert_false(is_answer(&challenge, first + 1, 11 * SLOT_S));
	assert_false(is_answer(&challenge, first - 1, 11 * SLOT_S));
}

static void in_the_first_slot_too(void **state)
{
	struct challenge challenge;

	(void)state;
	challenge_init(&challenge, &key);
	assert_true(is_answer(&challenge, give(&challenge, 0), 0));
	assert_true(is_answer(&challenge, give(&challenge, 0), 2 * SLOT_S - 1));
	assert_false(is_answer(&challenge, give(&challenge, 0), 2 * SLOT_S));
}

/* Whoever changes an address or a port has another cookie. */
static void bound_to_the_connection(void **state)
{
	struct challenge challenge;
	struct admission rst;
	uint32_t cookie;

	(void)state;
	challenge_init(&challenge, &key);
	cookie = give(&challenge, 100);
	for (unsigned change = 0; change < 5; change++) {
		rst = packet(cookie);
		if (change == 1)
			rst.src = stranger;
		else if (change == 2)
			rst.dst = stranger;
		else if (change == 3)
			rst.src_port++;
		else if (change == 4)
			rst.dst_port++;
		assert_int_equal(challenge_is_answer(&challenge, &rst, 100 * NS_PER_S), change == 0);
	}
	/* not even the other way round */
	rst = (struct admission){ .src = server, .dst = client, .src_port = 80, .dst_port = 40000, .seq = cookie };
	assert_false(challenge_is_answer(&challenge, &rst, 100 * NS_PER_S));
}

static void bound_to_the_key(void **state)
{
	static const struct hash_key other = { 9, 11 };
	struct challenge one, two;

	(void)state;
	challenge_init(&one, &key);
	challenge_init(&two, &other);
	assert_int_not_equal(give(&one, 100), give(&two, 100));
}

/* Never in [seq, seq + 1 + len]: a client would take such a SYN+ACK for the server's. */
static void never_acknowledges_the_syn(void **state)
{
	struct challenge challenge;
	uint32_t plain;

	(void)state;
	challenge_init(&challenge, &key);
	plain = give(&challenge, 100);
	for (uint32_t len = 0; len <= 1460; len += 730)
		for (uint32_t back = 0; back <= len + 3; back++) {
			struct admission syn = packet(plain - back);
			uint32_t ack;

			syn.len = len;
			ack = challenge_cookie(&challenge, &syn, 100 * NS_PER_S).ack;
			assert_true(ack - syn.seq > len + 1);
			assert_int_equal(ack == plain, back > len + 1);
			assert_true(is_answer(&challenge, ack, 100));
		}
}

/* A RST costs no hash, and proves nobody, where nobody was asked. */
static void nothing_is_an_answer_unasked(void **state)
{
	struct challenge challenge;
	struct admission syn = packet(1000);
	uint32_t cookie;

	(void)state;
	challenge_init(&challenge, &key);
	cookie = challenge_cookie(&challenge, &syn, 100 * NS_PER_S).ack;
	assert_false(is_answer(&challenge, cookie, 100));
	give(&challenge, 100);
	assert_true(is_answer(&challenge, cookie, 100));
}

static void answers_have_a_rate(void **state)
{
	struct challenge challenge;
	unsigned answered = 0;

	(void)state;
	challenge_init(&challenge, &key);
	for (uint64_t ms = 0; ms < 2000; ms++)
		for (unsigned i = 0; i < 10; i++)
			answered += challenge_may_answer(&challenge, 1000, 10 * NS_PER_S + ms * NS_PER_MS);
	assert_in_range(answered, 2000, 2000 + 1000 / 10 + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_for_this_slot_and_the_next),
		cmocka_unit_test(in_the_first_slot_too),
		cmocka_unit_test(bound_to_the_connection),
		cmocka_unit_test(bound_to_the_key),
		cmocka_unit_test(never_acknowledges_the_syn),
		cmocka_unit_test(nothing_is_an_answer_unasked),
		cmocka_unit_test(answers_have_a_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
