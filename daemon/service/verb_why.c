/* SPDX-License-Identifier: GPL-2.0-or-later */
/* why: the last drops of one connection. */
#include <stdlib.h>

#include "control/why.h"
#include "report/flow_id.h"
#include "service/clock.h"
#include "service/verbs.h"

#define DROPS_TOLD 20 /* the newest of a connection */

/* One slice of the worker that the answer stands at. NULL: that worker does not answer. */
static const struct drop_slice *read_slice(struct daemon *daemon, const struct reply *reply)
{
	struct mailbox *box = worker_mailbox(daemon->lane[reply->state.worker].worker);
	struct mail *mail = mailbox_begin(box, MAIL_WAIT_MS);

	if (mail == NULL)
		return NULL;
	mail->kind = MAIL_DROPS;
	mail->drops.filter = reply->state.filter;
	mail->drops.cursor = reply->state.cursor;
	mail->drops.since[0] = reply->state.since[0];
	mail->drops.since[1] = reply->state.since[1];
	mailbox_post(box);
	return mailbox_wait(box, MAIL_WAIT_MS) ? &mail->drops : NULL;
}

bool drops_visit(struct daemon *daemon, struct reply *reply,
		 void (*visit)(void *context, const struct drop_entry *entry), void *context)
{
	const struct drop_slice *slice = read_slice(daemon, reply);

	reply->state.silent += slice == NULL;
	for (uint32_t i = 0; slice != NULL && i < slice->matched; i++)
		visit(context, &slice->entry[i]);
	if (slice != NULL && slice->more) {
		reply->state.cursor = slice->cursor;
		reply->state.since[0] = slice->since[0];
		reply->state.since[1] = slice->since[1];
		return true;
	}
	reply->state.cursor = 0;
	return ++reply->state.worker < daemon->count;
}

/* The newest drops of a connection, between the calls of its verb. */
struct found {
	bool by_id; /* asked for by the flow's id: those of its ends, before and after it, are yet to be looked for */
	unsigned count;
	struct drop_entry entry[DROPS_TOLD]; /* the newest first */
};

static void keep(void *context, const struct drop_entry *entry)
{
	struct found *found = context;
	unsigned at = found->count;

	while (at > 0 && found->entry[at - 1].at_ns < entry->at_ns)
		at--;
	if (at == DROPS_TOLD)
		return;
	if (found->count < DROPS_TOLD)
		found->count++;
	for (unsigned i = found->count - 1; i > at; i--)
		found->entry[i] = found->entry[i - 1];
	found->entry[at] = *entry;
}

static void match_end(struct endpoint_match *match, const uint8_t address[16], uint16_t port)
{
	*match = (struct endpoint_match){ .prefix = { .bits = 128 }, .port = port };
	for (int i = 0; i < 16; i++)
		match->prefix.address[i] = address[i];
}

static bool read_ends(struct reply *reply)
{
	struct endpoint_match *const ends[] = { &reply->state.filter.client, &reply->state.filter.server };

	for (int i = 0; i < 2; i++) {
		const char *wrong = endpoint_parse(reply->request.arg[i], ends[i]);
		if (wrong != NULL) {
			reply_fail(reply, "\"%s\" %s", reply->request.arg[i], wrong);
			return false;
		}
	}
	return true;
}

/* The first call. NULL: the answer has failed. */
static struct found *begin(struct reply *reply)
{
	bool by_id = reply->request.count == 1;
	const char *id = reply->request.arg[0];
	struct found *found;

	filter_any(&reply->state.filter);
	if (by_id && (!flow_id_parse(id, &reply->state.filter.flow) || reply->state.filter.flow == 0)) {
		reply_fail(reply, "\"%s\" is no flow (13 characters of a-z2-7)", id);
		return NULL;
	}
	if (!by_id && !read_ends(reply))
		return NULL;
	found = calloc(1, sizeof *found);
	if (found == NULL) {
		reply_fail(reply, "out of memory");
		return NULL;
	}
	found->by_id = by_id;
	reply->state.memory = found;
	return found;
}

/* By its id only drops while it lived are found: its ends find those after it too. */
static void begin_again_by_ends(struct reply *reply, struct found *found)
{
	const struct endpoints at = found->entry[0].drop.at;

	*found = (struct found){ .count = 0 };
	filter_any(&reply->state.filter);
	match_end(&reply->state.filter.client, at.client, at.client_port);
	match_end(&reply->state.filter.server, at.server, at.server_port);
	reply->state.worker = reply->state.silent = 0;
}

static void answer(struct daemon *daemon, struct reply *reply, const struct found *found)
{
	int64_t offset_ns = (int64_t)(clock_read_ns(CLOCK_REALTIME) - clock_monotonic_ns());

	for (unsigned i = found->count; i-- > 0;) /* in the order of time */
		reply_object(reply, why_object(&found->entry[i].drop, &daemon->settings, &daemon->services,
					       (int64_t)found->entry[i].at_ns + offset_ns));
	if (found->count == 0 && reply->state.silent == 0)
		reply_fail(reply,
			   "no drop of this connection is among the last %d that each worker remembers",
			   2 * DROPS_KEPT);
	else
		verbs_finish(daemon, reply, reply->state.silent);
}

void verb_why(struct daemon *daemon, struct reply *reply)
{
	struct found *found = reply->state.memory;

	if (found == NULL)
		found = begin(reply);
	if (found == NULL || drops_visit(daemon, reply, keep, found))
		return;
	if (found->by_id && found->count > 0)
		begin_again_by_ends(reply, found);
	else
		answer(daemon, reply, found);
}
