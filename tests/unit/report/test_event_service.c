/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose service an event is about, what is written of it and how its settings are called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "packet/packet.h"
#include "report/event_service.h"
#include "report/line.h"
#include "samples.h"

static struct settings settings;
static struct services services;

static struct service *add_service(const char *name, uint16_t port)
{
	struct service *service = &services.service[services.count++];

	memset(service, 0, sizeof *service);
	strcpy(service->name, name);
	service->ports = port != 0;
	service->port[0] = (struct port_range){ port, port };
	service->settings = settings;
	return service;
}

static void set_int(struct service *service, enum option_id id, int64_t value)
{
	service->own[id] = true;
	*(int64_t *)(void *)((char *)&service->settings + option_table[id].offset) = value;
}

static int setup(void **state)
{
	(void)state;
	settings_defaults(&settings);
	services.count = 0;
	return 0;
}

/* The sample goes from port 34855 to port 80. */
static void a_flow_belongs_to_its_server(void **state)
{
	struct event event = { .kind = EVENT_FLOW_NEW, .flow = sample_flow() };

	(void)state;
	assert_int_equal(event_service(NULL, &event), 0);
	assert_int_equal(event_service(&services, &event), 0);
	add_service("client", 34855);
	assert_int_equal(event_service(&services, &event), 0);
	add_service("web", 80);
	assert_int_equal(event_service(&services, &event), 2);
	assert_ptr_equal(event_settings(&services, &settings, &event), &services.service[1].settings);
	event.flow.at.family = 0;
	assert_ptr_equal(event_settings(&services, &settings, &event), &settings);
	event.kind = EVENT_SUMMARY;
	assert_ptr_equal(event_settings(&services, &settings, &event), &settings);
}

static void without_a_flow_either_end_may_be_the_server(void **state)
{
	struct drop_record drop = sample_drop();

	(void)state;
	add_service("client", 34855);
	assert_int_equal(drop_service(&services, &drop), 0);
	drop.flow = 0;
	assert_int_equal(drop_service(&services, &drop), 1);
	drop.flags = TCP_SYN;
	assert_int_equal(drop_service(&services, &drop), 0);
	drop.flags = TCP_SYN | TCP_ACK;
	assert_int_equal(drop_service(&services, &drop), 1);
	drop.at.family = 0; /* the rest of what was suppressed: no packet */
	assert_int_equal(drop_service(&services, &drop), 0);
}

/* setting= of a drop, with the blanks around it. */
static void assert_setting_of(enum reason reason, enum limiter limiter, const char *expected)
{
	struct event event = { .kind = EVENT_PACKET_DROPPED, .drop = sample_drop() };
	char line[1024];
	struct text text;

	event.drop.reason = (uint8_t)reason;
	event.drop.limiter = (uint8_t)limiter;
	text_init(&text, line, sizeof line);
	report_line(&text, &event, &services, FORMAT_LOGFMT, NULL, 0);
	assert_non_null(strstr(line, expected));
}

static void assert_setting(enum reason reason, const char *expected)
{
	assert_setting_of(reason, LIMITER_NONE, expected);
}

static void settings_are_named_where_they_stand(void **state)
{
	struct service *web = add_service("web", 80);

	(void)state;
	assert_setting(REASON_SYN_RATE_SOURCE, " setting=syn_flood.source_rate ");
	set_int(web, OPTION_syn_flood_source_rate, 10);
	assert_setting(REASON_SYN_RATE_SOURCE, " setting=services.web.source_rate ");
	assert_setting(REASON_SYN_RATE_DESTINATION, " setting=syn_flood.destination_rate ");
	assert_setting(REASON_BAD_RST, " setting=- ");
	assert_setting_of(REASON_SYN_RATE_SOURCE, LIMITER_SOURCE, " setting=services.web.source_rate ");
	assert_setting_of(REASON_FIRST_SYN, LIMITER_MODE, " setting=syn_flood.mode_action ");
	assert_setting_of(REASON_FIRST_SYN, LIMITER_SOURCE, " setting=syn_flood.source_action ");
	set_int(web, OPTION_syn_flood_source_action, LIMIT_CHALLENGE);
	assert_setting_of(REASON_CHALLENGED, LIMITER_SOURCE, " setting=services.web.source_action ");
}

/* M-1: an "auto" policy is as strict as the window of the service; one that is set stands for itself. */
static void what_follows_a_window_of_its_own(void **state)
{
	struct service *web = add_service("web", 80);

	(void)state;
	assert_setting(REASON_ACK_HIGH, " setting=policy.ack_high ");
	web->own[OPTION_tracking_window] = true;
	assert_setting(REASON_ACK_HIGH, " setting=services.web.window ");
	assert_setting(REASON_BAD_HANDSHAKE_ACK, " setting=services.web.window ");
	assert_setting(REASON_BAD_SYNACK, " setting=policy.bad_synack ");
	web->settings.policy_ack_high = AUTO_DROP;
	assert_setting(REASON_ACK_HIGH, " setting=policy.ack_high ");
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_flow_belongs_to_its_server),
		TEST(without_a_flow_either_end_may_be_the_server),
		TEST(settings_are_named_where_they_stand),
		TEST(what_follows_a_window_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
