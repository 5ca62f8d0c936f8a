/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The source prefixes of a flood in words. */
#pragma once

#include "base/text.h"
#include "engine/event.h"

#define TOP_TEXT_SIZE (FLOOD_TOP * 64)

/* PREFIX:SHARE%,...; nothing where no prefix stands out. */
void top_text(struct text *out, const struct flood_record *flood);
