/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config/services.c: the list `services` of the file, what it inherits, and every error in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "config/describe.h"
#include "file.h"
#include "policy/service.h"

/* The text has one error, at this line. */
static void assert_refused(const char *text, unsigned line, const char *what)
{
	char expected[1024];

	snprintf(expected, sizeof expected, ":%u: %s", line, what);
	assert_int_equal(load(text, NULL), -EINVAL);
	assert_only_error(expected);
}

/* The text has one error, at this line: there is no such key, and this is what the error goes on with. */
static void assert_unknown(const char *text, unsigned line, const char *path, const char *more)
{
	char expected[1024];

	snprintf(expected, sizeof expected, ":%u: %s: unknown key of a service%s (allowed: name, addresses, ports, ",
		 line, path, more);
	assert_int_equal(load(text, NULL), -EINVAL);
	assert_int_equal(errors.count, 1);
	assert_error_begins(0, expected);
}

static unsigned match4(unsigned last, uint16_t port)
{
	const uint8_t address[16] = { [10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = (uint8_t)last };

	return service_match(&services, address, port);
}

static void what_is_not_named_is_global(void **state)
{
	static const char *const sets[] = { "syn_flood.source_burst=9", NULL };
	const struct settings *web = &services.service[0].settings, *rest = &services.service[1].settings;

	(void)state;
	assert_int_equal(load("syn_flood = { source_burst = 7; proven_time = 11; };\n"
			      "services = (\n"
			      "  { name = \"web\"; addresses = (\"192.0.2.0/28\"); ports = (80, \"8000-8099\");\n"
			      "    mode = \"monitor\"; window = \"strict\"; pickup = \"off\"; source_rate = \"10/s\";\n"
			      "    proven_time = \"2m\"; allow = (\"10.0.0.0/8\"); reserve = 5; },\n"
			      "  { name = \"rest\"; }\n"
			      ");\n"
			      "tracking = { timeouts = { closed = 20; }; };\n",
			      sets),
			 0);
	assert_int_equal(services.count, 2);
	assert_string_equal(services.service[0].name, "web");
	assert_int_equal(services.service[0].reserve, 5);
	assert_int_equal(web->policy_mode, MODE_MONITOR);
	assert_int_equal(web->tracking_window, WINDOW_STRICT);
	assert_int_equal(web->tracking_pickup, PICKUP_OFF);
	assert_int_equal(web->syn_flood_source_rate, 10);
	assert_int_equal(web->syn_flood_source_burst, 9); /* --set comes after the file, for services too */
	assert_int_equal(web->syn_flood_proven_time, 120);
	assert_int_equal(web->syn_flood_allow.count, 1);
	assert_int_equal(web->tracking_timeouts_closed, 20);
	assert_int_equal(settings_time_wait_s(web), 240); /* M-11 */
	assert_memory_equal(rest, &settings, sizeof settings);
	assert_int_equal(settings.syn_flood_proven_time, 11);
}

static void events_are_chosen_for_each(void **state)
{
	const struct settings *probe = &services.service[0].settings;

	(void)state;
	assert_int_equal(load("log = { events = (\"flow-closed\"); level = \"debug\"; };\n"
			      "services = ( { name = \"probe\"; events = (\"packet-dropped\"); sample = 100; },\n"
			      "             { name = \"new\"; events = (\"all\"); remarks = true; } );\n", NULL), 0);
	assert_int_equal(probe->log_events.count, 1);
	assert_int_equal(probe->log_events.event[0], EVENT_PACKET_DROPPED);
	assert_int_equal(probe->log_sample, 100);
	assert_int_equal(probe->log_level, SEVERITY_DEBUG);
	assert_int_equal(services.service[1].settings.log_events.count, 0);
	assert_true(services.service[1].settings.log_remarks);
	assert_false(settings.log_remarks);
}

/* For tcpwardenctl config: what a service has, and in which line it has it. */
static void each_tells_what_it_has(void **state)
{
	static const char *const words[] = { "(\"192.0.2.0/24\", \"2001:db8::7/128\")", "(80, \"8000-8099\")", "5" };
	char data[256];
	struct text text;

	(void)state;
	assert_int_equal(load("syn_flood = { conn_rate = 5;\n source_burst = 7; };\n"
			      "services = ( { name = \"a\"; addresses = (\"192.0.2.0/24\", \"2001:db8::7\");\n"
			      "  reserve = 5; ports = (80, \"8000-8099\");\n"
			      "  source_burst = 9; } );\n", NULL), 0);
	for (enum service_word word = 0; word < SERVICE_WORDS; word++) {
		text_init(&text, data, sizeof data);
		describe_service(&text, &services.service[0], word);
		assert_string_equal(data, words[word]);
	}
	services_inherit(&services, &settings);
	assert_int_equal(services.service[0].line, 3);
	assert_int_equal(settings.line[OPTION_syn_flood_source_burst], 2);
	assert_int_equal(services.service[0].settings.line[OPTION_syn_flood_source_burst], 5);
	assert_int_equal(services.service[0].settings.line[OPTION_syn_flood_conn_rate], 1);
}

static void first_match_wins(void **state)
{
	static const uint8_t six[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 7 };

	(void)state;
	assert_int_equal(load("services = (\n"
			      "{ name = \"one\"; addresses = (\"192.0.2.1\", \"2001:db8::/32\"); ports = (80); },\n"
			      "{ name = \"net\"; addresses = (\"192.0.2.0/24\"); ports = (\"80-90\", 443); },\n"
			      "{ name = \"port\"; ports = (53); },\n"
			      "{ name = \"six\"; addresses = (\"::/0\"); });\n", NULL), 0);
	assert_int_equal(match4(1, 80), 1);
	assert_int_equal(match4(1, 90), 2);
	assert_int_equal(match4(2, 443), 2);
	assert_int_equal(match4(2, 444), 0);
	assert_int_equal(match4(2, 53), 3);
	assert_int_equal(service_match(&services, six, 80), 1);
	assert_int_equal(service_match(&services, six, 81), 4);
}

/* What errors allow. */
#define PREFIXES "(allowed: a list of prefixes, such as (\"10.0.0.0/8\", \"2001:db8::/32\"))"

static void errors_name_line_and_key(void **state)
{
	(void)state;
	assert_refused("services = 1;\n", 1, "services: is not a list (allowed: ( { name = \"web\"; ... }, ... ))");
	assert_refused("services = (\n 7 );\n", 2,
		       "services.1: is not a service (allowed: { name = \"web\"; ... })");
	assert_refused("services = ( { name = \"a\"; },\n { mode = \"monitor\"; } );\n", 2,
		       "services.2.name: is missing (allowed: a string)");
	assert_refused("services = ( {\n name = \"A b\"; } );\n", 2,
		       "services.1.name: is no name (allowed: up to 31 of a-z, 0-9, - and _)");
	assert_refused("services = ( { name = \"a\"; },\n { name = \"a\"; } );\n", 2,
		       "services.2.name: is the name of another service (allowed: each name once)");
	assert_unknown("services = ( { name = \"a\";\n sorce_rate = 1; } );\n", 2,
		       "services.a.sorce_rate", ", did you mean source_rate?");
	assert_unknown("services = ( { name = \"a\";\n adresses = (); } );\n", 2,
		       "services.a.adresses", ", did you mean addresses?");
	assert_refused("services = ( { name = \"a\";\n buckets = 2048; } );\n", 2,
		       "services.a.buckets: is the same for all services (allowed: syn_flood.buckets)");
	assert_refused("services = ( { name = \"a\";\n start_percent = 5; } );\n", 2,
		       "services.a.start_percent: is the same for all services (allowed: syn_flood.start_percent)");
	assert_refused("services = ( { name = \"a\";\n ban_file = \"x\"; } );\n", 2,
		       "services.a.ban_file: is the same for all services (allowed: syn_flood.ban_file)");
	assert_refused("services = ( { name = \"a\";\n mode = \"off\"; } );\n", 2,
		       "services.a.mode: \"off\" is no choice (allowed: enforce, monitor)");
	assert_refused("services = ( { name = \"a\";\n source_rate = -1; } );\n", 2,
		       "services.a.source_rate: -1 is out of range (allowed: 0..1000000 per second)");
	assert_refused("services = ( { name = \"a\";\n events = (\"flow-close\"); } );\n", 2,
		       "services.a.events: element 1: \"flow-close\" is no event (allowed: a list of events, such as "
		       "(\"flow-closed\", \"packet-dropped\"), or (\"all\"))");
	assert_unknown("services = ( { name = \"a\";\n format = \"json\"; } );\n", 2,
		       "services.a.format", "");
	assert_refused("services = ( { name = \"a\";\n addresses = (\"1.2.3.4/8\"); } );\n", 2,
		       "services.a.addresses: element 1: \"1.2.3.4/8\" has bits set behind its prefix length "
		       PREFIXES);
	assert_refused("services = ( { name = \"a\";\n addresses = (7); } );\n", 2,
		       "services.a.addresses: element 1: is not a string " PREFIXES);
	assert_refused("services = ( { name = \"a\";\n addresses = \"10.0.0.1\"; } );\n", 2,
		       "services.a.addresses: is not a list " PREFIXES);
	assert_refused("services = ( { name = \"a\";\n ports = (80, \"9-8\"); } );\n", 2,
		       "services.a.ports: element 2 is no port (allowed: 1..65535, \"8000-8099\")");
	assert_refused("services = ( { name = \"a\";\n ports = 80; } );\n", 2,
		       "services.a.ports: is not a list (allowed: a list of ports, such as (80, \"8000-8099\"))");
	assert_refused("services = ( { name = \"a\"; reserve = 60; },\n { name = \"b\"; reserve = 31; } );\n", 2,
		       "services.b.reserve: 31 is too much, 60 are reserved before (allowed: up to 90 % in all)");
	assert_refused("services = ( { name = \"a\";\n first_syn_min = 9000; } );\n", 2,
		       "services.a.first_syn_min: 9000 does not go with syn_flood.first_syn_max = 8000 "
		       "(allowed: at most syn_flood.first_syn_max)");
}

/* The later list wins, as a whole; what its services do not set is global, behind them on the command line too. */
static void on_the_command_line_too(void **state)
{
	static const char *const sets[] = {
		"services=( { name = \"no\"; } )",
		"services = ( { name = \"web\"; ports = (80); source_rate = \"10/s\"; }, { name = \"rest\"; } )",
		"syn_flood.source_burst=9", NULL,
	};
	static const char *const none[] = { "services=()", NULL };
	const struct settings *web = &services.service[0].settings;

	(void)state;
	assert_int_equal(load("services = ( { name = \"old\"; reserve = 90; } );\n", sets), 0);
	assert_int_equal(services.count, 2);
	assert_string_equal(services.service[0].name, "web");
	assert_int_equal(services.service[0].line, 0);
	assert_int_equal(services.service[0].reserve, 0);
	assert_int_equal(web->syn_flood_source_rate, 10);
	assert_int_equal(web->syn_flood_source_burst, 9);
	assert_int_equal(web->origin[OPTION_syn_flood_source_rate], ORIGIN_COMMAND_LINE);
	assert_int_equal(web->line[OPTION_syn_flood_source_rate], 0);
	assert_string_equal(services.service[1].name, "rest");
	assert_memory_equal(&services.service[1].settings, &settings, sizeof settings);
	assert_int_equal(load("services = ( { name = \"old\"; } );\n", none), 0);
	assert_int_equal(services.count, 0);
}

static void errors_of_the_command_line_name_it(void **state)
{
	static const char *const rows[][2] = {
		{ "services=7",
		  "services: is not a list (allowed: ( { name = \"web\"; ... }, ... ))" },
		{ "services=( { name = web; } )",
		  "services: has a syntax error (allowed: ( { name = \"web\"; ... }, ... ))" },
		{ "services=( { mode = \"monitor\"; } )", "services.1.name: is missing (allowed: a string)" },
		{ "services=( { name = \"a\"; mode = \"off\"; } )",
		  "services.a.mode: \"off\" is no choice (allowed: enforce, monitor)" },
		{ "services=( { name = \"a\"; first_syn_min = 9000; } )",
		  "services.a.first_syn_min: 9000 does not go with syn_flood.first_syn_max = 8000 "
		  "(allowed: at most syn_flood.first_syn_max)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *const sets[] = { rows[i][0], NULL };
		char expected[512], error[512];

		snprintf(expected, sizeof expected, "--set: %s", rows[i][1]);
		assert_int_equal(load("", sets), -EINVAL);
		assert_only_error(expected);
		settings_defaults(&settings);
		services.count = 7;
		assert_false(config_set(&settings, &services, "services", strchr(rows[i][0], '=') + 1, error,
					sizeof error));
		assert_string_equal(error, rows[i][1]);
		assert_int_equal(services.count, 0);
	}
}

static void their_number_is_limited(void **state)
{
	char text[SERVICES_MAX * 24 + 64] = "services = (";

	(void)state;
	for (unsigned i = 0; i < SERVICES_MAX + 1; i++) {
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s{name=\"s%u\";}", i == 0 ? "" : ",", i);
		if (i + 1 < SERVICES_MAX)
			continue;
		strcat(text, ");");
		assert_int_equal(load(text, NULL), i < SERVICES_MAX ? 0 : -EINVAL);
		text[strlen(text) - 2] = '\0';
	}
	assert_non_null(strstr(errors.line[0], "services: has 64 services (allowed: up to 63)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_named_is_global), cmocka_unit_test(first_match_wins),
		cmocka_unit_test(events_are_chosen_for_each), cmocka_unit_test(each_tells_what_it_has),
		cmocka_unit_test(errors_name_line_and_key), cmocka_unit_test(on_the_command_line_too),
		cmocka_unit_test(errors_of_the_command_line_name_it),
		cmocka_unit_test(their_number_is_limited),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
