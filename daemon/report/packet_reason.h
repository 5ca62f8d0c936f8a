/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reason of a drop in words: the number that came, what was allowed, the setting that would have passed it. */
#pragma once

#include "base/text.h"
#include "report/packet_base.h"
#include "tables/services.h"

/* Nothing without a reason. services: by which settings are named, NULL: none. base: of the numbers. */
void packet_reason_text(struct text *out, const struct packet *packet, const struct decision *decision,
			const struct services *services, struct packet_base base);

/*
 * A dropped packet in one line, as the comment of a capture has it: verdict, reason, numbers as on the wire, phase and
 * flow.
 */
void packet_comment_text(struct text *out, const struct packet *packet, const struct decision *decision,
			 const struct services *services);
