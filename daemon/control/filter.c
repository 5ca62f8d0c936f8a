/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "config/quantity.h"
#include "report/flow_id.h"

#define IDLE_MOST_S 31536000 /* a year: longer than any timeout */

/* Each reads the value of its key. NULL: done; else what is wrong, after the value. */

static const char *read_flow(const char *value, struct filter *filter)
{
	return flow_id_parse(value, &filter->flow) && filter->flow != 0
		       ? NULL
		       : "is no flow (13 characters of a-z2-7)";
}

static const char *read_client(const char *value, struct filter *filter)
{
	return endpoint_parse(value, &filter->client);
}

static const char *read_server(const char *value, struct filter *filter)
{
	return endpoint_parse(value, &filter->server);
}

static const char *read_port(const char *value, struct filter *filter)
{
	return port_parse(value, &filter->port) ? NULL : "is no port (1..65535)";
}

static const char *read_phase(const char *value, struct filter *filter)
{
	filter->phase = (int8_t)phase_find(value);
	return filter->phase >= 0 ? NULL : "is no phase: see tcpwardend --dump=phases";
}

static const char *read_reason(const char *value, struct filter *filter)
{
	filter->reason = (int8_t)reason_find(value);
	filter->close = (int8_t)close_find(value);
	return filter->reason >= 0 || filter->close >= 0 ? NULL
							 : "is no reason: see tcpwardend --dump=reasons";
}

static const char *read_time(const char *value, uint64_t *ns)
{
	int64_t seconds = 0;
	size_t digits = strspn(value, "0123456789");

	if (digits > 0 && digits < 10 && value[digits] == '\0')
		seconds = strtoll(value, NULL, 10);
	else if (quantity_parse(value, UNIT_SECONDS, &seconds) != NULL)
		return "is no time (90, 90s, 5m, 2h)";
	if (seconds < 0 || seconds > IDLE_MOST_S)
		return "is more than a year";
	*ns = (uint64_t)seconds * NS_PER_S;
	return NULL;
}

static const char *read_idle(const char *value, struct filter *filter)
{
	return read_time(value, &filter->idle_ns);
}

static const char *read_idle_most(const char *value, struct filter *filter)
{
	return read_time(value, &filter->idle_most_ns);
}

static const struct filter_key {
	const char *key;
	const char *(*read)(const char *value, struct filter *filter);
} keys[] = {
	{ "flow=", read_flow },     { "phase=", read_phase }, { "client=", read_client },
	{ "server=", read_server }, { "port=", read_port },   { "reason=", read_reason },
	{ "idle>=", read_idle },    { "idle<=", read_idle_most },
};

const char *filter_key(unsigned index)
{
	return index < sizeof keys / sizeof keys[0] ? keys[index].key : NULL;
}

void filter_any(struct filter *filter)
{
	*filter = (struct filter){ .any = true, .idle_most_ns = UINT64_MAX, .phase = -1, .reason = -1, .close = -1 };
}

static void say_unknown(const char *word, char *error)
{
	struct text text;

	text_init(&text, error, REQUEST_ERROR_SIZE);
	text_fmt(&text, "\"%s\" is no filter (allowed:", word);
	for (unsigned i = 0; filter_key(i) != NULL; i++)
		text_fmt(&text, " %s", filter_key(i));
	text_char(&text, ')');
}

static bool read_word(const char *word, struct filter *filter, char *error)
{
	filter->any = false;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		size_t length = strlen(keys[i].key);

		if (strncmp(word, keys[i].key, length) != 0)
			continue;
		const char *wrong = keys[i].read(word + length, filter);
		if (wrong == NULL)
			return true;
		snprintf(error, REQUEST_ERROR_SIZE, "%s\"%s\" %s", keys[i].key, word + length, wrong);
		return false;
	}
	say_unknown(word, error);
	return false;
}

bool filter_parse(const struct request *request, struct filter *filter, char *error)
{
	filter_any(filter);
	for (unsigned i = 0; i < request->count; i++)
		if (strncmp(request->arg[i], "--", 2) != 0 && !read_word(request->arg[i], filter, error))
			return false;
	return true;
}

static bool matches_ends(const struct filter *filter, const struct endpoints *at)
{
	return endpoint_matches(&filter->client, at->client, at->client_port) &&
	       endpoint_matches(&filter->server, at->server, at->server_port) &&
	       (filter->port == 0 || filter->port == at->client_port || filter->port == at->server_port);
}

static bool wants_reason(const struct filter *filter)
{
	return filter->reason >= 0 || filter->close >= 0;
}

bool filter_matches_flow(const struct filter *filter, const struct flow_record *flow, uint64_t now_ns)
{
	uint64_t idle_ns = now_ns - min_u64(flow->last_ns, now_ns);

	return (filter->flow == 0 || filter->flow == flow->id) &&
	       (filter->phase < 0 || filter->phase == flow->phase) &&
	       (!wants_reason(filter) || filter->close == flow->close_reason) &&
	       matches_ends(filter, &flow->at) && idle_ns >= filter->idle_ns && idle_ns <= filter->idle_most_ns;
}

bool filter_matches_drop(const struct filter *filter, const struct drop_record *drop)
{
	return (filter->flow == 0 || filter->flow == drop->flow) &&
	       (filter->phase < 0 || filter->phase == drop->phase) &&
	       (!wants_reason(filter) || filter->reason == drop->reason) && matches_ends(filter, &drop->at);
}

bool filter_matches_event(const struct filter *filter, const struct event *event)
{
	switch (event_table[event->kind].group) {
	case EVENT_GROUP_FLOW: return filter_matches_flow(filter, &event->flow, event->now_ns);
	case EVENT_GROUP_PACKET: return filter_matches_drop(filter, &event->drop);
	case EVENT_GROUP_FLOOD:
	case EVENT_GROUP_DAEMON: break;
	}
	return filter->any;
}
