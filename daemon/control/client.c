/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/connection.h"
#include "control/show.h"

struct client {
	const struct client_config *config;
	const struct show_verb *verb;
	struct show show;
	show_order *order; /* NULL: as they come */
	json_t *kept; /* array of all lines where they are to be sorted */
};

static void print_json(const json_t *object)
{
	json_dumpf(object, stdout, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(16));
	putchar('\n');
	fflush(stdout); /* somebody may be waiting for it */
}

static void print(struct client *client, const json_t *object)
{
	if (client->config->json)
		print_json(object);
	else
		client->verb->line(&client->show, object);
}

/* Takes the object over. */
static void take(struct client *client, json_t *object)
{
	if (client->kept != NULL) {
		json_array_append_new(client->kept, object);
		return;
	}
	print(client, object);
	json_decref(object);
}

static enum client_exit complain(const struct client *client, enum client_exit code, const char *text)
{
	if (client->config->json) {
		json_t *object = json_pack("{s:s}", "error", text);
		print_json(object);
		json_decref(object);
	} else {
		fprintf(stderr, "tcpwardenctl: %s\n", text);
	}
	return code;
}

static enum client_exit read_answer(struct client *client, struct connection *connection)
{
	for (;;) {
		json_t *object = connection_read(connection);
		const char *error = json_string_value(json_object_get(object, "error"));

		if (object == NULL)
			return complain(client, CLIENT_NO_DAEMON, "the daemon ended before its answer did");
		if (json_is_true(json_object_get(object, "done"))) {
			json_decref(object);
			return CLIENT_DONE;
		}
		if (error != NULL) {
			enum client_exit code = complain(client, CLIENT_REFUSED, error);
			json_decref(object);
			return code;
		}
		take(client, object);
	}
}

static int compare(const void *a, const void *b, void *order)
{
	show_order *const *function = order;

	return (*function)(*(json_t *const *)a, *(json_t *const *)b);
}

/* Sorted and printed: the daemon keeps no list, so the client does. */
static void print_kept(struct client *client)
{
	size_t count = json_array_size(client->kept);
	json_t **lines = calloc(count + 1, sizeof *lines);

	for (size_t i = 0; lines != NULL && i < count; i++)
		lines[i] = json_array_get(client->kept, i);
	if (lines != NULL)
		qsort_r(lines, count, sizeof *lines, compare, &client->order);
	for (size_t i = 0; lines != NULL && i < count; i++)
		print(client, lines[i]);
	free(lines);
	json_decref(client->kept);
}

/* The last --sort=WORD that the verb knows. */
static show_order *wanted_order(const struct client *client)
{
	static const char sort[] = "--sort=";
	show_order *order = NULL;

	for (int i = 0; i < client->config->count && client->verb->order != NULL; i++)
		if (strncmp(client->config->args[i], sort, strlen(sort)) == 0)
			order = client->verb->order(client->config->args[i] + strlen(sort));
	return order;
}

static enum client_exit no_daemon(const struct client *client, int cause)
{
	const char *path = client->config->socket;
	char text[512];

	if (cause == -EACCES)
		snprintf(text, sizeof text, "%s: not allowed: be root or a member of its group", path);
	else
		snprintf(text, sizeof text, "%s: %s: is tcpwardend running?", path, strerror(-cause));
	return complain(client, CLIENT_NO_DAEMON, text);
}

enum client_exit client_run(const struct client_config *config)
{
	struct client client = {
		.config = config,
		.verb = show_verb(config->command),
		.show = { .out = stdout, .args = config->args, .count = config->count },
	};
	struct connection connection;
	enum client_exit code;
	int result = connection_open(&connection, config->socket);

	if (result < 0)
		return no_daemon(&client, result);
	client.order = wanted_order(&client);
	client.kept = client.order != NULL ? json_array() : NULL;
	connection_ask(&connection, config->command, config->args, config->count);
	code = read_answer(&client, &connection);
	if (client.kept != NULL)
		print_kept(&client);
	connection_close(&connection);
	return code;
}
