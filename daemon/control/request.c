/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/request.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define SAY(error, ...) snprintf(error, REQUEST_ERROR_SIZE, __VA_ARGS__)

static bool read_arg(const json_t *value, char *arg, char *error)
{
	const char *text = json_string_value(value);

	if (text == NULL || json_string_length(value) >= REQUEST_ARG_SIZE) {
		SAY(error, "an argument is no string of less than %d bytes", REQUEST_ARG_SIZE);
		return false;
	}
	strcpy(arg, text); /* its length is checked, jansson lets no NUL in */
	return true;
}

static bool read_args(const json_t *args, struct request *request, char *error)
{
	size_t count = json_array_size(args);

	if (args != NULL && !json_is_array(args)) {
		SAY(error, "\"args\" is no array");
		return false;
	}
	if (count > REQUEST_ARGS) {
		SAY(error, "more than %d arguments", REQUEST_ARGS);
		return false;
	}
	for (size_t i = 0; i < count; i++)
		if (!read_arg(json_array_get(args, i), request->arg[i], error))
			return false;
	request->count = (unsigned)count;
	return true;
}

static bool check_count(const struct request *request, char *error)
{
	const struct command_info *command = &command_table[request->command];

	if (request->count >= command->least && request->count <= command->most)
		return true;
	SAY(error, "usage: tcpwardenctl %s%s%s", command->word, *command->arguments != '\0' ? " " : "",
	    command->arguments);
	return false;
}

static bool read_object(const json_t *object, struct request *request, char *error)
{
	const char *verb = json_string_value(json_object_get(object, "verb"));

	if (verb == NULL) {
		SAY(error, "the request has no \"verb\"");
		return false;
	}
	int command = command_find(verb);
	if (command < 0) {
		SAY(error, "there is no verb \"%.64s\": see tcpwardenctl -h", verb);
		return false;
	}
	if (command_table[command].access == COMMAND_LOCAL) {
		SAY(error, "the daemon does not answer \"%.64s\": tcpwardenctl does", verb);
		return false;
	}
	request->command = (enum command)command;
	return read_args(json_object_get(object, "args"), request, error) && check_count(request, error);
}

bool request_parse(const char *line, size_t length, struct request *request, char *error)
{
	json_error_t cause;
	json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, &cause);

	memset(request, 0, sizeof *request);
	if (object == NULL) {
		SAY(error, "the request is no JSON object: %s", cause.text);
		return false;
	}
	bool good = read_object(object, request, error);
	json_decref(object);
	return good;
}

bool request_has(const struct request *request, const char *arg)
{
	for (unsigned i = 0; i < request->count; i++)
		if (strcmp(request->arg[i], arg) == 0)
			return true;
	return false;
}
