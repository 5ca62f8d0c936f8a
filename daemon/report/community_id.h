/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Community ID version 1 of a TCP flow (seed 0): the same text that Zeek, Suricata and others give to the flow. */
#pragma once

#include "engine/event.h"

#define COMMUNITY_ID_SIZE 31 /* "1:", 28 characters of base 64, NUL */

/* The family of `at` must be known (4 or 6). The order of the ends does not matter. */
void community_id_text(const struct endpoints *at, char text[COMMUNITY_ID_SIZE]);
