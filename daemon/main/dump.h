/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcpwardend --dump=WORD: what the program knows about itself, printed from the tables. The sample
 * configuration, the reference parts of the manuals and the diagram of phases are made of it.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

/* Prints the dump called `word` to `out`. False: there is no such dump, nothing was printed. */
bool dump_print(const char *word, FILE *out);

/* The words that dump_print() takes, "first|second|...", for a usage line. */
const char *dump_words(void);
