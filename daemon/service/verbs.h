/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemon answers on the control socket, one function a verb, in the main thread. A function is
 * called again until the answer is done and writes no more than REPLY_ROOM bytes a call; what takes long goes
 * in slices, so that neither packets nor signals wait for a client. Inner header of service/.
 */
#pragma once

#include "base/text.h"
#include "control/server.h"
#include "service/daemon.h"

/* For struct control_host: context is the struct daemon. */
void verbs_more(void *daemon, struct reply *reply);

void verb_status(struct daemon *daemon, struct reply *reply);
void verb_flows(struct daemon *daemon, struct reply *reply);
void verb_why(struct daemon *daemon, struct reply *reply);
void verb_drops(struct daemon *daemon, struct reply *reply);
void verb_top(struct daemon *daemon, struct reply *reply);
void verb_metrics(struct daemon *daemon, struct reply *reply);
void verb_flow(struct daemon *daemon, struct reply *reply);
void verb_watch(struct daemon *daemon, struct reply *reply);
void verb_limits(struct daemon *daemon, struct reply *reply);
void verb_ban(struct daemon *daemon, struct reply *reply);
void verb_unban(struct daemon *daemon, struct reply *reply);
void verb_recheck(struct daemon *daemon, struct reply *reply);
void verb_kill(struct daemon *daemon, struct reply *reply);
void verb_flush(struct daemon *daemon, struct reply *reply);
void verb_config(struct daemon *daemon, struct reply *reply);
void verb_mode(struct daemon *daemon, struct reply *reply);
void verb_reload(struct daemon *daemon, struct reply *reply);
void verb_log(struct daemon *daemon, struct reply *reply);

/* Of a verb that takes filters only. False: an option is among them, the answer has failed. */
bool verbs_without_options(struct reply *reply);
/* The end of an answer: an error where workers did not answer, since then something is missing. */
void verbs_finish(const struct daemon *daemon, struct reply *reply, unsigned silent);

/* A value as the configuration has it in JSON: a number, true or false, a string or an array; "" is null. */
json_t *verbs_value(struct text *value);

/*
 * verb_why.c: visits the last drops that match reply->state.filter, one slice of one worker a call: of a worker those
 * of flows first, the newest first. False: it was the last slice. Counts workers that do not answer in
 * reply->state.silent.
 */
bool drops_visit(struct daemon *daemon, struct reply *reply,
		 void (*visit)(void *context, const struct drop_entry *entry), void *context);

/* verb_watch.c: events came from the reporter: to whoever watches. */
void watch_serve(struct daemon *daemon);

/* advice.c: what stands out in the figures, as an array of {"text","setting"}. */
json_t *advice_list(const struct daemon *daemon, const struct metrics *metrics);
