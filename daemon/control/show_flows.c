/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <time.h>

#include "control/show.h"

#define CELL 64
#define ROW  "%-13s %-21s %-21s %-11s %12s %12s %17s %13s %7s %s\n"

static void pair(char cell[CELL], const json_t *object, const char *key)
{
	char client[CELL], server[CELL];

	snprintf(client, sizeof client, "client_%s", key);
	snprintf(server, sizeof server, "server_%s", key);
	snprintf(cell, CELL, "%" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT, show_number(object, client),
		 show_number(object, server));
}

/* Seconds since the last segment: the record has the first one and the time between. */
static double idle_seconds(const json_t *object)
{
	struct timespec now;
	double last = json_number_value(json_object_get(object, "start")) +
		      (double)show_number(object, "duration_us") / 1e6;

	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9 - last;
}

void show_flow_row(struct show *show, const json_t *object)
{
	char client[CELL], server[CELL], age[CELL], idle[CELL], bytes[CELL], packets[CELL], dropped[CELL];
	double idle_s = idle_seconds(object);

	if (json_object_get(object, "flow") == NULL) {
		fprintf(show->out, "%" JSON_INTEGER_FORMAT "\n", show_number(object, "count"));
		return;
	}
	if (show->lines++ == 0)
		fprintf(show->out, ROW, "flow", "client", "server", "phase", "age", "idle", "bytes",
			"packets", "dropped", "history");
	if (idle_s < 0)
		idle_s = 0;
	show_endpoint(client, sizeof client, object, "client");
	show_endpoint(server, sizeof server, object, "server");
	show_time(age, sizeof age, idle_s + (double)show_number(object, "duration_us") / 1e6);
	show_time(idle, sizeof idle, idle_s);
	pair(bytes, object, "bytes");
	pair(packets, object, "packets");
	show_value(dropped, sizeof dropped, json_object_get(object, "dropped"));
	fprintf(show->out, ROW, show_word(object, "flow"), client, server, show_word(object, "phase"), age,
		idle, bytes, packets, dropped, show_word(object, "history"));
}

static double all_bytes(const json_t *object)
{
	return (double)(show_number(object, "client_bytes") + show_number(object, "server_bytes"));
}

static double all_packets(const json_t *object)
{
	return (double)(show_number(object, "client_packets") + show_number(object, "server_packets"));
}

/* Bytes a second since the first segment; nothing is told of less than a second. */
static double mean_rate(const json_t *object)
{
	double seconds = idle_seconds(object) + (double)show_number(object, "duration_us") / 1e6;

	return all_bytes(object) / (seconds > 1 ? seconds : 1);
}

show_rank *show_flow_rank(const char *word)
{
	static const struct {
		const char *word;
		show_rank *rank;
	} orders[] = { { "bytes", all_bytes }, { "packets", all_packets }, { "rate", mean_rate } };

	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
		if (strcmp(orders[i].word, word) == 0)
			return orders[i].rank;
	return NULL;
}
