/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dumps that need more than a table row a line. Private to dump*.c. */
#pragma once

#include <stdio.h>

void dump_conf(FILE *out); /* the sample configuration: every option as a comment, valid as it stands */
void dump_bash(FILE *out); /* completion of tcpwardenctl */
void dump_zsh(FILE *out);
void dump_dot(FILE *out);  /* the phases for graphviz */
void dump_man(FILE *out);  /* mdoc reference parts, each between .\" BEGIN name and .\" END name */
