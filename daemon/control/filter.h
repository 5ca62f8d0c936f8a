/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which flows or events a verb is about: words KEY=VALUE that must all hold. Plain values, no pointers: a
 * filter is copied into a worker's mailbox.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "control/endpoint.h"
#include "control/request.h"
#include "engine/event.h"

struct filter {
	bool any;                             /* no condition at all */
	uint64_t flow;                        /* id, 0: any */
	struct endpoint_match client, server; /* bits 0 and port 0 match everything */
	uint64_t idle_ns;                     /* at least so long without a segment, ... */
	uint64_t idle_most_ns;                /* ... and at most; UINT64_MAX: any */
	uint16_t port;                        /* of either end, 0: any */
	int8_t phase;                         /* enum phase, -1: any */
	int8_t reason;                        /* enum reason of a dropped segment, -1: any ... */
	int8_t close; /* ... or enum close_reason; where both are -1: any, else one of the two */
};

/* Keys of a filter with their sign, for help and completion; NULL behind the last one. */
const char *filter_key(unsigned index);

/* Without a condition: everything matches. */
void filter_any(struct filter *filter);
/* Reads the arguments of a request that are no options (--...). False: error (REQUEST_ERROR_SIZE bytes) says why. */
bool filter_parse(const struct request *request, struct filter *filter, char *error);

bool filter_matches_flow(const struct filter *filter, const struct flow_record *flow, uint64_t now_ns);
bool filter_matches_drop(const struct filter *filter, const struct drop_record *drop);
/* Events that are about no flow match only a filter without conditions. */
bool filter_matches_event(const struct filter *filter, const struct event *event);
