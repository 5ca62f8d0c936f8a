/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Causes that show up again and again are told once by themselves, as a hint event. One struct hints a worker. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/event.h"
#include "tables/settings.h"

#define HINT_AFTER 10 /* times that a worker met the cause */

struct hints {
	_Atomic uint32_t *told; /* one bit a cause, of all workers */
	uint32_t met[CAUSE_COUNT];
};

/* A cause was met in a drop, or in a connection just established. True: *event is to be told. */
bool hints_of_drop(struct hints *hints, const struct drop_record *drop, const struct settings *settings,
		   struct event *event);
bool hints_of_flow(struct hints *hints, const struct flow_record *flow, struct event *event);
