/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs that walk through the flows of all workers, a slice a call. */
#include <stdlib.h>
#include <string.h>

#include "report/flow_id.h"
#include "report/flow_row.h"
#include "report/line.h"
#include "service/best.h"
#include "service/clock.h"
#include "service/verbs.h"
#include "tcp/conn.h"

/* One slice of the worker that the answer stands at. NULL: that worker does not answer; the next one is due. */
static const struct mail_walk *walk_slice_of(struct daemon *daemon, struct reply *reply,
					     enum walk_purpose purpose)
{
	const struct best *best = reply->state.memory;
	struct mailbox *box = worker_mailbox(daemon->lane[reply->state.worker].worker);
	struct mail *mail = mailbox_begin(box, MAIL_WAIT_MS);

	if (mail != NULL) {
		mail->kind = MAIL_WALK;
		mail->walk.purpose = purpose;
		mail->walk.filter = reply->state.filter;
		mail->walk.cursor = reply->state.cursor;
		mail->walk.bar = best != NULL ? best_bar(best) : (struct best_bar){ .orders = 0 };
		mailbox_post(box);
		if (mailbox_wait(box, MAIL_WAIT_MS))
			return &mail->walk;
	}
	reporter_say(daemon->reporter, SEVERITY_ERR, "control: the worker of queue %u does not answer",
		     (unsigned)daemon->settings.queue_number + reply->state.worker);
	reply->state.silent++;
	return NULL;
}

/* Moves on behind a slice. False: all workers are through. */
static bool advance(struct daemon *daemon, struct reply *reply, const struct mail_walk *walk)
{
	if (walk != NULL)
		reply->state.count += walk->matched;
	if (walk != NULL && walk->more) {
		reply->state.cursor = walk->cursor;
		return true;
	}
	reply->state.cursor = 0;
	return ++reply->state.worker < daemon->count;
}

static bool begun(const struct reply *reply)
{
	return reply->state.worker != 0 || reply->state.cursor != 0;
}

/* The arguments of a walk, read at its first call. False: the answer has failed. */
static bool begin(struct reply *reply)
{
	char error[REQUEST_ERROR_SIZE];

	if (begun(reply) || filter_parse(&reply->request, &reply->state.filter, error))
		return true;
	reply_fail(reply, "%s", error);
	return false;
}

static void list_one(struct reply *reply, const struct flow_record *flow, int64_t offset_ns)
{
	char line[REPORT_LINE_SIZE];
	struct text text;

	text_init(&text, line, sizeof line);
	flow_row_json(&text, flow, offset_ns, NULL);
	reply_line(reply, line);
}

/* What a slice found: into the answer, or into the few that it is to have. */
static void list(struct reply *reply, const struct mail_walk *walk, int64_t offset_ns)
{
	struct best *best = reply->state.memory;
	uint64_t now_ns = clock_monotonic_ns();

	for (uint32_t i = 0; walk != NULL && i < walk->matched; i++)
		if (best != NULL)
			best_add(best, &walk->record[i], now_ns);
		else
			list_one(reply, &walk->record[i], offset_ns);
}

static void answer_count(const struct daemon *daemon, struct reply *reply)
{
	reply_object(reply, json_pack("{s:I}", "count", (json_int_t)reply->state.count));
	verbs_finish(daemon, reply, reply->state.silent);
}

/* All workers were asked. */
static void finish(const struct daemon *daemon, struct reply *reply)
{
	if (reply->state.count == 0 && reply->state.silent == 0)
		reply_fail(reply, "no such flow");
	else
		verbs_finish(daemon, reply, reply->state.silent);
}

/* The options of flows. */
struct options {
	bool count;
	unsigned orders; /* one bit an enum best_order */
	uint32_t limit;  /* 0: all */
};

/* NULL: read; else what is wrong, after the option. */
static const char *read_option(const char *arg, struct options *options)
{
	static const char sort[] = "--sort=", limit[] = "--limit=";

	if (strcmp(arg, "--count") == 0) {
		options->count = true;
		return NULL;
	}
	if (strncmp(arg, sort, strlen(sort)) == 0) {
		int order = best_order_find(arg + strlen(sort));

		if (order >= 0)
			options->orders |= 1U << order;
		return order >= 0 ? NULL : "is no order (allowed: --sort=bytes --sort=packets --sort=rate)";
	}
	if (strncmp(arg, limit, strlen(limit)) == 0) {
		const char *number = arg + strlen(limit);
		size_t digits = strspn(number, "0123456789");

		options->limit = digits > 0 && digits < 5 && number[digits] == '\0' ? (uint32_t)atoi(number) : 0;
		return options->limit >= 1 && options->limit <= BEST_MOST ? NULL : "is no number of flows (1..1000)";
	}
	return "is no option of flows (allowed: --count --sort=ORDER --limit=NUMBER)";
}

/* False: the answer has failed. */
static bool read_options(struct reply *reply, struct options *options)
{
	*options = (struct options){ .limit = 0 };
	for (unsigned i = 0; i < reply->request.count; i++) {
		const char *arg = reply->request.arg[i];
		const char *wrong = strncmp(arg, "--", 2) == 0 ? read_option(arg, options) : NULL;

		if (wrong == NULL)
			continue;
		reply_fail(reply, "\"%s\" %s", arg, wrong);
		return false;
	}
	if (options->limit == 0 || options->orders != 0)
		return true;
	reply_fail(reply, "--limit wants an order: --sort=bytes --sort=packets --sort=rate");
	return false;
}

/* With a limit: all flows were seen; the few go out, as many a call as there is room for. */
static void answer_best(const struct daemon *daemon, struct reply *reply, int64_t offset_ns)
{
	const struct best *best = reply->state.memory;
	const struct flow_record *flow;

	for (unsigned i = 0; i < WALK_RECORDS; i++) {
		flow = best_at(best, reply->state.cursor);
		if (flow == NULL) {
			verbs_finish(daemon, reply, reply->state.silent);
			return;
		}
		list_one(reply, flow, offset_ns);
		reply->state.cursor++;
	}
}

/* The end of the walk. */
static void finish_list(const struct daemon *daemon, struct reply *reply, const struct options *options)
{
	if (options->count)
		answer_count(daemon, reply);
	else if (reply->state.count > 0 && reply->state.memory != NULL)
		best_sort(reply->state.memory);
	else
		finish(daemon, reply);
}

void verb_flows(struct daemon *daemon, struct reply *reply)
{
	int64_t offset_ns = (int64_t)(clock_read_ns(CLOCK_REALTIME) - clock_monotonic_ns());
	const struct mail_walk *walk;
	struct options options;

	if (!read_options(reply, &options))
		return;
	if (reply->state.worker >= daemon->count) {
		answer_best(daemon, reply, offset_ns);
		return;
	}
	if (!begun(reply) && options.limit > 0 && !options.count && reply->state.memory == NULL) {
		reply->state.memory = best_new(options.orders, options.limit);
		if (reply->state.memory == NULL) {
			reply_fail(reply, "out of memory");
			return;
		}
	}
	if (!begin(reply))
		return;
	walk = walk_slice_of(daemon, reply, options.count ? WALK_COUNT : WALK_LIST);
	if (!options.count)
		list(reply, walk, offset_ns);
	if (!advance(daemon, reply, walk))
		finish_list(daemon, reply, &options);
}

void verb_kill(struct daemon *daemon, struct reply *reply)
{
	if (!verbs_without_options(reply) || !begin(reply))
		return;
	if (advance(daemon, reply, walk_slice_of(daemon, reply, WALK_FORGET)))
		return;
	if (reply->state.count == 0)
		finish(daemon, reply);
	else
		answer_count(daemon, reply);
}

void verb_flush(struct daemon *daemon, struct reply *reply)
{
	if (begin(reply) && !advance(daemon, reply, walk_slice_of(daemon, reply, WALK_FORGET)))
		answer_count(daemon, reply);
}

void verb_recheck(struct daemon *daemon, struct reply *reply)
{
	if (begin(reply) && !advance(daemon, reply, walk_slice_of(daemon, reply, WALK_RECHECK)))
		answer_count(daemon, reply);
}

static json_t *end_object(const struct tcp_end *end)
{
	static const char *const keys[] = {
		"isn",        "sent",  "contiguous", "acked",   "limit",       "window",
		"max_window", "scale", "mss",        "packets", "retransmits", "out_of_order",
	};
	const uint32_t values[] = {
		end->isn,   end->sent,    end->contiguous,  end->acked,
		end->limit, end->window,  end->max_window,  end->scale,
		end->mss,   end->packets, end->retransmits, end->out_of_order,
	};
	json_t *object = json_object();

	json_object_set_new(object, "state", json_string(end_state_word((enum end_state)end->state)));
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		json_object_set_new(object, keys[i], json_integer(values[i]));
	if (end->scale == SCALE_NOT_OFFERED)
		json_object_set_new(object, "scale", json_null());
	json_object_set_new(object, "sack", json_boolean(end->flags & END_OFFERED_SACK));
	json_object_set_new(object, "timestamps", json_boolean(end->flags & END_OFFERED_TS));
	json_object_set_new(object, "fin", json_boolean(end->flags & END_HAS_FIN));
	return object;
}

static json_t *remarks_array(const struct flow_detail *detail)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < detail->remarks; i++)
		json_array_append_new(array, json_pack("{s:s, s:f}", "reason", reason_word(detail->remark[i].reason),
						       "ago_s", (double)detail->remark[i].ago_ns / 1e9));
	return array;
}

static void answer_detail(struct daemon *daemon, struct reply *reply, const struct mail_walk *walk)
{
	int64_t offset_ns = (int64_t)(clock_read_ns(CLOCK_REALTIME) - clock_monotonic_ns());
	const struct flow_detail *detail = &walk->detail;
	char line[REPORT_LINE_SIZE];
	struct text text;
	unsigned service = detail->service;

	text_init(&text, line, sizeof line);
	flow_row_json(&text, &walk->record[0], offset_ns, NULL);
	json_t *object = json_loads(line, 0, NULL);
	json_object_set_new(object, "in_phase_s", json_real((double)detail->phase_ns / 1e9));
	json_object_set_new(object, "timer_left_s", json_real((double)detail->left_ns / 1e9));
	json_object_set_new(object, "assured", json_boolean(detail->assured));
	json_object_set_new(object, "picked_up", json_boolean(detail->picked_up));
	json_object_set_new(object, "shadow_syn", json_boolean(detail->shadow));
	json_object_set_new(object, "queue",
			    json_integer(daemon->settings.queue_number + reply->state.worker));
	json_object_set_new(object, "service",
			    service > 0 && service <= daemon->services.count
				    ? json_string(daemon->services.service[service - 1].name)
				    : json_null());
	json_object_set_new(object, "last_remarks", remarks_array(detail));
	json_object_set_new(object, "client_end", end_object(&detail->end[SIDE_CLIENT]));
	json_object_set_new(object, "server_end", end_object(&detail->end[SIDE_SERVER]));
	reply_object(reply, object);
	reply_done(reply);
}

void verb_flow(struct daemon *daemon, struct reply *reply)
{
	const char *id = reply->request.arg[0];
	const struct mail_walk *walk;

	filter_any(&reply->state.filter);
	if (!flow_id_parse(id, &reply->state.filter.flow) || reply->state.filter.flow == 0) {
		reply_fail(reply, "\"%s\" is no flow (13 characters of a-z2-7)", id);
		return;
	}
	walk = walk_slice_of(daemon, reply, WALK_DETAIL);
	if (walk != NULL && walk->matched > 0)
		answer_detail(daemon, reply, walk);
	else if (!advance(daemon, reply, walk))
		finish(daemon, reply);
}
