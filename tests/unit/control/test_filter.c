/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/filter and control/endpoint: what words mean and what they match. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "control/filter.h"
#include "report/flow_id.h"

/* 10.0.0.1:40000 to 10.0.0.2:443, idle for 100 s at NOW. */
#define NOW (1000 * NS_PER_S)

static struct flow_record a_flow(void)
{
	return (struct flow_record){
		.id = 42,
		.at = {
			.client = { [10] = 0xff, 0xff, 10, 0, 0, 1 },
			.server = { [10] = 0xff, 0xff, 10, 0, 0, 2 },
			.client_port = 40000,
			.server_port = 443,
			.family = 4,
		},
		.last_ns = NOW - 100 * NS_PER_S,
		.phase = PHASE_ESTABLISHED,
		.close_reason = CLOSE_NONE,
	};
}

static bool parse(struct filter *filter, const char *one, const char *two)
{
	struct request request = { .command = COMMAND_FLOWS };
	char error[REQUEST_ERROR_SIZE];

	snprintf(request.arg[0], REQUEST_ARG_SIZE, "%s", one);
	snprintf(request.arg[1], REQUEST_ARG_SIZE, "%s", two != NULL ? two : "");
	request.count = two != NULL ? 2 : 1;
	return filter_parse(&request, filter, error);
}

static bool matches(const char *one, const char *two)
{
	struct flow_record flow = a_flow();
	struct filter filter;

	assert_true(parse(&filter, one, two));
	return filter_matches_flow(&filter, &flow, NOW);
}

static void flows_are_matched_by_each_key(void **state)
{
	char id[FLOW_ID_SIZE], word[32];

	(void)state;
	flow_id_text(42, id);
	snprintf(word, sizeof word, "flow=%s", id);
	assert_true(matches(word, NULL));
	flow_id_text(43, id);
	snprintf(word, sizeof word, "flow=%s", id);
	assert_false(matches(word, NULL));
	assert_true(matches("client=10.0.0.1", NULL));
	assert_true(matches("client=10.0.0.0/24", "server=10.0.0.2:443"));
	assert_true(matches("client=0.0.0.0/0", NULL));
	assert_false(matches("client=10.0.0.2", NULL));
	assert_false(matches("client=10.0.0.1:40001", NULL));
	assert_false(matches("client=::/96", NULL));
	assert_true(matches("port=443", "port=443"));
	assert_true(matches("port=40000", NULL));
	assert_false(matches("port=80", NULL));
	assert_true(matches("phase=ESTABLISHED", NULL));
	assert_false(matches("phase=CLOSED", NULL));
	assert_false(matches("reason=reset", NULL));
	assert_false(matches("reason=ack-high", NULL));
	assert_true(matches("idle>=100", NULL));
	assert_true(matches("idle>=1m40s", NULL));
	assert_false(matches("idle>=101s", NULL));
	assert_true(matches("idle<=100", "idle>=100"));
	assert_false(matches("idle<=1m39s", NULL));
	assert_true(matches("--count", NULL));
}

static void nonsense_is_refused(void **state)
{
	static const char *const words[] = {
		"",
		"port",
		"port=",
		"port=0",
		"port=65536",
		"port=x",
		"port=+1",
		"phase=",
		"phase=open",
		"reason=",
		"reason=x",
		"client=",
		"client=x",
		"client=[::1",
		"client=[]:1",
		"client=10.0.0.1:",
		"client=10.0.0.1:0",
		"client=1.2.3.4/33",
		"client=[::1]:70000",
		"flow=",
		"flow=abc",
		"flow=aaaaaaaaaaaaa",
		"idle>=",
		"idle>=-1",
		"idle>=1x",
		"idle>=99999999999999999999",
		"idle>=2y",
		"idle<=",
		"idle<=1x",
		"idle=1",
		"nonsense=1",
		"client",
		"client=1111111111111111111111111111111111111111111111111111111111111111111111111111111111",
	};
	struct filter filter;

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (parse(&filter, words[i], NULL))
			fail_msg("taken: %s", words[i]);
}

static void addresses_of_both_families(void **state)
{
	static const uint8_t one[16] = { [0] = 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	struct endpoint_match match;

	(void)state;
	assert_null(endpoint_parse("2001:db8::1", &match));
	assert_true(endpoint_matches(&match, one, 5));
	assert_null(endpoint_parse("[2001:db8::1]:443", &match));
	assert_true(endpoint_matches(&match, one, 443));
	assert_false(endpoint_matches(&match, one, 444));
	assert_null(endpoint_parse("2001:db8::/32", &match));
	assert_true(endpoint_matches(&match, one, 444));
	assert_null(endpoint_parse("[2001:db8::1]", &match));
	assert_int_equal(match.port, 0);
}

static void events_are_matched_by_what_they_are_about(void **state)
{
	struct event event = { .kind = EVENT_PACKET_DROPPED };
	struct flow_record flow = a_flow();
	struct filter filter;

	(void)state;
	event.drop = (struct drop_record){
		.flow = 42, .at = flow.at, .reason = REASON_ACK_HIGH, .phase = PHASE_COUNT
	};
	assert_true(parse(&filter, "reason=ack-high", "client=10.0.0.1"));
	assert_true(filter_matches_event(&filter, &event));
	event.drop.reason = REASON_SEQ_HIGH;
	assert_false(filter_matches_event(&filter, &event));
	event = (struct event){ .kind = EVENT_FLOW_CLOSED, .flow = flow };
	event.flow.close_reason = CLOSE_RESET;
	assert_false(filter_matches_event(&filter, &event));
	assert_true(parse(&filter, "reason=reset", NULL));
	assert_true(filter_matches_event(&filter, &event));
	event = (struct event){ .kind = EVENT_STARTED };
	assert_false(filter_matches_event(&filter, &event));
	filter_any(&filter);
	assert_true(filter_matches_event(&filter, &event));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flows_are_matched_by_each_key),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(addresses_of_both_families),
		cmocka_unit_test(events_are_matched_by_what_they_are_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
