/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Journal entries: names and values of the fields, unknowns left out, nothing beyond the room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <syslog.h>

#include "report/journal.h"
#include "samples.h"

static struct journal_entry entry;

static bool has(const char *field)
{
	for (unsigned i = 0; i < entry.count; i++) {
		size_t size = entry.start[i + 1] - entry.start[i];

		if (size == strlen(field) && memcmp(entry.data + entry.start[i], field, size) == 0)
			return true;
	}
	return false;
}

static bool has_key(const char *key)
{
	for (unsigned i = 0; i < entry.count; i++)
		if (memcmp(entry.data + entry.start[i], key, strlen(key)) == 0 &&
		    entry.data[entry.start[i] + strlen(key)] == '=')
			return true;
	return false;
}

static void a_flow_in_fields(void **state)
{
	struct event event = { .kind = EVENT_FLOW_CLOSED, .flow = sample_flow() };

	(void)state;
	event.flow.rtt_us = UNKNOWN_US;
	journal_fill(&entry, &event, NULL, LOG_LOCAL3, LOG_INFO);
	assert_true(has("PRIORITY=6"));
	assert_true(has("SYSLOG_FACILITY=19"));
	assert_true(has_key("SYSLOG_IDENTIFIER"));
	assert_true(has("TCPWARDEN_EVENT=flow-closed"));
	assert_true(has("TCPWARDEN_FLOW=" SAMPLE_ID));
	assert_true(has("TCPWARDEN_CLIENT_IP=128.232.110.120"));
	assert_true(has("TCPWARDEN_CLIENT_PORT=34855"));
	assert_true(has("TCPWARDEN_SERVER_IP=66.35.250.204"));
	assert_true(has("TCPWARDEN_SERVER_BYTES=120431"));
	assert_true(has("TCPWARDEN_CONN_STATE=SF"));
	assert_false(has_key("TCPWARDEN_RTT_US"));
}

static void keys_become_names(void **state)
{
	struct event event = { .kind = EVENT_SUMMARY };

	(void)state;
	snprintf(event.notice.text, sizeof(event.notice.text), "ack-high=5 note=\"two words\"");
	journal_fill(&entry, &event, NULL, LOG_DAEMON, LOG_NOTICE);
	assert_true(has("TCPWARDEN_ACK_HIGH=5"));
	assert_true(has("TCPWARDEN_NOTE=two words"));
}

static void what_does_not_fit_is_left_out(void **state)
{
	struct event event = { .kind = EVENT_SUMMARY };
	struct text text;

	(void)state;
	text_init(&text, event.notice.text, sizeof(event.notice.text));
	for (int i = 0; i < 60; i++)
		text_fmt(&text, "%c=1 %c%c=1 ", 'a' + i % 26, 'a' + i % 26, 'a' + i / 26);
	journal_fill(&entry, &event, NULL, LOG_DAEMON, LOG_NOTICE);
	assert_true(entry.count <= JOURNAL_FIELDS);
	assert_true(entry.start[entry.count] < JOURNAL_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flow_in_fields),
		cmocka_unit_test(keys_become_names),
		cmocka_unit_test(what_does_not_fit_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
