/* SPDX-License-Identifier: GPL-2.0-or-later */
/* why: the last drops of one connection. */
#include <stdlib.h>

#include "control/why.h"
#include "report/flow_id.h"
#include "service/clock.h"
#include "service/verbs.h"

#define DROPS_TOLD 20 /* the newest of a connection */

/* One slice of a worker. NULL: it does not answer. */
static const struct drop_slice *read_slice(struct daemon *daemon, unsigned worker,
					   const struct filter *filter, uint32_t cursor)
{
	struct mailbox *box = worker_mailbox(daemon->lane[worker].worker);
	struct mail *mail = mailbox_wait(box, MAIL_WAIT_MS) ? mailbox_begin(box) : NULL;

	if (mail == NULL)
		return NULL;
	mail->kind = MAIL_DROPS;
	mail->drops.filter = *filter;
	mail->drops.cursor = cursor;
	mailbox_post(box);
	return mailbox_wait(box, MAIL_WAIT_MS) ? &mail->drops : NULL;
}

unsigned drops_visit(struct daemon *daemon, const struct filter *filter,
		     bool (*visit)(void *context, const struct drop_entry *entry), void *context)
{
	unsigned silent = 0;

	for (unsigned worker = 0; worker < daemon->count; worker++) {
		const struct drop_slice *slice;
		uint32_t cursor = 0;

		do {
			slice = read_slice(daemon, worker, filter, cursor);
			for (uint32_t i = 0; slice != NULL && i < slice->matched; i++)
				if (!visit(context, &slice->entry[i]))
					return silent;
			cursor = slice != NULL ? slice->cursor : 0;
		} while (slice != NULL && slice->more);
		silent += slice == NULL;
	}
	return silent;
}

/* The newest drops of a connection. */
struct found {
	unsigned silent; /* workers that did not answer */
	unsigned count;
	struct drop_entry entry[DROPS_TOLD]; /* the newest first */
};

static bool keep(void *context, const struct drop_entry *entry)
{
	struct found *found = context;
	unsigned at = found->count;

	while (at > 0 && found->entry[at - 1].at_ns < entry->at_ns)
		at--;
	if (at == DROPS_TOLD)
		return true;
	if (found->count < DROPS_TOLD)
		found->count++;
	for (unsigned i = found->count - 1; i > at; i--)
		found->entry[i] = found->entry[i - 1];
	found->entry[at] = *entry;
	return true;
}

static void match_end(struct endpoint_match *match, const uint8_t address[16], uint16_t port)
{
	*match = (struct endpoint_match){ .prefix = { .bits = 128 }, .port = port };
	for (int i = 0; i < 16; i++)
		match->prefix.address[i] = address[i];
}

/* By its id only drops while it lived are found: its ends find those after it too. False: the answer has
 * failed. */
static bool find_by_id(struct daemon *daemon, struct reply *reply, struct found *found)
{
	const char *id = reply->request.arg[0];
	struct filter filter;

	filter_any(&filter);
	if (!flow_id_parse(id, &filter.flow) || filter.flow == 0) {
		reply_fail(reply, "\"%s\" is no flow (13 characters of a-z2-7)", id);
		return false;
	}
	found->silent = drops_visit(daemon, &filter, keep, found);
	if (found->count == 0)
		return true;
	const struct endpoints at = found->entry[0].drop.at;
	found->count = 0;
	filter_any(&filter);
	match_end(&filter.client, at.client, at.client_port);
	match_end(&filter.server, at.server, at.server_port);
	found->silent = drops_visit(daemon, &filter, keep, found);
	return true;
}

static bool find_by_ends(struct daemon *daemon, struct reply *reply, struct found *found)
{
	struct filter filter;
	struct endpoint_match *const ends[] = { &filter.client, &filter.server };

	filter_any(&filter);
	for (int i = 0; i < 2; i++) {
		const char *wrong = endpoint_parse(reply->request.arg[i], ends[i]);
		if (wrong != NULL) {
			reply_fail(reply, "\"%s\" %s", reply->request.arg[i], wrong);
			return false;
		}
	}
	found->silent = drops_visit(daemon, &filter, keep, found);
	return true;
}

void verb_why(struct daemon *daemon, struct reply *reply)
{
	int64_t offset_ns = (int64_t)(clock_read_ns(CLOCK_REALTIME) - clock_monotonic_ns());
	struct found found = { .count = 0 };

	if (!(reply->request.count == 1 ? find_by_id : find_by_ends)(daemon, reply, &found))
		return;
	for (unsigned i = found.count; i-- > 0;) /* in the order of time */
		reply_object(reply, why_object(&found.entry[i].drop, &daemon->settings, &daemon->services,
					       (int64_t)found.entry[i].at_ns + offset_ns));
	if (found.count == 0 && found.silent == 0)
		reply_fail(reply,
			   "no drop of this connection is among the last %d that each worker remembers",
			   2 * DROPS_KEPT);
	else
		verbs_finish(daemon, reply, found.silent);
}
