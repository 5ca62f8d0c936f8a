/* SPDX-License-Identifier: GPL-2.0-or-later */
/* W-1 to W-12: each test at its boundary, each number of the update, wherever the sequence numbers wrap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tcp/window.h"

#define WINDOW	 65535
#define ACK_MIN	 66000
#define FOR_EACH(i, array) for (unsigned i = 0; i < sizeof(array) / sizeof((array)[0]); i++)

/* Initial numbers around every place where arithmetic could go wrong. */
static const uint32_t starts[] = { 1000,	0,	    1,		0x7fffffff, 0x80000000, 0x80000001,
				   0xffff0000, 0xfffffffe, 0xffffffff, 0x7fff0000, 0x3fffffff, 0xc0000000 };

struct pair {
	struct tcp_end client, server;
	uint32_t p, q; /* first number of each end after its SYN */
};

static struct window_segment segment(uint32_t seq, uint32_t len, uint32_t ack)
{
	return (struct window_segment){ .seq = seq, .next = seq + len, .len = len, .ack = ack, .sack = ack,
					.window = WINDOW, .has_ack = true };
}

/* Both ends after the three-way handshake with windows of 65535 and no scale. */
static struct pair open_pair(uint32_t p_isn, uint32_t q_isn)
{
	struct pair pair = { .p = p_isn + 1, .q = q_isn + 1 };
	struct window_segment third = segment(pair.p, 0, pair.q);

	pair.client = (struct tcp_end){ .isn = p_isn, .sent = pair.p, .contiguous = pair.p, .acked = pair.p,
					.limit = pair.p + WINDOW, .max_window = WINDOW, .window = WINDOW };
	pair.server = (struct tcp_end){ .isn = q_isn, .sent = pair.q, .contiguous = pair.q, .acked = q_isn,
					.limit = pair.q + WINDOW, .max_window = WINDOW, .window = WINDOW };
	window_update(&pair.client, &pair.server, &third);
	return pair;
}

static unsigned judge(const struct pair *pair, struct window_segment seg)
{
	return window_test(&pair->client, &pair->server, &seg, 0, ACK_MIN);
}

static void check_numbers(void **state)
{
	struct pair pair = open_pair(1000, 5000);

	(void)state;
	assert_int_equal(pair.client.sent, 1001);
	assert_int_equal(pair.client.acked, 1001);
	assert_int_equal(pair.client.limit, 66536);
	assert_int_equal(pair.server.sent, 5001);
	assert_int_equal(pair.server.acked, 5001);
	assert_int_equal(pair.server.limit, 70536);
	assert_int_equal(judge(&pair, segment(1001, 0, 5001)), 0);
}

static void w1_start(void **state)
{
	(void)state;
	FOR_EACH(i, starts) {
		struct pair pair = open_pair(starts[i], starts[i] + 77);

		assert_int_equal(judge(&pair, segment(pair.client.limit, 0, pair.q)), 0);
		assert_int_equal(judge(&pair, segment(pair.client.limit + 1, 0, pair.q)), WINDOW_STARTS_HIGH);
		pair.client.flags |= END_LIMIT_UNKNOWN;
		assert_int_equal(judge(&pair, segment(pair.client.limit + 1000, 9, pair.q)), 0);
	}
}

static void w2_end(void **state)
{
	(void)state;
	FOR_EACH(i, starts) {
		struct pair pair = open_pair(starts[i], starts[i] + 77);
		struct window_segment seg = segment(pair.p, WINDOW + 1, pair.q);

		assert_int_equal(judge(&pair, seg), 0); /* a FIN behind a full window */
		seg = segment(pair.p, WINDOW + 2, pair.q);
		assert_int_equal(judge(&pair, seg), WINDOW_ENDS_HIGH);
		assert_int_equal(window_test(&pair.client, &pair.server, &seg, 1, ACK_MIN), 0);
		seg = segment(pair.p, WINDOW + 102, pair.q);
		assert_int_equal(window_test(&pair.client, &pair.server, &seg, 100, ACK_MIN), WINDOW_ENDS_HIGH);
	}
}

static void w3_too_old(void **state)
{
	(void)state;
	FOR_EACH(i, starts) {
		struct pair pair = open_pair(starts[i], starts[i] + 77);

		assert_int_equal(judge(&pair, segment(pair.p - WINDOW, 0, pair.q)), 0);
		assert_int_equal(judge(&pair, segment(pair.p - WINDOW - 1, 0, pair.q)), WINDOW_TOO_OLD);
		assert_int_equal(judge(&pair, segment(pair.p - WINDOW - 1, 1, pair.q)), 0);
		pair.server.max_window = 1;
		assert_int_equal(judge(&pair, segment(pair.p - 1, 0, pair.q)), 0); /* a keepalive (W-14) */
		assert_int_equal(judge(&pair, segment(pair.p - 2, 0, pair.q)), WINDOW_TOO_OLD);
		pair.server.max_window = 0; /* none known (K-3) */
		assert_int_equal(judge(&pair, segment(pair.p - 1000000, 0, pair.q)), 0);
	}
}

static void w4_ack_of_the_unsent(void **state)
{
	(void)state;
	FOR_EACH(i, starts) {
		struct pair pair = open_pair(starts[i], starts[i] + 77);
		struct window_segment seg = segment(pair.p, 0, pair.q);

		assert_int_equal(judge(&pair, segment(pair.p, 0, pair.q + 1)), WINDOW_ACK_HIGH);
		seg.sack = pair.q + 1; /* O-7: the SACK edge counts */
		assert_int_equal(judge(&pair, seg), WINDOW_ACK_HIGH);
		pair.server.sent++;
		assert_int_equal(judge(&pair, seg), 0);
	}
}

static void w5_old_ack(void **state)
{
	(void)state;
	FOR_EACH(i, starts) {
		struct pair pair = open_pair(starts[i], starts[i] + 77);

		pair.server.sent += 5000; /* from the acknowledged number, not from the sent one */
		assert_int_equal(judge(&pair, segment(pair.p, 0, pair.q - ACK_MIN)), 0);
		assert_int_equal(judge(&pair, segment(pair.p, 0, pair.q - ACK_MIN - 1)), WINDOW_ACK_OLD);
		pair.client.max_window = 1000000; /* W-6 */
		assert_int_equal(judge(&pair, segment(pair.p, 0, pair.q - 1000000)), 0);
		assert_int_equal(judge(&pair, segment(pair.p, 0, pair.q - 1000001)), WINDOW_ACK_OLD);
	}
}

/* W-8: what overshot is remembered: pure ACKs from there, and ACKs of it, fit. */
static void w8_overshoot(void **state)
{
	(void)state;
	FOR_EACH(i, starts) {
		struct pair pair = open_pair(starts[i], starts[i] + 77);
		uint32_t to = pair.client.limit + 500;

		pair.client.flags |= END_HAS_OVERSHOOT;
		pair.client.overshoot_to = to;
		assert_int_equal(judge(&pair, segment(to, 0, pair.q)) & WINDOW_STARTS_HIGH, 0);
		assert_int_equal(judge(&pair, segment(to + 1, 0, pair.q)) & WINDOW_STARTS_HIGH, WINDOW_STARTS_HIGH);
		assert_int_equal(judge(&pair, segment(to, 1, pair.q)) & WINDOW_STARTS_HIGH, WINDOW_STARTS_HIGH);
		pair.server.flags |= END_HAS_OVERSHOOT;
		pair.server.overshoot_to = pair.q + 300;
		assert_int_equal(judge(&pair, segment(pair.p, 0, pair.q + 300)), 0);
		assert_int_equal(judge(&pair, segment(pair.p, 0, pair.q + 301)), WINDOW_ACK_HIGH);
	}
}

static void w10_receiver(void **state)
{
	(void)state;
	FOR_EACH(i, starts) {
		struct pair pair = open_pair(starts[i], starts[i] + 77);
		struct window_segment ack = segment(pair.p, 0, pair.q + 100);

		pair.server.sent = pair.q + 300;
		pair.server.flags |= END_UNACKED;
		window_update(&pair.client, &pair.server, &ack);
		assert_int_equal(pair.server.acked, pair.q + 100);
		assert_int_equal(pair.server.contiguous, pair.q + 100);
		assert_int_equal(pair.server.bytes, 100); /* acknowledged, so it went past us */
		assert_int_equal(pair.server.limit, pair.q + 100 + WINDOW);
		assert_true(pair.server.flags & END_UNACKED);
		pair.server.flags |= END_HAS_OVERSHOOT;
		pair.server.overshoot_to = pair.q + 400;
		ack = segment(pair.p, 0, pair.q + 300);
		window_update(&pair.client, &pair.server, &ack);
		assert_false(pair.server.flags & END_UNACKED);
		assert_true(pair.server.flags & END_HAS_OVERSHOOT);
		ack = segment(pair.p, 0, pair.q + 400);
		window_update(&pair.client, &pair.server, &ack);
		assert_false(pair.server.flags & END_HAS_OVERSHOOT);
		assert_int_equal(pair.server.sent, pair.q + 400);
	}
}

static void w10_sender(void **state)
{
	(void)state;
	FOR_EACH(i, starts) {
		struct pair pair = open_pair(starts[i], starts[i] + 77);
		struct window_segment seg = segment(pair.p + 100, 50, pair.q);

		window_update(&pair.client, &pair.server, &seg); /* a hole before it */
		assert_int_equal(pair.client.sent, pair.p + 150);
		assert_int_equal(pair.client.contiguous, pair.p);
		assert_int_equal(pair.client.bytes, 0);
		assert_true(pair.client.flags & END_UNACKED);
		seg = segment(pair.p, 120, pair.q);
		window_update(&pair.client, &pair.server, &seg);
		assert_int_equal(pair.client.contiguous, pair.p + 120);
		assert_int_equal(pair.client.sent, pair.p + 150);
		assert_int_equal(pair.client.bytes, 120);
		window_update(&pair.client, &pair.server, &seg); /* the same again */
		assert_int_equal(pair.client.bytes, 120);
		assert_int_equal(pair.client.contiguous, pair.p + 120);
	}
}

static void w10_windows(void **state)
{
	struct pair pair = open_pair(1000, 5000);
	struct window_segment seg = segment(1001, 0, 5001);

	(void)state;
	seg.window = WINDOW_MOST;
	seg.sack = seg.ack + 1000;
	window_update(&pair.client, &pair.server, &seg);
	assert_int_equal(pair.client.max_window, WINDOW_MOST); /* F-8 */
	seg = segment(1001, WINDOW + 11, 5001);
	window_update(&pair.client, &pair.server, &seg); /* 11 beyond: the server granted more than we saw */
	assert_int_equal(pair.server.max_window, WINDOW + 11);
	pair = open_pair(1000, 5000);
	seg = segment(1001, 0, 5001);
	seg.sack = 5101;
	seg.window = WINDOW - 50;
	window_update(&pair.client, &pair.server, &seg);
	assert_int_equal(pair.client.max_window, WINDOW + 50);
	assert_int_equal(pair.client.window, WINDOW - 50);
	pair.client.max_window = 0;
	seg = segment(1001, 0, 5001);
	seg.window = 0;
	window_update(&pair.client, &pair.server, &seg);
	assert_int_equal(pair.client.max_window, 1); /* a known one is at least 1 */
}

static void w11_shrinking_window(void **state)
{
	(void)state;
	FOR_EACH(i, starts) {
		struct pair pair = open_pair(starts[i], starts[i] + 77);
		struct window_segment seg = segment(pair.p, 0, pair.q);

		seg.window = 10;
		window_update(&pair.client, &pair.server, &seg);
		assert_int_equal(pair.server.limit, pair.q + WINDOW);
		assert_int_equal(pair.client.max_window, WINDOW);
		assert_int_equal(pair.client.window, 10);
	}
}

/* W-13: the probe of a closed window starts at the edge, and fits. */
static void w13_zero_window(void **state)
{
	(void)state;
	FOR_EACH(i, starts) {
		struct pair pair = open_pair(starts[i], starts[i] + 77);
		struct window_segment full = segment(pair.p, WINDOW, pair.q);
		struct window_segment shut = segment(pair.q, 0, pair.p + WINDOW);
		struct window_segment probe = segment(pair.p + WINDOW, 1, pair.q);

		shut.window = 0;
		window_update(&pair.client, &pair.server, &full);
		window_update(&pair.server, &pair.client, &shut);
		assert_true(pair.server.flags & END_ZERO_WINDOW);
		assert_int_equal(pair.client.limit, pair.p + WINDOW + 1);
		assert_int_equal(judge(&pair, probe), 0);
		assert_int_equal(judge(&pair, segment(pair.p + WINDOW + 2, 1, pair.q)),
				 WINDOW_STARTS_HIGH | WINDOW_ENDS_HIGH);
		shut.window = 100;
		window_update(&pair.server, &pair.client, &shut);
		assert_false(pair.server.flags & END_ZERO_WINDOW);
	}
}

/* Without the ACK bit a segment says nothing about its receiver. */
static void no_ack_bit(void **state)
{
	struct pair pair = open_pair(1000, 5000);
	struct window_segment seg = segment(1001, 10, 5101);
	struct tcp_end before;

	(void)state;
	pair.server.sent = 5101;
	pair.server.flags |= END_UNACKED;
	before = pair.server;
	seg.has_ack = false;
	window_update(&pair.client, &pair.server, &seg);
	assert_memory_equal(&pair.server, &before, sizeof before);
	assert_int_equal(pair.client.sent, 1011);
}

/* K-3: the first window known sets the limit outright. */
static void unknown_limit(void **state)
{
	struct pair pair = open_pair(1000, 5000);
	struct window_segment ack = segment(1001, 0, 5001);

	(void)state;
	pair.server.flags |= END_LIMIT_UNKNOWN;
	pair.server.limit = 5001 + 1000000;
	window_update(&pair.client, &pair.server, &ack);
	assert_int_equal(pair.server.limit, 5001 + WINDOW);
	assert_false(pair.server.flags & END_LIMIT_UNKNOWN);
}

static uint64_t random_next(uint64_t *random)
{
	*random ^= *random << 13; /* xorshift64 of Marsaglia */
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return *random;
}

/* The number as far from where its end began. */
static int64_t distance(uint32_t seq, uint32_t from)
{
	return (int32_t)(seq - from);
}

/* W-1 to W-5 in plain 64-bit numbers. */
static unsigned naive_test(const struct pair *pair, const struct window_segment *seg)
{
	int64_t seq = distance(seg->seq, pair->p), next = distance(seg->next, pair->p);
	int64_t sent = distance(pair->client.sent, pair->p), limit = distance(pair->client.limit, pair->p);
	int64_t ack = distance(seg->ack, pair->q), sack = distance(seg->sack, pair->q);
	int64_t reach = pair->client.max_window > ACK_MIN ? pair->client.max_window : ACK_MIN;

	return (seq > limit ? WINDOW_STARTS_HIGH : 0u) | (next > limit + 1 ? WINDOW_ENDS_HIGH : 0u) |
	       (next < sent - (int64_t)pair->server.max_window ? WINDOW_TOO_OLD : 0u) |
	       (sack > distance(pair->server.sent, pair->q) ? WINDOW_ACK_HIGH : 0u) |
	       (ack < distance(pair->server.acked, pair->q) - reach ? WINDOW_ACK_OLD : 0u);
}

static void assert_ordered(const struct tcp_end *end)
{
	assert_false(seq_after(end->acked, end->contiguous)); /* F-9 */
	assert_false(seq_after(end->contiguous, end->sent));
}

static void swap_ends(struct pair *pair)
{
	struct pair old = *pair;

	*pair = (struct pair){ .client = old.server, .server = old.client, .p = old.q, .q = old.p };
}

/* A long conversation of random segments, near and far: the naive test agrees, the order of the numbers holds. */
static void random_conversation(void **state)
{
	uint64_t random = 42;
	unsigned fitting = 0;

	(void)state;
	FOR_EACH(i, starts) {
		struct pair pair = open_pair(starts[i], starts[i] + 0x1234567);

		for (unsigned step = 0; step < 20000; step++) {
			uint32_t around = 1u << (random_next(&random) % 18), limit = pair.server.limit;
			uint32_t seq = pair.client.sent + (uint32_t)(random_next(&random) % around) - around / 2;
			uint32_t ack = pair.server.sent + (uint32_t)(random_next(&random) % around) - around / 2;
			struct window_segment seg = segment(seq, random_next(&random) % 2000, ack);
			unsigned found;

			seg.window = (uint32_t)(random_next(&random) % 100000);
			seg.sack += random_next(&random) % 4 == 0 ? (uint32_t)(random_next(&random) % 3000) : 0;
			found = judge(&pair, seg);
			assert_int_equal(found, naive_test(&pair, &seg));
			if (found == 0) {
				fitting++;
				window_update(&pair.client, &pair.server, &seg);
				assert_ordered(&pair.client);
				assert_ordered(&pair.server);
				assert_false(seq_before(pair.server.limit, limit)); /* W-11 */
				assert_in_range(pair.client.max_window, 1, WINDOW_MOST);
			}
			swap_ends(&pair);
			if (distance(pair.client.sent, pair.p) > 0x40000000) /* the naive numbers must not wrap */
				pair = open_pair(starts[i], starts[i] + 0x1234567);
		}
	}
	assert_true(fitting > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_numbers),   cmocka_unit_test(w1_start),
		cmocka_unit_test(w2_end),	   cmocka_unit_test(w3_too_old),
		cmocka_unit_test(w4_ack_of_the_unsent), cmocka_unit_test(w5_old_ack),
		cmocka_unit_test(w8_overshoot),	   cmocka_unit_test(w10_receiver),
		cmocka_unit_test(w10_sender),	   cmocka_unit_test(w10_windows),
		cmocka_unit_test(w11_shrinking_window), cmocka_unit_test(w13_zero_window),
		cmocka_unit_test(no_ack_bit),	   cmocka_unit_test(unknown_limit),
		cmocka_unit_test(random_conversation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
