/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of a line of a scenario script: what is sent, and what is expected. Private to script*.c. */
#pragma once

#include <stdbool.h>

#include "input/script.h"

/*
 * rest: what follows the direction. Fills the segment or ICMP error of *step, and its kind. family: of the
 * flow. False: `error` (SCRIPT_ERROR_SIZE bytes) says why.
 */
bool script_parse_sent(char *rest, uint8_t family, struct script_step *step, char *error);
/*
 * One TCP option, or raw option bytes, appended to those of the segment. value: what follows the '=', NULL
 * without one.
 */
bool script_parse_option(const char *word, const char *value, struct script_segment *segment, char *error);
/* rest: the words after `=>` or `expect`. */
bool script_parse_expects(char *rest, struct script_step *step, char *error);
