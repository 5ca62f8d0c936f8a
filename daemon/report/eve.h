/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What Suricata's EVE says of a flow or a dropped packet, so that queries written for it read our lines: its common
 * keys, `flow` and `tcp` of flow-closed, `drop` of packet-dropped. Inner header of report/; line.c adds the object
 * `tcpwarden` with all keys of our own.
 */
#pragma once

#include <stdint.h>

#include "engine/event.h"
#include "report/fields.h"

/* fields: a JSON line just begun. wall_offset_ns: wall-clock time minus the clock of the event. */
void eve_fields(struct fields *fields, const struct event *event, int64_t wall_offset_ns);
