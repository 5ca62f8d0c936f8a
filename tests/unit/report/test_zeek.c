/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conn.log of Zeek: heading, rows and footer, as many columns in each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "report/zeek.h"
#include "samples.h"

static char buffer[2048];

static struct text empty(void)
{
	struct text text;

	text_init(&text, buffer, sizeof(buffer));
	return text;
}

static int tabs(const char *line)
{
	int count = 0;

	for (; *line != '\n'; line++)
		count += *line == '\t';
	return count;
}

static void heading_names_the_columns(void **state)
{
	struct text text = empty();
	const char *fields, *types;

	(void)state;
	zeek_heading(&text);
	assert_memory_equal(buffer, "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n", 53);
	fields = strstr(buffer, "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\t"
			"duration\torig_bytes\tresp_bytes\tconn_state\tlocal_orig\tlocal_resp\tmissed_bytes\thistory\t"
			"orig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\ttunnel_parents\n");
	assert_non_null(fields);
	types = strstr(fields, "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\t");
	assert_non_null(types);
	assert_int_equal(tabs(fields), 21);
	assert_int_equal(tabs(types), 21);
	assert_null(strstr(buffer, "#open"));
}

static void row_has_every_column(void **state)
{
	struct flow_record flow = sample_flow();
	struct text text = empty();

	(void)state;
	zeek_row(&text, &flow, SAMPLE_WALL);
	assert_string_equal(buffer, "1700000000.000412\t" SAMPLE_ID "\t128.232.110.120\t34855\t66.35.250.204\t80\t"
			    "tcp\t-\t1.500000\t812\t120431\tSF\t-\t-\t-\tShADadFf\t9\t-\t88\t-\t-\n");
	assert_int_equal(tabs(buffer), 20);
}

static void unknown_is_unset(void **state)
{
	struct flow_record flow = sample_flow();
	struct text text = empty();

	(void)state;
	flow.at = sample_endpoints6();
	flow.last_ns = flow.started_ns;
	flow.history[0] = '\0';
	zeek_row(&text, &flow, SAMPLE_WALL);
	assert_string_equal(buffer, "1700000000.000412\t" SAMPLE_ID "\t2001:db8::1\t1\tfe80::2\t65535\ttcp\t-\t"
			    "-\t812\t120431\tSF\t-\t-\t-\t-\t9\t-\t88\t-\t-\n");
}

static void footer_has_the_time_of_the_capture(void **state)
{
	struct text text = empty();

	(void)state;
	zeek_footer(&text, SAMPLE_WALL);
	assert_string_equal(buffer, "#close\t2023-11-14-22-13-20\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heading_names_the_columns),
		cmocka_unit_test(row_has_every_column),
		cmocka_unit_test(unknown_is_unset),
		cmocka_unit_test(footer_has_the_time_of_the_capture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
