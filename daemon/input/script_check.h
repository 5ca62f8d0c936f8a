/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a script expects against what the engine did. The engine's sink must be script_check_sink() of the
 * same struct script_check. Prints nothing: results go to a function of the caller.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "input/script.h"

/* The events of a line. */
struct script_events {
	uint64_t kinds;          /* one bit an enum event_kind */
	unsigned closed;         /* one bit an enum close_reason */
	struct flow_record last; /* of the last flow-closed, where closed is not 0 */
	struct flow_record *end; /* of each flow of the script the last end record; family 0: none */
};

struct script_check {
	const struct script *script;
	struct engine *engine;
	struct script_events events;  /* since the line before */
	uint64_t before;              /* kinds of `blind` lines right before */
};

/* One test: `problem` is "" where it passed, else what was expected and what came. */
typedef void script_result_function(void *context, unsigned line, const char *problem);

/* To be passed to engine_new(): notes the events in `check`. */
struct event_sink script_check_sink(struct script_check *check);
/* Plays the whole script on check->engine; one result a test. 0, or -ENOMEM. */
int script_check_run(struct script_check *check, script_result_function *result, void *context);
