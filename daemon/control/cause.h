/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What probably lies behind a drop, inferred from its numbers alone. Pure. */
#pragma once

#include "engine/event.h"
#include "tables/settings.h"

/* CAUSE_NONE: nothing stands out. */
enum cause cause_of_drop(const struct drop_record *drop, const struct settings *settings);
/* The same of a connection that was just established. */
enum cause cause_of_flow(const struct flow_record *flow);

/*
 * How far the number that broke its bound lies from the nearest allowed one; above: beyond it. False: no such number.
 */
bool cause_distance(const struct drop_record *drop, uint32_t *value, uint32_t *distance, bool *above);
