/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config/: a file and texts of --set in, settings or errors out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "file.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int forget_errors(void **state)
{
	(void)state;
	config_errors_fini(&errors);
	return 0;
}

static void empty_file_gives_the_defaults(void **state)
{
	static struct settings defaults;

	(void)state;
	settings_defaults(&defaults);
	assert_int_equal(load("", NULL), 0);
	assert_memory_equal(&settings, &defaults, sizeof settings);
	assert_int_equal(load("# nothing\n/* at all */\n", NULL), 0);
	assert_memory_equal(&settings, &defaults, sizeof settings);
	assert_int_equal(load_with(NULL, NULL), 0);
	assert_memory_equal(&settings, &defaults, sizeof settings);
}

static void unreadable_files_are_told(void **state)
{
	(void)state;
	assert_int_equal(load_with("no-such-folder/x.conf", NULL), -ENOENT);
	assert_only_error("no-such-folder/x.conf: cannot be read: No such file or directory");
	assert_int_equal(load_with(".", NULL), -EINVAL);
	assert_only_error(".: cannot be read: Is a directory");
	write_file("user = \"a\";\0", 12);
	assert_int_equal(load_with(file_name, NULL), -EINVAL);
	assert_only_error(": is no text: it has a NUL byte");
}

static void every_type_is_read(void **state)
{
	static const uint8_t ten[16] = { [10] = 0xff, 0xff, 10 };
	static const uint8_t documentation[16] = { 0x20, 0x01, 0x0d, 0xb8 };

	(void)state;
	assert_int_equal(load("user = \"nobody\";\n"
			      "queue = { count = 2; fail_open = true; cpus = (0, 3); };\n"
			      "tracking = { window = \"strict\"; timeouts = { time_wait = 60; }; };\n"
			      "syn_flood = { allow = (\"10.0.0.0/8\", \"2001:db8::/32\", \"192.0.2.1\"); };\n"
			      "log = { events = [\"flow-closed\", \"packet-dropped\"]; };\n",
			      NULL),
			 0);
	assert_string_equal(settings.user, "nobody");
	assert_true(settings.queue_fail_open);
	assert_int_equal(settings.queue_cpus.count, 2);
	assert_int_equal(settings.queue_cpus.number[1], 3);
	assert_int_equal(settings.tracking_window, WINDOW_STRICT);
	assert_int_equal(settings.tracking_timeouts_time_wait, 60);
	assert_int_equal(settings.syn_flood_allow.count, 3);
	assert_memory_equal(settings.syn_flood_allow.prefix[0].address, ten, 16);
	assert_int_equal(settings.syn_flood_allow.prefix[0].bits, 96 + 8);
	assert_memory_equal(settings.syn_flood_allow.prefix[1].address, documentation, 16);
	assert_int_equal(settings.syn_flood_allow.prefix[1].bits, 32);
	assert_int_equal(settings.syn_flood_allow.prefix[2].bits, 128);
	assert_int_equal(settings.log_events.count, 2);
	assert_int_equal(settings.log_events.event[0], EVENT_FLOW_CLOSED);
	assert_int_equal(settings.log_events.event[1], EVENT_PACKET_DROPPED);
	assert_int_equal(settings.origin[OPTION_user], ORIGIN_FILE);
	assert_int_equal(settings.origin[OPTION_log_level], ORIGIN_DEFAULT);
}

static void all_events_are_an_empty_list(void **state)
{
	(void)state;
	assert_int_equal(load("log = { events = (\"all\"); };", NULL), 0);
	assert_int_equal(settings.log_events.count, 0);
	assert_int_equal(load("log = { events = (\"flow-new\", \"all\"); };", NULL), 0);
	assert_int_equal(settings.log_events.count, 0);
}

static void all_errors_come_at_once_with_their_lines(void **state)
{
	static const char *const sets[] = { "tracking.window=odd", "policy.mode=monitor", "nonsense", NULL };

	(void)state;
	assert_int_equal(load("user = 5;\n"
			      "tracking = {\n"
			      "\twindow = \"loose\"; max_flows = 1;\n"
			      "\ttimeouts = {\n"
			      "\t\tsyn_sent = 0;\n"
			      "\t};\n"
			      "};\n"
			      "syn_flood = { stop_percent = 30; };\n",
			      sets),
			 -EINVAL);
	assert_int_equal(errors.count, 7);
	assert_error(0, ":1: user: is a number, not a string (allowed: a string of up to 255 characters)");
	assert_error(1, ":3: tracking.window: \"loose\" is no choice (allowed: normal, strict, liberal)");
	assert_error(2, ":3: tracking.max_flows: 1 is out of range (allowed: 1024..16777216 flows)");
	assert_error(3, ":5: tracking.timeouts.syn_sent: 0 is out of range (allowed: 1..600 s)");
	assert_error(4, "--set: tracking.window: \"odd\" is no choice (allowed: normal, strict, liberal)");
	assert_error(5, "--set: nonsense: is no setting (allowed: PATH=VALUE)");
	assert_error(6, ":8: syn_flood.stop_percent: 30 does not go with syn_flood.start_percent = 25"
			" (allowed: less than syn_flood.start_percent)");
}

static void syntax_errors_end_the_reading(void **state)
{
	(void)state;
	assert_int_equal(load("user = 5;\nqueue = {\n", NULL), -EINVAL);
	assert_int_equal(errors.count, 1);
	assert_non_null(strstr(errors.line[0], ": syntax error"));
	assert_int_equal(load("queue = {\n\tnumber = 1;\n\tnumber = 2;\n};\n", NULL), -EINVAL);
	assert_only_error(":3: syntax error: duplicate setting name");
	assert_int_equal(load("user = \"a\";\n\n@include \"other.conf\"\n", NULL), -EINVAL);
	assert_only_error(":3: syntax error: @include is not supported");
}

static void text_that_only_looks_odd_is_left_alone(void **state)
{
	(void)state;
	assert_int_equal(
		load("# @include \"x\" 99999999999\n// @\n/* @ \n @ */ user = \"a@\\\"99999999999\";\n"
		     "policy = { mode = \"odd\"; };\n",
		     NULL),
		-EINVAL);
	assert_only_error(":5: policy.mode: \"odd\" is no choice (allowed: enforce, monitor)");
	assert_string_equal(settings.user, "a@\"99999999999");
}

/* What errors allow. */
#define GROUPS \
	"(allowed: user, queue, tracking, policy, syn_flood, icmp, control, log, drop_capture, services)"
#define TRACKING "(allowed: window, max_flows, "
#define TIMEOUTS "(allowed: syn_sent, syn_recv, "

static void unknown_names_are_refused_with_the_nearest(void **state)
{
	(void)state;
	assert_int_equal(load("trackin = { window = \"strict\"; };\n"
			      "tracking = { windw = \"strict\"; timeouts = { synsent = 5; }; };\n"
			      "timeouts = { syn_sent = 5; };\n"
			      "max_flows = 5;\n"
			      "completely_different = 5;\n"
			      "queue = { completely_different = 5; };\n",
			      NULL),
			 -EINVAL);
	assert_int_equal(errors.count, 7);
	assert_error(0, ":1: trackin: unknown option, did you mean tracking? " GROUPS);
	assert_error_begins(1, ":2: tracking.windw: unknown option, did you mean tracking.window? " TRACKING);
	assert_error_begins(2, ":2: tracking.timeouts.synsent: unknown option, "
			       "did you mean tracking.timeouts.syn_sent? " TIMEOUTS);
	assert_error_begins(3, ":3: timeouts: unknown option, did you mean tracking.timeouts? " TRACKING);
	assert_error_begins(4, ":4: max_flows: unknown option, did you mean tracking.max_flows? " TRACKING);
	assert_error(5, ":5: completely_different: unknown option " GROUPS);
	assert_error(6, ":6: queue.completely_different: unknown option"
			" (allowed: number, count, length, copy_range, receive_buffer, fail_open, cpus)");
}

static void endless_names_are_only_unknown(void **state)
{
	char text[5000];

	(void)state;
	memset(text, 'x', sizeof text);
	strcpy(text + sizeof text - 8, " = 1;\n");
	assert_int_equal(load(text, NULL), -EINVAL);
	assert_int_equal(errors.count, 1);
	assert_non_null(strstr(errors.line[0], "unknown option"));
}

static void sets_come_after_the_file_and_the_later_wins(void **state)
{
	static const char *const sets[] = {
		"tracking.pickup=off",
		"tracking.pickup=\"on\"",
		" policy.mode = \"monitor\"",
		"log.target=file:/a=b",
		"user=",
		"syn_flood.allow=(\"::/0\")",
		NULL,
	};

	(void)state;
	assert_int_equal(load("tracking = { pickup = \"observe\"; zone = \"vlan\"; };", sets), 0);
	assert_int_equal(settings.tracking_pickup, PICKUP_ON);
	assert_int_equal(settings.tracking_zone, ZONE_VLAN);
	assert_int_equal(settings.policy_mode, MODE_MONITOR);
	assert_string_equal(settings.log_target, "file:/a=b");
	assert_string_equal(settings.user, "");
	assert_int_equal(settings.syn_flood_allow.count, 1);
	assert_int_equal(settings.origin[OPTION_tracking_pickup], ORIGIN_COMMAND_LINE);
	assert_int_equal(settings.origin[OPTION_tracking_zone], ORIGIN_FILE);
}

/* A VALUE is one value: what would smuggle in a second setting is a string. */
static void a_set_is_one_value(void **state)
{
	static const char *const sets[] = { "user=\"a\"; queue = 5", NULL };

	(void)state;
	assert_int_equal(load("", sets), 0);
	assert_string_equal(settings.user, "\"a\"; queue = 5");
}

static void sets_without_a_path_are_refused(void **state)
{
	static const char *const sets[] = { "", "=1", "user", "a b=1", "user.x=1", NULL };

	(void)state;
	assert_int_equal(load("", sets), -EINVAL);
	assert_int_equal(errors.count, 5);
	for (size_t i = 0; i < 4; i++)
		assert_non_null(strstr(errors.line[i], "is no setting (allowed: PATH=VALUE)"));
	assert_error(4, "--set: user.x: unknown option " GROUPS);
}

static void relations_are_checked(void **state)
{
	static const struct {
		const char *sets[3];
		const char *error;
	} rows[] = {
		{ { "syn_flood.stop_percent=25" },
		  "--set: syn_flood.stop_percent: 25 does not go with syn_flood.start_percent = 25"
		  " (allowed: less than syn_flood.start_percent)" },
		{ { "syn_flood.first_syn_max=600", "syn_flood.first_syn_min=601" },
		  "--set: syn_flood.first_syn_min: 601 does not go with syn_flood.first_syn_max = 600"
		  " (allowed: at most syn_flood.first_syn_max)" },
		{ { "queue.number=65535", "queue.count=2" },
		  "--set: queue.number: 2 queues from number 65535 on pass the last one (allowed: up to "
		  "65535)" },
		{ { "queue.count=2", "queue.cpus=(1)" },
		  "--set: queue.cpus: names 1 for queue.count = 2 (allowed: none, or one for each queue)" },
		{ { "log.target=nowhere" },
		  "--set: log.target: \"nowhere\" is no target (allowed: \"\", syslog, journal, stdout, file:/PATH)" },
		{ { "log.target=file:" },
		  "--set: log.target: \"file:\" is no target (allowed: \"\", syslog, journal, stdout, file:/PATH)" },
	};
	static const char *const equal[] = { "syn_flood.first_syn_max=600", "syn_flood.first_syn_min=600",
					     "queue.number=65535", NULL };
	/* Each prefix length goes with any other. */
	static const char *const prefixes[] = { "syn_flood.source_prefix4=16", "syn_flood.network_prefix6=65", NULL };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(load("", rows[i].sets), -EINVAL);
		assert_only_error(rows[i].error);
	}
	assert_int_equal(load("", equal), 0);
	assert_int_equal(load("", prefixes), 0);
	/* A value that could not be read has no relations. */
	assert_int_equal(load("syn_flood = { stop_percent = 30; start_percent = 101; };", NULL), -EINVAL);
	assert_only_error(":1: syn_flood.start_percent: 101 is out of range (allowed: 1..100 %)");
}

/* The daemon runs in / under systemd: what is relative to where somebody stands is refused, not searched for. */
static void paths_are_absolute(void **state)
{
	static const char *const good[] = { "log.target=file:/x", "drop_capture.path=/x", "control.socket=\"\"", NULL };

	(void)state;
	assert_int_equal(
		load("log = { target = \"file:x.log\"; };\ncontrol = {\n socket = \"run/x.sock\"; };\n"
		     "drop_capture = { path = \"./x\"; };\nsyn_flood = { ban_file = \"x\"; };\n",
		     NULL),
		-EINVAL);
	assert_int_equal(errors.count, 4);
	assert_error(0, ":1: log.target: \"file:x.log\" is no target (allowed: \"\", syslog, journal, "
			"stdout, file:/PATH)");
	assert_error(1, ":5: syn_flood.ban_file: \"x\" is no absolute path (allowed: /PATH, or \"\" for none)");
	assert_error(2, ":3: control.socket: \"run/x.sock\" is no absolute path (allowed: /PATH, or \"\" for none)");
	assert_error(3, ":4: drop_capture.path: \"./x\" is no absolute path (allowed: /PATH, or \"\" for none)");
	assert_int_equal(load("", good), 0);
}

static void reload_keeps_start_only_options(void **state)
{
	static struct settings old, merged;
	enum option_id changed[OPTION_COUNT];
	char error[256];

	(void)state;
	settings_defaults(&old);
	assert_int_equal(load("queue = { number = 7; cpus = (1); };\nuser = \"other\";\npolicy = { mode = "
			      "\"monitor\"; };\n",
			      NULL),
			 0);
	assert_int_equal(config_restart_needed(&old, &old, changed), 0);
	assert_int_equal(config_restart_needed(&old, &settings, changed), 3);
	assert_int_equal(changed[0], OPTION_user);
	assert_int_equal(changed[1], OPTION_queue_number);
	assert_int_equal(changed[2], OPTION_queue_cpus);
	config_merge_reload(&old, &settings, &merged);
	assert_int_equal(config_restart_needed(&old, &merged, changed), 0);
	assert_int_equal(merged.queue_number, 0);
	assert_int_equal(merged.queue_cpus.count, 0);
	assert_string_equal(merged.user, "tcpwarden");
	assert_int_equal(merged.origin[OPTION_user], ORIGIN_DEFAULT);
	assert_int_equal(merged.policy_mode, MODE_MONITOR);
	assert_int_equal(merged.origin[OPTION_policy_mode], ORIGIN_FILE);

	/* A shorter string or list leaves nothing of the longer one behind that would look like a change. */
	settings = old;
	assert_true(config_set(&settings, &services, "user", "a-longer-name", error, sizeof error));
	assert_true(config_set(&settings, &services, "user", "tcpwarden", error, sizeof error));
	assert_true(config_set(&settings, &services, "queue.cpus", "(5)", error, sizeof error));
	assert_true(config_set(&settings, &services, "queue.cpus", "()", error, sizeof error));
	assert_int_equal(config_restart_needed(&old, &settings, changed), 0);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, NULL, forget_errors)
	const struct CMUnitTest tests[] = {
		TEST(empty_file_gives_the_defaults),
		TEST(unreadable_files_are_told),
		TEST(every_type_is_read),
		TEST(all_events_are_an_empty_list),
		TEST(all_errors_come_at_once_with_their_lines),
		TEST(syntax_errors_end_the_reading),
		TEST(text_that_only_looks_odd_is_left_alone),
		TEST(unknown_names_are_refused_with_the_nearest),
		TEST(endless_names_are_only_unknown),
		TEST(sets_come_after_the_file_and_the_later_wins),
		TEST(a_set_is_one_value),
		TEST(sets_without_a_path_are_refused),
		TEST(relations_are_checked),
		TEST(paths_are_absolute),
		TEST(reload_keeps_start_only_options),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
