/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events on their way from one thread that makes them to the reporter: a fixed ring for one producer and
 * one consumer. A full ring counts what it refuses and never waits, so a slow log costs lines, not packets.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "engine/event.h"

struct ring;

/* Room for slots - 1 events; slots is a power of two. NULL: out of memory. */
struct ring *ring_new(unsigned slots);
void ring_free(struct ring *ring);

/* Producer: copies the event. False: no room, one more is lost. */
bool ring_push(struct ring *ring, const struct event *event);
bool ring_has_room(const struct ring *ring);

/* Consumer: the oldest event. False: empty. */
bool ring_pop(struct ring *ring, struct event *event);
/* Consumer: events lost since the last call. */
uint64_t ring_take_lost(struct ring *ring);

/* Either: nothing to pop and nothing lost. */
bool ring_is_quiet(const struct ring *ring);
