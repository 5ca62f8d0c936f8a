/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control/connection.h"
#include "control/kept.h"
#include "control/show.h"

#define SORTED_MOST 10000 /* lines that --sort shows, which all have to be kept */

struct client {
	const struct client_config *config;
	const struct show_verb *verb;
	struct show show;
	show_rank *rank;  /* NULL: as they come */
	struct kept kept; /* where they are sorted */
};

/* A line as the daemon wrote it: compact and in ASCII. */
static void print(struct client *client, const char *line, size_t length)
{
	json_t *object;

	if (client->config->json) {
		fwrite(line, 1, length, stdout);
		putchar('\n');
		return;
	}
	object = json_loadb(line, length, 0, NULL);
	if (object != NULL)
		client->verb->line(&client->show, object);
	json_decref(object);
}

static enum client_exit complain(const struct client *client, enum client_exit code, const char *text)
{
	if (client->config->json) {
		json_t *object = json_pack("{s:s}", "error", text);
		json_dumpf(object, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
		putchar('\n');
		json_decref(object);
	} else {
		fprintf(stderr, "tcpwardenctl: %s\n", text);
	}
	return code;
}

/* False: no memory. */
static bool keep(struct client *client, const char *line, size_t length)
{
	json_t *object = json_loadb(line, length, 0, NULL);
	bool kept = object != NULL && kept_add(&client->kept, client->rank(object), line, length);

	json_decref(object);
	return kept;
}

/* Sorted and printed: the daemon keeps no list, so the client does. */
static void print_kept(struct client *client)
{
	kept_sort(&client->kept);
	for (size_t i = 0; i < client->kept.count; i++)
		print(client, client->kept.line[i].text, client->kept.line[i].length);
	fflush(stdout);
	if (client->kept.seen > client->kept.count)
		fprintf(stderr, "tcpwardenctl: the first %zu of %llu\n", client->kept.count,
			(unsigned long long)client->kept.seen);
}

/* What ends an answer, {"done":true} or {"error":"..."}; NULL: it is one of its lines. */
static json_t *read_end(const char *line, size_t length)
{
	static const char *const begins[] = { "{\"done\":", "{\"error\":" };

	for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
		if (length > strlen(begins[i]) && memcmp(line, begins[i], strlen(begins[i])) == 0)
			return json_loadb(line, length, 0, NULL);
	return NULL;
}

static enum client_exit finish(struct client *client, const json_t *end)
{
	const char *error = json_string_value(json_object_get(end, "error"));

	if (client->rank != NULL)
		print_kept(client);
	return error != NULL ? complain(client, CLIENT_REFUSED, error) : CLIENT_DONE;
}

static enum client_exit read_answer(struct client *client, struct connection *connection)
{
	for (;;) {
		size_t length;
		const char *line = connection_line(connection, &length);
		json_t *end = line != NULL ? read_end(line, length) : NULL;

		if (line == NULL)
			return complain(client, CLIENT_NO_DAEMON, "the daemon ended before its answer did");
		if (end != NULL) {
			enum client_exit code = finish(client, end);
			json_decref(end);
			return code;
		}
		if (client->rank == NULL)
			print(client, line, length);
		else if (!keep(client, line, length))
			return complain(client, CLIENT_NO_DAEMON, "out of memory");
		if (!connection_has_line(connection))
			fflush(stdout); /* somebody may be waiting for it */
	}
}

/* The last --sort=WORD that the verb knows. */
static show_rank *wanted_rank(const struct client_config *config, const struct show_verb *verb)
{
	static const char sort[] = "--sort=";
	show_rank *rank = NULL;

	for (int i = 0; i < config->count && verb->rank != NULL; i++)
		if (strncmp(config->args[i], sort, strlen(sort)) == 0)
			rank = verb->rank(config->args[i] + strlen(sort));
	return rank;
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
	client.rank = wanted_rank(config, client.verb);
	if (client.rank != NULL && !kept_init(&client.kept, SORTED_MOST))
		client.rank = NULL;
	connection_ask(&connection, config->command, config->args, config->count);
	code = read_answer(&client, &connection);
	kept_fini(&client.kept);
	connection_close(&connection);
	return code;
}
