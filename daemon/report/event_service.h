/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose service an event is about: what may be written of it, and which setting its line names. Looked up by the
 * address of the server where lines are made, not on the way of packets.
 */
#pragma once

#include "base/text.h"
#include "engine/event.h"
#include "tables/services.h"

#define SETTING_PATH_SIZE 96 /* of any path of an option, or services.NAME.KEY, with its NUL */

/* Number of the service of a server; 0: none. either: the client may be the server. services: NULL is none. */
unsigned endpoints_service(const struct services *services, const struct endpoints *at, bool either);
/*
 * The same of a flow-* or packet-* event. As in the engine a SYN goes to the server, while of another packet without
 * a flow either end may be it.
 */
unsigned event_service(const struct services *services, const struct event *event);
unsigned drop_service(const struct services *services, const struct drop_record *drop);

/* What holds for the event: settings of its service, or the global ones. */
const struct settings *event_settings(const struct services *services, const struct settings *global,
				      const struct event *event);

/*
 * The option to change for a service (by number), where `path` would be for all: tracking.window, if `path` is left to
 * it ("auto") and the service sets it; else `path` itself. enum option_id; -1: path is no option.
 */
int service_option(const struct services *services, unsigned service, const char *path);

/* An option as the operator finds it in the file: services.NAME.KEY where the service sets it itself. */
void service_option_path(struct text *out, const struct services *services, unsigned service, enum option_id id);
