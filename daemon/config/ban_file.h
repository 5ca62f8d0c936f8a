/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of syn_flood.ban_file: a prefix a line, # begins a comment. */
#pragma once

#include <stdbool.h>

#include "policy/ban.h"
#include "tables/settings.h"

/*
 * Reads the file that the settings name ("": none) and bans its prefixes for ever, those of an earlier reading no more.
 * config_load() has found it good; where it cannot be read now, or memory is short, the table stays as it is: false.
 */
bool ban_file_apply(const struct settings *settings, struct ban *ban);
