/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words that text and picture share. */
#include "report/ladder_draw.h"

static void skipped_text(struct text *out, const struct ladder_row *row)
{
	const char *separator = "";

	for (enum side side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
		if (row->skipped[side] == 0)
			continue;
		text_fmt(out, "%s%s: %lu more, %llu bytes", separator, side_word(side),
			 (unsigned long)row->skipped[side], (unsigned long long)row->skipped_bytes[side]);
		separator = "; ";
	}
}

void ladder_label(struct text *out, const struct ladder_row *row)
{
	char flags[9];

	if (row->kind != LADDER_SEGMENT) {
		text_str(out, "ICMP error");
		return;
	}
	packet_flags_word(row->flags, flags);
	text_fmt(out, "%s seq=%lu", flags, (unsigned long)row->seq);
	if (row->flags & TCP_ACK)
		text_fmt(out, " ack=%lu", (unsigned long)row->ack);
	text_fmt(out, " len=%lu", (unsigned long)row->len);
}

void ladder_remark(struct text *out, const struct ladder_row *row)
{
	if (row->verdict != LADDER_ACCEPT)
		text_fmt(out, "%s ", row->verdict == LADDER_DROP ? "dropped:" : "would be dropped:");
	else if (row->late)
		text_fmt(out, "out of order%s", row->note != NULL ? ", " : "");
	if (row->note != NULL)
		text_str(out, row->note);
}

void ladder_notice(struct text *out, const struct ladder_row *row)
{
	switch ((enum ladder_row_kind)row->kind) {
	case LADDER_SKIPPED:
		skipped_text(out, row);
		return;
	case LADDER_TIME_WAIT:
		text_fmt(out, "TIME-WAIT: 2MSL, %lu s", (unsigned long)row->seconds);
		return;
	case LADDER_CLOSED:
		text_fmt(out, "the flow leaves the table: %s", close_word(row->close));
		return;
	case LADDER_INPUT_END:
		text_str(out, "end of the input");
		return;
	case LADDER_SEGMENT:
	case LADDER_ICMP:
		return;
	}
}
