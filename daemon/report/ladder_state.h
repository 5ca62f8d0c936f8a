/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an end of a connection calls its own state (RFC 9293 3.3.2), as far as the segments that passed here tell. */
#pragma once

#include <stdbool.h>

#include "engine/event.h"

/* crossed: both FINs were on their way at once. "": not known. */
const char *ladder_state(const struct flow_record *record, enum side side, bool crossed);
