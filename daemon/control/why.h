/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A drop in words and numbers: the answer to "why was my packet dropped, and what do I set so that it is not?" */
#pragma once

#include <jansson.h>

#include "engine/event.h"
#include "tables/services.h"
#include "tables/settings.h"

/*
 * All about one drop, in words too (key "text"), by what holds now for the service of its server or else for all.
 * services: NULL is none. NULL: out of memory.
 */
json_t *why_object(const struct drop_record *drop, const struct settings *settings, const struct services *services,
		   int64_t wall_ns);
