/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/top_*: rates between two looks, rows in order, cells in a line, and nothing that steers a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/show.h"
#include "control/top_header.h"
#include "control/top_look.h"
#include "control/top_rates.h"
#include "control/top_view.h"

/* JSON with single quotes. */
static json_t *read_json(const char *text)
{
	char copy[2000];
	json_t *value;

	assert_true(strlen(text) < sizeof copy);
	strcpy(copy, text);
	for (char *at = copy; *at != '\0'; at++)
		if (*at == '\'')
			*at = '"';
	value = json_loads(copy, 0, NULL);
	assert_non_null(value);
	return value;
}

static double rate_of(const json_t *flows, size_t index, const char *key)
{
	const json_t *value = json_object_get(json_array_get(flows, index), key);

	return json_is_number(value) ? json_number_value(value) : -1;
}

static const struct top_moment before = { 100, 5000 }, after = { 102, 5002 };

/* a: goes on; b: began between the looks; c: is older, but was not seen then; d: became less. */
static void rates_are_what_came_since(void **state)
{
	json_t *old = read_json("[{'flow':'a','start':1.5,'client_bytes':100,'server_bytes':1000,'client_packets':1},"
				"{'flow':'d','start':1.5,'client_bytes':100,'server_bytes':0}]");
	json_t *new = read_json("[{'flow':'a','start':1.5,'client_bytes':300,'server_bytes':1001,'client_packets':5},"
				"{'flow':'b','start':5001.0,'client_bytes':10,'server_bytes':0,'client_packets':4},"
				"{'flow':'c','start':4999.0,'client_bytes':10,'server_bytes':0},"
				"{'flow':'d','start':1.5,'client_bytes':99,'server_bytes':0}]");
	json_t *kept = top_rates_keep(old);

	(void)state;
	top_rates_flows(new, after, kept, before);
	assert_true(rate_of(new, 0, "client_bytes_per_s") == 100);
	assert_true(rate_of(new, 0, "server_bytes_per_s") == 0.5);
	assert_true(rate_of(new, 0, "client_packets_per_s") == 2);
	assert_true(rate_of(new, 0, "server_packets_per_s") == 0);
	assert_true(rate_of(new, 1, "client_bytes_per_s") == 5);
	assert_true(rate_of(new, 2, "client_bytes_per_s") == -1);
	assert_true(rate_of(new, 3, "client_bytes_per_s") == -1);
	top_rates_flows(new, after, NULL, before);
	assert_true(rate_of(new, 0, "client_bytes_per_s") == -1);
	assert_true(rate_of(new, 1, "client_bytes_per_s") == -1);
	top_rates_flows(new, before, kept, before); /* no time passed */
	assert_true(rate_of(new, 0, "client_bytes_per_s") == -1);
	json_decref(kept);
	json_decref(old);
	json_decref(new);
}

static void another_daemon_has_no_past(void **state)
{
	json_t *old = read_json("{'pid':7,'dropped':10,'would_drop':5}"), *new = json_deep_copy(old);

	(void)state;
	json_object_set_new(new, "dropped", json_integer(14));
	top_rates_status(new, after, old, before);
	assert_true(json_real_value(json_object_get(new, "drops_per_s")) == 2);
	json_object_set_new(new, "pid", json_integer(8));
	top_rates_status(new, after, old, before);
	assert_true(json_is_null(json_object_get(new, "drops_per_s")));
	top_rates_status(new, after, NULL, before);
	assert_true(json_is_null(json_object_get(new, "drops_per_s")));
	json_decref(old);
	json_decref(new);
}

static void numbers_have_six_columns(void **state)
{
	static const struct {
		double number;
		const char *text;
	} rows[] = {
		{ 0, "0" },	      { 7, "7" },	  { 0.25, "0.25" },   { 7.5, "7.50" },	   { 9.999, "10.0" },
		{ 99.96, "100" },     { 999, "999" },	  { 999.6, "1.00k" }, { 1000, "1.00k" },   { 12345, "12.3k" },
		{ 262144, "262k" },   { 999999, "1.00M" }, { 1.5e9, "1.50G" }, { 9.9e18, "9.90E" }, { -1, "-" },
		{ -0.001, "-" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char cell[TOP_CELL];

		top_scaled(cell, sizeof cell, rows[i].number);
		assert_string_equal(cell, rows[i].text);
		assert_true(strlen(cell) <= 6);
	}
}

static const struct top_column columns[] = {
	{ "name", 'n', 4, 8, 0, false }, { "x", 'x', 3, 3, 2, true }, { "y", 'y', 3, 3, 1, true },
};

static void put(char line[TOP_LINE], unsigned width, const char *name, const char *x, const char *y)
{
	char cell[TOP_COLUMNS][TOP_CELL];
	unsigned fitted[TOP_COLUMNS];

	strcpy(cell[0], name);
	strcpy(cell[1], x);
	strcpy(cell[2], y);
	top_fit(columns, 3, width, fitted);
	top_line(line, columns, 3, fitted, (const char(*)[TOP_CELL])cell);
	assert_true(strlen(line) <= width || width < 4);
}

static void a_row_has_so_many_columns(void **state)
{
	char line[TOP_LINE];

	(void)state;
	put(line, 12, "ab", "1", "22");
	assert_string_equal(line, "ab     1  22");
	put(line, 11, "ab", "1", "22"); /* the highest rank goes, the name takes its room */
	assert_string_equal(line, "ab       22");
	put(line, 4, "abcdef", "1", "22");
	assert_string_equal(line, "abc~");
	put(line, 80, "abcdefghi", "12345", "22");
	assert_string_equal(line, "abcdefg~ 12~  22");
	for (unsigned width = 0; width < 1000; width++)
		put(line, width, "abcdefghi", "12345", "22");
}

static void every_view_fits_80_columns(void **state)
{
	(void)state;
	for (int view = 0; view < TOP_VIEWS; view++) {
		const struct top_view_info *info = &top_views[view];
		unsigned fitted[TOP_COLUMNS];
		char cell[TOP_COLUMNS][TOP_CELL], line[TOP_LINE];

		top_view_titles((enum top_view)view, cell);
		for (unsigned width = 40; width < 300; width++) {
			top_fit(info->column, info->count, width, fitted);
			top_line(line, info->column, info->count, fitted, (const char(*)[TOP_CELL])cell);
			assert_true(width < 43 || strlen(line) <= width);
		}
		top_fit(info->column, info->count, 80, fitted);
		for (unsigned i = 0; i < 4; i++)
			assert_true(fitted[i] > 0);
	}
}

static const char three_flows[] =
	"[{'flow':'a','client':'10.0.0.1','client_port':1,'server':'10.0.0.9','server_port':80,'start':10.0,"
	"'duration_us':1000000,'phase':'ESTABLISHED','client_bytes':5,'server_bytes':5,'client_bytes_per_s':1.0,"
	"'server_bytes_per_s':2.0,'dropped':0},"
	"{'flow':'b','client':'::1','client_port':2,'server':'::2','server_port':80,'start':20.0,'phase':'CLOSED',"
	"'client_bytes':900,'server_bytes':5,'client_bytes_per_s':null,'dropped':3},"
	"{'count':1},"
	"{'flow':'c','client':'10.0.0.2','client_port':3,'server':'10.0.0.9','server_port':80,'start':15.0,"
	"'phase':'ESTABLISHED','client_bytes':1,'server_bytes':5,'client_bytes_per_s':9.0,'server_bytes_per_s':2.0}]";

/* The ids of the rows in order. */
static void assert_order(const json_t *rows, int key, bool reverse, const char *text, const char *expected)
{
	struct top_choice choice = { .reverse = reverse, .text = text };
	struct top_entry *entries;
	unsigned count;
	int column = top_view_order(TOP_FLOWS, key);

	assert_true(column >= 0);
	choice.order = (unsigned)column;
	entries = top_view_entries(TOP_FLOWS, rows, 30, &choice, &count);
	assert_int_equal(count, strlen(expected));
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(show_word(entries[i].row, "flow")[0], expected[i]);
	free(entries);
}

static void rows_are_sorted_and_chosen(void **state)
{
	json_t *rows = read_json(three_flows);

	(void)state;
	assert_order(rows, 'b', false, "", "cab"); /* what is not known comes last */
	assert_order(rows, 'b', true, "", "bac");
	assert_order(rows, 't', false, "", "bac");
	assert_order(rows, 'c', false, "", "acb");
	assert_order(rows, 'd', false, "", "bac");
	assert_order(rows, 'a', false, "", "acb");
	assert_order(rows, 'b', false, "10.0.0.9", "ca");
	assert_order(rows, 'b', false, "[::1]:2", "b");
	assert_order(rows, 'b', false, "nothing", "");
	assert_int_equal(top_view_order(TOP_FLOWS, 'q'), -1);
	assert_int_equal(top_view_order(TOP_FLOWS, 0), -1);
	assert_int_equal(top_view_order(TOP_FLOWS, 300), -1);
	json_decref(rows);
}

/* Letters that the screen takes for itself sort by nothing; no letter sorts by two columns. */
static void keys_have_one_meaning(void **state)
{
	(void)state;
	for (int view = 0; view < TOP_VIEWS; view++)
		for (unsigned i = 0; i < top_views[view].count; i++) {
			int key = top_views[view].column[i].key;

			if (key == 0)
				continue;
			assert_null(strchr("qhr/? 123", key));
			assert_int_equal(top_view_order((enum top_view)view, key), i);
		}
}

static void nothing_steers_the_terminal(void **state)
{
	json_t *rows = read_json("[{'reason':'\\u001b[2J\\u0007x\\u007f\\u00e9','setting':'a\\nb',"
				       "'meaning':'\\u009b'}]");
	json_t *status = read_json("{'version':'\\u001b[31m','mode':'\\r\\n','phases':{'\\u001bX':1}}");
	struct top_choice choice = { .text = "" };
	char header[TOP_HEADER][TOP_LINE];
	unsigned count;
	struct top_entry *entries = top_view_entries(TOP_REASONS, rows, 0, &choice, &count);

	(void)state;
	assert_int_equal(count, 1);
	assert_string_equal(entries[0].cell[0], "?[2J?x???");
	for (unsigned i = 0; i < top_views[TOP_REASONS].count; i++)
		for (const char *at = entries[0].cell[i]; *at != '\0'; at++)
			assert_in_range(*at, ' ', '~');
	top_header(header, status);
	for (unsigned i = 0; i < TOP_HEADER; i++)
		for (const char *at = header[i]; *at != '\0'; at++)
			assert_in_range(*at, ' ', '~');
	top_header(header, NULL);
	assert_string_equal(header[0], "");
	free(entries);
	json_decref(rows);
	json_decref(status);
}

#define FOUR_WORDS "port=1 port=1 port=1 port=1 "

static void a_filter_is_that_of_flows(void **state)
{
	char error[TOP_ERROR_SIZE];

	(void)state;
	assert_null(top_filter_check("", error));
	assert_null(top_filter_check("  port=80   client=10.0.0.0/8 ", error));
	assert_non_null(top_filter_check("port=http", error));
	assert_non_null(strstr(error, "is no port"));
	assert_non_null(top_filter_check("port=80 --count", error));
	assert_non_null(top_filter_check("x", error));
	/* With three orders and --limit= that is all that a request has room for. */
	assert_null(top_filter_check(FOUR_WORDS FOUR_WORDS FOUR_WORDS, error));
	assert_non_null(top_filter_check(FOUR_WORDS FOUR_WORDS FOUR_WORDS "port=1", error));
	assert_string_equal(error, "a filter has at most 12 words");
}

/* Begins a look of flows by a daemon that had so many; the words of the request for them are `expected`. */
static void assert_asks(const char *status, const char *filter, const char *expected)
{
	static const char verb[] = "{\"verb\":\"flows\",\"args\":[\"--sort=rate\",\"--sort=bytes\","
				   "\"--sort=packets\",\"--limit=200\"";
	struct top_look look;
	char asked[2000];
	int ends[2];

	top_look_init(&look, "nowhere");
	look.status = read_json(status);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	look.connection.fd = ends[0];
	assert_true(top_look_begin(&look, TOP_FLOWS, filter, 7));
	ssize_t n = recv(ends[1], asked, sizeof asked - 1, 0);
	assert_true(n > 0);
	asked[n] = '\0';
	const char *words = strstr(asked, verb);
	assert_non_null(words);
	assert_string_equal(words + strlen(verb), expected);
	top_look_fini(&look);
	close(ends[1]);
}

/* Quiet flows are flows, too: who asks for some gets them from the largest table. */
static void a_filter_is_all_that_is_asked_for(void **state)
{
	(void)state;
	assert_asks("{'flows':200}", "", "]}\n");
	assert_asks("{'flows':201}", "", ",\"idle<=7\"]}\n");
	assert_asks("{'flows':201}", "  ", ",\"idle<=7\"]}\n");
	assert_asks("{'flows':201}", "idle>=1m", ",\"idle>=1m\"]}\n");
	assert_asks("{'flows':201}", " client=10.0.0.7  port=80 ", ",\"client=10.0.0.7\",\"port=80\"]}\n");
}

/* A daemon that takes long for the rows of a large table. */
static void the_status_does_not_wait_for_the_rows(void **state)
{
	static const char status[] = "{\"pid\":7,\"flows\":1000000}\n{\"done\":true}\n", rows[] = "{\"done\":true}\n";
	struct top_look look;
	int ends[2];

	(void)state;
	top_look_init(&look, "nowhere");
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	look.connection.fd = ends[0];
	assert_true(top_look_begin(&look, TOP_FLOWS, "", 7));
	assert_int_equal(top_look_patience(&look), 10);
	assert_int_equal(top_look_read(&look), TOP_WAITS);
	assert_null(look.status);
	assert_int_equal(send(ends[1], status, strlen(status), 0), strlen(status));
	assert_int_equal(top_look_read(&look), TOP_WAITS);
	assert_non_null(look.status);
	assert_true(show_number(look.status, "flows") == 1000000);
	assert_true(json_is_null(json_object_get(look.status, "drops_per_s")));
	assert_null(look.rows[TOP_FLOWS]);
	assert_int_equal(top_look_patience(&look), 600);
	assert_int_equal(send(ends[1], rows, strlen(rows), 0), strlen(rows));
	assert_int_equal(top_look_read(&look), TOP_COMPLETE);
	assert_non_null(look.rows[TOP_FLOWS]);
	assert_non_null(look.status);
	assert_true(top_look_begin(&look, TOP_FLOWS, "", 7));
	assert_int_equal(top_look_patience(&look), 10);
	top_look_fini(&look);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_are_what_came_since),
		cmocka_unit_test(another_daemon_has_no_past),
		cmocka_unit_test(numbers_have_six_columns),
		cmocka_unit_test(a_row_has_so_many_columns),
		cmocka_unit_test(every_view_fits_80_columns),
		cmocka_unit_test(rows_are_sorted_and_chosen),
		cmocka_unit_test(keys_have_one_meaning),
		cmocka_unit_test(nothing_steers_the_terminal),
		cmocka_unit_test(a_filter_is_that_of_flows),
		cmocka_unit_test(a_filter_is_all_that_is_asked_for),
		cmocka_unit_test(the_status_does_not_wait_for_the_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
