/* SPDX-License-Identifier: GPL-2.0-or-later */
/* service/walk: a listing in slices while flows come and go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../engine/gateway.h"
#include "service/walk.h"

#define FLOWS       2000 /* there at the beginning, from port FIRST_PORT on */
#define FIRST_PORT  10000
#define OTHERS_PORT 30000 /* that come meanwhile */

struct list {
	struct gateway *gateway;
	struct mail_walk walk;
	unsigned seen[65536]; /* by client port */
	unsigned slices;
};

static void open_flow(struct gateway *gateway, unsigned port)
{
	gateway_send(gateway, '>', (uint16_t)port, TCP_SYN, port, 0, 0);
	gateway->count = 0; /* events are of no interest */
}

static void forget_flow(struct gateway *gateway, unsigned port)
{
	struct mail_walk walk = { .purpose = WALK_FORGET };
	unsigned forgotten = 0;

	filter_any(&walk.filter);
	walk.filter.client.port = (uint16_t)port;
	walk.filter.client.prefix.bits = 0;
	do {
		walk_slice(&walk, gateway->engine, gateway->now_ns);
		forgotten += walk.matched;
	} while (walk.more);
	assert_int_equal(forgotten, 1);
	gateway->count = 0;
}

static struct list *list_open(enum walk_purpose purpose)
{
	struct list *list = calloc(1, sizeof *list);

	assert_non_null(list);
	list->gateway = gateway_new();
	list->gateway->settings.tracking_max_flows = 3 * FLOWS;
	list->gateway->settings.syn_flood_half_open_total = 0;
	list->gateway->settings.syn_flood_start_percent = 100;
	gateway_start(list->gateway);
	for (unsigned i = 0; i < FLOWS; i++)
		open_flow(list->gateway, FIRST_PORT + i);
	list->walk.purpose = purpose;
	filter_any(&list->walk.filter);
	return list;
}

static void list_close(struct list *list)
{
	gateway_close(list->gateway);
	free(list);
}

static void take_slice(struct list *list)
{
	walk_slice(&list->walk, list->gateway->engine, list->gateway->now_ns);
	list->slices++;
	assert_true(list->slices < 65536);
	if (list->walk.purpose != WALK_LIST)
		return;
	assert_true(list->walk.matched <= WALK_RECORDS);
	for (unsigned i = 0; i < list->walk.matched; i++)
		list->seen[list->walk.record[i].at.client_port]++;
}

/* Every third flow goes while the list is made, and as many others come, into slots that it has passed or has not. */
static void who_stays_is_listed_once(void **state)
{
	struct list *list = list_open(WALK_LIST);
	unsigned gone = 0;

	(void)state;
	do {
		take_slice(list);
		for (unsigned i = 0; i < 50 && gone < FLOWS / 3; i++, gone++) {
			forget_flow(list->gateway, FIRST_PORT + 3 * (FLOWS / 3 - 1 - gone));
			open_flow(list->gateway, OTHERS_PORT + gone);
		}
	} while (list->walk.more);
	assert_true(list->slices >= FLOWS / WALK_RECORDS);
	for (unsigned i = 0; i < FLOWS; i++)
		if (i % 3 != 0 || i >= FLOWS / 3 * 3)
			assert_int_equal(list->seen[FIRST_PORT + i], 1);
		else
			assert_true(list->seen[FIRST_PORT + i] <= 1);
	for (unsigned i = 0; i < gone; i++)
		assert_true(list->seen[OTHERS_PORT + i] <= 1);
	list_close(list);
}

/* However many slices it takes. */
static void a_count_is_whole(void **state)
{
	struct list *list = list_open(WALK_COUNT);
	unsigned count = 0;

	(void)state;
	do {
		take_slice(list);
		count += list->walk.matched;
	} while (list->walk.more);
	assert_int_equal(count, FLOWS);
	list_close(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_stays_is_listed_once),
		cmocka_unit_test(a_count_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
