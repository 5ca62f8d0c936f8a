/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/top_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/show.h"

/* Columns by the order in which top_views names them. */
enum {
	F_CLIENT, F_SERVER, F_PHASE, F_TO_SERVER, F_TO_CLIENT, F_SPEED, F_PPS, F_BYTES, F_PACKETS, F_DROPPED, F_AGE,
	F_IDLE, F_ID, F_COUNT
};
enum { S_PREFIX, S_LEVEL, S_RATE, S_PERCENT, S_COUNT };
enum { R_REASON, R_RATE, R_DROPPED, R_WOULD_DROP, R_SETTING, R_MEANING, R_COUNT };

/* At 80 columns a flow has its ends, phase and speed. */
const struct top_view_info top_views[TOP_VIEWS] = {
	[TOP_FLOWS] = {
		.word = "flows", .command = COMMAND_FLOWS, .row_key = "flow", .count = F_COUNT, .order = F_SPEED,
		.column = {
			[F_CLIENT] = { "client", 'c', 21, 47, 0, false },
			[F_SERVER] = { "server", 's', 21, 47, 0, false },
			[F_PHASE] = { "phase", 'e', 11, 11, 4, false },
			[F_TO_SERVER] = { "B/s>", '>', 6, 6, 2, true },
			[F_TO_CLIENT] = { "<B/s", '<', 6, 6, 3, true },
			[F_SPEED] = { "B/s", 'b', 6, 6, 8, true },
			[F_PPS] = { "pkt/s", 'p', 6, 6, 1, true },
			[F_BYTES] = { "bytes", 't', 6, 6, 6, true },
			[F_PACKETS] = { "pkts", 'k', 6, 6, 7, true },
			[F_DROPPED] = { "drops", 'd', 6, 6, 5, true },
			[F_AGE] = { "age", 'a', 11, 11, 9, true },
			[F_IDLE] = { "idle", 'i', 11, 11, 10, true },
			[F_ID] = { "flow", 0, 13, 13, 11, false },
		},
	},
	[TOP_SOURCES] = {
		.word = "sources", .command = COMMAND_TOP, .row_key = "syn_source", .count = S_COUNT, .order = S_RATE,
		.column = {
			[S_PREFIX] = { "prefix", 'c', 20, 43, 0, false },
			[S_LEVEL] = { "kind", 'e', 8, 8, 3, false },
			[S_RATE] = { "SYN/s", 'b', 8, 8, 1, true },
			[S_PERCENT] = { "share", 'p', 6, 6, 2, true },
		},
	},
	[TOP_REASONS] = {
		.word = "reasons", .command = COMMAND_DROPS, .row_key = "reason", .count = R_COUNT, .order = R_RATE,
		.column = {
			[R_REASON] = { "reason", 'c', 20, 22, 0, false },
			[R_RATE] = { "per_s", 'b', 8, 8, 1, true },
			[R_DROPPED] = { "dropped", 'd', 8, 8, 2, true },
			[R_WOULD_DROP] = { "would", 't', 8, 8, 3, true },
			[R_SETTING] = { "setting", 's', 30, 34, 4, false },
			[R_MEANING] = { "meaning", 0, 20, 100, 5, false },
		},
	},
};

static void put(struct top_entry *entry, unsigned column, const char *text)
{
	snprintf(entry->cell[column], TOP_CELL, "%s", text);
	top_clean(entry->cell[column]);
}

/* -1: not known. */
static void put_number(struct top_entry *entry, unsigned column, double number)
{
	entry->value[column] = number;
	top_scaled(entry->cell[column], TOP_CELL, number);
}

static void put_time(struct top_entry *entry, unsigned column, double seconds)
{
	entry->value[column] = seconds > 0 ? seconds : 0;
	show_time(entry->cell[column], TOP_CELL, entry->value[column]);
}

static double number_of(const json_t *row, const char *key)
{
	const json_t *value = json_object_get(row, key);

	return json_is_number(value) ? json_number_value(value) : -1;
}

/* Of two keys; not known where either is not. */
static double sum_of(const json_t *row, const char *one, const char *two)
{
	double a = number_of(row, one), b = number_of(row, two);

	return a < 0 || b < 0 ? -1 : a + b;
}

static void fill_flow(struct top_entry *entry, const json_t *row, double now_s)
{
	double start = json_number_value(json_object_get(row, "start"));
	char end[TOP_CELL];

	show_endpoint(end, sizeof end, row, "client");
	put(entry, F_CLIENT, end);
	show_endpoint(end, sizeof end, row, "server");
	put(entry, F_SERVER, end);
	put(entry, F_PHASE, show_word(row, "phase"));
	put_number(entry, F_TO_SERVER, number_of(row, "client_bytes_per_s"));
	put_number(entry, F_TO_CLIENT, number_of(row, "server_bytes_per_s"));
	put_number(entry, F_SPEED, sum_of(row, "client_bytes_per_s", "server_bytes_per_s"));
	put_number(entry, F_PPS, sum_of(row, "client_packets_per_s", "server_packets_per_s"));
	put_number(entry, F_BYTES, sum_of(row, "client_bytes", "server_bytes"));
	put_number(entry, F_PACKETS, sum_of(row, "client_packets", "server_packets"));
	put_number(entry, F_DROPPED, number_of(row, "dropped"));
	put_time(entry, F_AGE, now_s - start);
	put_time(entry, F_IDLE, now_s - start - (double)show_number(row, "duration_us") / 1e6);
	put(entry, F_ID, show_word(row, "flow"));
}

static void fill_source(struct top_entry *entry, const json_t *row, double now_s)
{
	(void)now_s;
	put(entry, S_PREFIX, show_word(row, "syn_source"));
	put(entry, S_LEVEL, show_word(row, "level"));
	put_number(entry, S_RATE, number_of(row, "per_s"));
	entry->value[S_PERCENT] = number_of(row, "percent");
	snprintf(entry->cell[S_PERCENT], TOP_CELL, "%.0f%%", entry->value[S_PERCENT]);
}

static void fill_reason(struct top_entry *entry, const json_t *row, double now_s)
{
	(void)now_s;
	put(entry, R_REASON, show_word(row, "reason"));
	put_number(entry, R_RATE, number_of(row, "per_s"));
	put_number(entry, R_DROPPED, number_of(row, "dropped"));
	put_number(entry, R_WOULD_DROP, number_of(row, "would_drop"));
	put(entry, R_SETTING, show_word(row, "setting"));
	put(entry, R_MEANING, show_word(row, "meaning"));
}

static void (*const fill[TOP_VIEWS])(struct top_entry *entry, const json_t *row, double now_s) = {
	[TOP_FLOWS] = fill_flow,
	[TOP_SOURCES] = fill_source,
	[TOP_REASONS] = fill_reason,
};

int top_view_order(enum top_view view, int key)
{
	const struct top_view_info *info = &top_views[view];

	for (unsigned i = 0; key > 0 && i < info->count; i++)
		if (info->column[i].key == key)
			return (int)i;
	return -1;
}

struct order {
	const struct top_view_info *info;
	const struct top_choice *choice;
};

/* Numbers: the most first; texts: by the alphabet. What is equal stands by its first and last cell. */
static int compare(const void *a, const void *b, void *context)
{
	const struct order *order = context;
	const struct top_entry *left = a, *right = b;
	unsigned at = order->choice->order, last = order->info->count - 1;
	int result;

	if (order->info->column[at].right)
		result = (left->value[at] < right->value[at]) - (left->value[at] > right->value[at]);
	else
		result = strcmp(left->cell[at], right->cell[at]);
	if (result != 0)
		return order->choice->reverse ? -result : result;
	result = strcmp(left->cell[0], right->cell[0]);
	return result != 0 ? result : strcmp(left->cell[last], right->cell[last]);
}

static bool contains(const struct top_entry *entry, unsigned count, const char *text)
{
	for (unsigned i = 0; i < count; i++)
		if (strstr(entry->cell[i], text) != NULL)
			return true;
	return false;
}

struct top_entry *top_view_entries(enum top_view view, const json_t *rows, double now_s,
				   const struct top_choice *choice, unsigned *count)
{
	const struct top_view_info *info = &top_views[view];
	struct top_entry *entries = calloc(json_array_size(rows) + 1, sizeof *entries);
	struct order order = { info, choice };
	size_t index;
	json_t *row;

	*count = 0;
	if (entries == NULL)
		return NULL;
	json_array_foreach((json_t *)rows, index, row)
	{
		struct top_entry *entry = &entries[*count];

		if (json_object_get(row, info->row_key) == NULL)
			continue;
		entry->row = row;
		fill[view](entry, row, now_s);
		if (contains(entry, info->count, choice->text))
			++*count;
	}
	qsort_r(entries, *count, sizeof *entries, compare, &order);
	return entries;
}

void top_view_titles(enum top_view view, char cell[TOP_COLUMNS][TOP_CELL])
{
	for (unsigned i = 0; i < top_views[view].count; i++)
		snprintf(cell[i], TOP_CELL, "%s", top_views[view].column[i].title);
}
