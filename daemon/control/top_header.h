/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands above the table of top: the status in three lines. Pure. */
#pragma once

#include <jansson.h>

#include "control/top_layout.h"

#define TOP_HEADER 3

/* status: as the daemon gives it, with drops_per_s; NULL: not known yet. */
void top_header(char line[TOP_HEADER][TOP_LINE], const json_t *status);
