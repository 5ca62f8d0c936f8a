/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/why and control/cause: every reason in words, numbers across the wrap, causes by what the numbers say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/units.h"
#include "control/cause.h"
#include "control/why.h"
#include "packet/packet.h"

static struct settings settings;

static int load_defaults(void **state)
{
	(void)state;
	settings_defaults(&settings);
	return 0;
}

static struct drop_record a_drop(enum reason reason)
{
	return (struct drop_record){
		.flow = 42,
		.at = { .family = 4,
			.client = { [10] = 0xff, 0xff, 10, 0, 0, 1 },
			.client_port = 40000,
			.server_port = 80 },
		.reason = (uint8_t)reason,
		.dir = SIDE_CLIENT,
		.phase = PHASE_ESTABLISHED,
		.has_segment = true,
		.has_ack = true,
		.flags = TCP_ACK,
		.seq = 100,
		.ack = 200,
		.len = 10,
		.packets = { 5, 5 },
		.age_ns = NS_PER_S,
	};
}

static const char *text_of(const json_t *object)
{
	return json_string_value(json_object_get(object, "text"));
}

/* No reason without words, with a flow and without, with a segment and without. */
static void every_reason_is_explained(void **state)
{
	(void)state;
	for (int reason = 0; reason < REASON_COUNT; reason++)
		for (int variant = 0; variant < 4; variant++) {
			struct drop_record drop = a_drop((enum reason)reason);

			drop.has_segment = (variant & 1) != 0;
			if ((variant & 2) != 0) {
				drop.flow = 0;
				drop.dir = SIDE_NONE;
				drop.phase = PHASE_COUNT;
				drop.at.family = 0;
			}
			json_t *object = why_object(&drop, &settings, NULL, 0);
			assert_non_null(object);
			assert_non_null(strstr(text_of(object), reason_word((enum reason)reason)));
			assert_non_null(strstr(text_of(object), reason_table[reason].help));
			assert_true(rule_find(json_string_value(json_object_get(object, "rule"))) >= 0);
			bool says = strstr(text_of(object), "would have passed it") != NULL;
			assert_int_equal(says, json_is_string(json_object_get(object, "setting")));
			json_decref(object);
		}
}

static void distances_wrap_around(void **state)
{
	static const struct {
		uint32_t low, high, value, distance;
		bool above;
	} rows[] = {
		{ 100, 200, 205, 5, true },
		{ 100, 200, 95, 5, false },
		{ 0xfffffff0, 5, 8, 3, true },
		{ 0xfffffff0, 5, 0xffffffe0, 16, false },
		{ 0xffffff00, 0xfffffff0, 3, 19, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct drop_record drop = a_drop(REASON_ACK_HIGH);
		uint32_t value, distance;
		bool above;

		drop.allowed = ALLOWED_ACK;
		drop.allowed_low = rows[i].low;
		drop.allowed_high = rows[i].high;
		drop.ack = rows[i].value;
		assert_true(cause_distance(&drop, &value, &distance, &above));
		assert_int_equal(distance, rows[i].distance);
		assert_int_equal(above, rows[i].above);
		drop.ack = rows[i].high;
		assert_false(cause_distance(&drop, &value, &distance, &above));
	}
}

static void numbers_are_in_the_text(void **state)
{
	struct drop_record drop = a_drop(REASON_ACK_HIGH);
	json_t *object;

	(void)state;
	drop.allowed = ALLOWED_ACK;
	drop.allowed_low = 1;
	drop.allowed_high = 150;
	object = why_object(&drop, &settings, NULL, 0);
	assert_non_null(
		strstr(text_of(object), "It acknowledged 200; 1 to 150 was allowed: it is 50 too high."));
	assert_non_null(strstr(text_of(object),
			       "policy.ack_high = \"accept\" would have passed it; now it is \"auto\"."));
	assert_int_equal(json_integer_value(json_object_get(object, "off")), 50);
	json_decref(object);
}

static const char *value_of(const json_t *object)
{
	const char *value = json_string_value(json_object_get(object, "value"));

	return value != NULL ? value : "none";
}

/* What no packet can make: the engine's own fault. */
static void internal_errors_name_their_setting(void **state)
{
	struct drop_record drop = a_drop(REASON_INTERNAL_ERROR);
	json_t *object;

	(void)state;
	settings.policy_on_internal_error = ACTION_DROP;
	object = why_object(&drop, &settings, NULL, 0);
	assert_string_equal(json_string_value(json_object_get(object, "rule")), "Q-6");
	assert_non_null(strstr(text_of(object),
			       "policy.on_internal_error = \"accept\" would have passed it; now it is \"drop\"."));
	assert_string_equal(value_of(object), "\"accept\"");
	json_decref(object);
}

/* 0 is named only where it lifts the limit, and nothing is where there is no more. */
static void values_that_pass(void **state)
{
	struct drop_record drop = a_drop(REASON_HALF_OPEN_SOURCE);
	json_t *object = why_object(&drop, &settings, NULL, 0);

	(void)state;
	assert_non_null(strstr(text_of(object), "syn_flood.half_open_source = a higher value, or 0 would"));
	assert_string_equal(value_of(object), "0");
	json_decref(object);

	drop = a_drop(REASON_SYNACK_FLOOD);
	settings.tracking_synack_candidates = 4;
	object = why_object(&drop, &settings, NULL, 0);
	assert_non_null(strstr(text_of(object), "tracking.synack_candidates = a higher value, at most 5, would"));
	assert_string_equal(value_of(object), "5");
	json_decref(object);
	settings.tracking_synack_candidates = 5;
	object = why_object(&drop, &settings, NULL, 0);
	assert_non_null(strstr(text_of(object), "No setting passes such a packet."));
	assert_string_equal(value_of(object), "none");
	json_decref(object);
}

/* What to edit is the service's own line, with the value that stands there. */
static void a_setting_of_its_service(void **state)
{
	static struct services services = { .count = 1, .service = { { .name = "web" } } };
	struct drop_record drop = a_drop(REASON_SYN_RATE_SOURCE);
	json_t *object;

	(void)state;
	services.service[0].settings = settings;
	services.service[0].settings.syn_flood_source_rate = 7;
	services.service[0].own[OPTION_syn_flood_source_rate] = true;
	object = why_object(&drop, &settings, &services, 0);
	assert_string_equal(json_string_value(json_object_get(object, "setting")), "services.web.source_rate");
	assert_non_null(strstr(text_of(object), " services.web.source_rate = a higher value, or 0 "
						"would have passed it; now it is 7."));
	json_decref(object);
}

/* All actions may give the same reason: the one that did is to be changed, however the others are set. */
static void the_action_that_dropped_it(void **state)
{
	static const struct {
		enum limiter limiter;
		const char *setting;
	} rows[] = {
		{ LIMITER_NONE, "syn_flood.mode_action" },
		{ LIMITER_SOURCE, "syn_flood.source_action" },
		{ LIMITER_CONN, "syn_flood.conn_action" },
		{ LIMITER_DESTINATION, "syn_flood.destination_action" },
		{ LIMITER_HALF_OPEN, "syn_flood.half_open_action" },
		{ LIMITER_MODE, "syn_flood.mode_action" },
	};

	(void)state;
	settings.syn_flood_source_action = settings.syn_flood_destination_action = LIMIT_FIRST_SYN;
	for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
		struct drop_record drop = a_drop(i % 2 == 0 ? REASON_FIRST_SYN : REASON_CHALLENGED);
		json_t *object;

		drop.limiter = (uint8_t)rows[i / 2].limiter;
		object = why_object(&drop, &settings, NULL, 0);
		assert_string_equal(json_string_value(json_object_get(object, "setting")), rows[i / 2].setting);
		assert_string_equal(value_of(object), "\"log\"");
		json_decref(object);
	}
}

/* A limit itself is named where its action is a plain drop. */
static void a_plain_drop_names_the_limit(void **state)
{
	struct drop_record drop = a_drop(REASON_SYN_RATE_DESTINATION);
	json_t *object;

	(void)state;
	drop.limiter = LIMITER_DESTINATION;
	object = why_object(&drop, &settings, NULL, 0);
	assert_string_equal(json_string_value(json_object_get(object, "setting")), "syn_flood.destination_rate");
	json_decref(object);
}

static void causes_by_the_numbers(void **state)
{
	struct drop_record drop = a_drop(REASON_NO_FLOW);

	(void)state;
	assert_int_equal(cause_of_drop(&drop, &settings), CAUSE_WARM_UP_OVER);
	settings.tracking_pickup = PICKUP_OFF;
	assert_int_equal(cause_of_drop(&drop, &settings), CAUSE_PICKUP_OFF);
	settings.tracking_pickup = PICKUP_ON;
	assert_int_equal(cause_of_drop(&drop, &settings), CAUSE_NONE);
	settings_defaults(&settings);
	drop.flags = TCP_SYN | TCP_ACK;
	assert_int_equal(cause_of_drop(&drop, &settings), CAUSE_ANSWERS_ONLY);
	drop.flags = TCP_FIN | TCP_ACK;
	assert_int_equal(cause_of_drop(&drop, &settings), CAUSE_LATE_TAIL);
	drop.flags = TCP_PSH;
	assert_int_equal(cause_of_drop(&drop, &settings), CAUSE_NONE);

	drop = a_drop(REASON_NO_SYNACK);
	assert_int_equal(cause_of_drop(&drop, &settings), CAUSE_NONE);
	drop.packets[SIDE_SERVER] = 0;
	assert_int_equal(cause_of_drop(&drop, &settings), CAUSE_ASYMMETRIC_ROUTE);
	drop.dir = SIDE_SERVER;
	assert_int_equal(cause_of_drop(&drop, &settings), CAUSE_NONE);

	drop = a_drop(REASON_SEQ_HIGH);
	drop.allowed = ALLOWED_SEQ;
	drop.allowed_high = 50;
	assert_int_equal(cause_of_drop(&drop, &settings), CAUSE_BYPASSED);
	drop.seq = 1000000000;
	assert_int_equal(cause_of_drop(&drop, &settings), CAUSE_PORT_REUSED);
	drop.age_ns = 1000 * NS_PER_S;
	assert_int_equal(cause_of_drop(&drop, &settings), CAUSE_NONE);
}

static void packets_that_come_twice(void **state)
{
	struct flow_record flow = { .handshake_us = 500, .end = { { .packets = 2 }, { .packets = 1 } } };

	(void)state;
	assert_int_equal(cause_of_flow(&flow), CAUSE_NONE);
	flow.end[SIDE_CLIENT].packets = 3;
	assert_int_equal(cause_of_flow(&flow), CAUSE_NONE);
	flow.end[SIDE_SERVER].packets = 2;
	assert_int_equal(cause_of_flow(&flow), CAUSE_QUEUED_TWICE);
	flow.handshake_us = 1000500; /* retransmissions */
	assert_int_equal(cause_of_flow(&flow), CAUSE_NONE);
	flow.handshake_us = UNKNOWN_US;
	assert_int_equal(cause_of_flow(&flow), CAUSE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_reason_is_explained, load_defaults),
		cmocka_unit_test_setup(distances_wrap_around, load_defaults),
		cmocka_unit_test_setup(numbers_are_in_the_text, load_defaults),
		cmocka_unit_test_setup(a_setting_of_its_service, load_defaults),
		cmocka_unit_test_setup(internal_errors_name_their_setting, load_defaults),
		cmocka_unit_test_setup(values_that_pass, load_defaults),
		cmocka_unit_test_setup(the_action_that_dropped_it, load_defaults),
		cmocka_unit_test_setup(a_plain_drop_names_the_limit, load_defaults),
		cmocka_unit_test_setup(causes_by_the_numbers, load_defaults),
		cmocka_unit_test_setup(packets_that_come_twice, load_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
