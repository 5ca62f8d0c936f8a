/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One flow's ladder as text, as a JSON object, or as a picture. Replay only. */
#pragma once

#include <stdio.h>

#include "base/text.h"
#include "report/ladder.h"

/* At most 120 columns. columns: of the terminal, where that has less the rows fit into 80; 0: none, or not known. */
void ladder_text(FILE *out, const struct ladder *ladder, unsigned columns);
/* With newline. file: last key; NULL: none. False: no memory. */
bool ladder_json(FILE *out, const struct ladder *ladder, const char *file);

/* A picture of any number of flows, one below the other; beyond the first 100 they are counted. */
struct ladder_svg;

struct ladder_svg *ladder_svg_new(void); /* NULL: no memory */
void ladder_svg_add(struct ladder_svg *svg, const struct ladder *ladder);
/* Writes the picture and frees it. False: it is not complete. */
bool ladder_svg_finish(struct ladder_svg *svg, FILE *out);

/* What the three say alike. "PA seq=1 ack=1 len=5", without a flag set "-". */
void ladder_label(struct text *out, const struct ladder_row *row);
/* What stands below an arrow: why it was dropped, remarks; empty: nothing. */
void ladder_remark(struct text *out, const struct ladder_row *row);
/* What a row without an arrow says. */
void ladder_notice(struct text *out, const struct ladder_row *row);
