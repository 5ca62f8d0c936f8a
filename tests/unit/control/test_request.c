/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/request: what is a request and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "control/request.h"

static bool parse(const char *line, struct request *request, char *error)
{
	return request_parse(line, strlen(line), request, error);
}

static void a_verb_with_its_arguments(void **state)
{
	struct request request;
	char error[REQUEST_ERROR_SIZE];

	(void)state;
	assert_true(parse("{\"verb\":\"flows\",\"args\":[\"port=443\",\"--count\"]}", &request, error));
	assert_int_equal(request.command, COMMAND_FLOWS);
	assert_int_equal(request.count, 2);
	assert_string_equal(request.arg[0], "port=443");
	assert_true(request_has(&request, "--count"));
	assert_false(request_has(&request, "--sort=bytes"));
	assert_true(parse("{\"verb\":\"status\"}", &request, error));
	assert_int_equal(request.count, 0);
}

static void what_is_no_request_is_refused(void **state)
{
	static const char *const lines[] = {
		"",
		"status",
		"{\"verb\":\"status\"",
		"[]",
		"null",
		"{}",
		"{\"verb\":1}",
		"{\"verb\":\"nonsense\"}",
		"{\"verb\":\"status\",\"verb\":\"flush\"}",
		"{\"verb\":\"status\",\"args\":{}}",
		"{\"verb\":\"status\",\"args\":\"x\"}",
		"{\"verb\":\"flows\",\"args\":[1]}",
		"{\"verb\":\"flows\",\"args\":[\"a\\u0000b\"]}",
		"{\"verb\":\"flows\",\"args\":[\"\xff\"]}",
		"{\"verb\":\"status\",\"args\":[\"x\"]}",                 /* too many */
		"{\"verb\":\"exporter\",\"args\":[\"--listen\",\":1\"]}", /* the client's own */
		"{\"verb\":\"mode\"}",                                    /* too few */
		/* too many, 17 of them */
		("{\"verb\":\"flows\",\"args\":[\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\","
		 "\"\",\"\",\"\",\"\",\"\"]}"),
	};
	struct request request;
	char error[REQUEST_ERROR_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		error[0] = '\0';
		if (parse(lines[i], &request, error))
			fail_msg("taken: %s", lines[i]);
		assert_true(error[0] != '\0');
	}
}

/* As long as an argument may be, and one byte more. */
static void arguments_are_bounded(void **state)
{
	char line[REQUEST_LINE_SIZE], error[REQUEST_ERROR_SIZE], arg[REQUEST_ARG_SIZE + 1];
	struct request request;

	(void)state;
	memset(arg, 'a', sizeof arg);
	snprintf(line, sizeof line, "{\"verb\":\"flows\",\"args\":[\"%.*s\"]}", REQUEST_ARG_SIZE - 1, arg);
	assert_true(parse(line, &request, error));
	assert_int_equal(strlen(request.arg[0]), REQUEST_ARG_SIZE - 1);
	snprintf(line, sizeof line, "{\"verb\":\"flows\",\"args\":[\"%.*s\"]}", REQUEST_ARG_SIZE, arg);
	assert_false(parse(line, &request, error));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_verb_with_its_arguments),
		cmocka_unit_test(what_is_no_request_is_refused),
		cmocka_unit_test(arguments_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
