/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tcp/history.h"

#include <string.h>

#include "tcp/judging.h"

/* Code 0 is "no letter". */
static const char letters[] = "\0SHFRADIQCGTWshfradiqcgtw^x";

static unsigned packed_get(const struct tcp_history *history, unsigned index)
{
	unsigned bit = index * 5, byte = bit / 8, shift = bit % 8;
	unsigned pair = history->packed[byte];

	if (byte + 1 < sizeof history->packed)
		pair |= (unsigned)history->packed[byte + 1] << 8;
	return (pair >> shift) & 0x1f;
}

static void packed_set(struct tcp_history *history, unsigned index, unsigned code)
{
	unsigned bit = index * 5, byte = bit / 8, shift = bit % 8;
	unsigned pair = code << shift;

	history->packed[byte] |= (uint8_t)pair;
	if (byte + 1 < sizeof history->packed)
		history->packed[byte + 1] |= (uint8_t)(pair >> 8);
}

void history_letter(struct tcp_history *history, char letter)
{
	const char *at = memchr(letters + 1, letter, sizeof letters - 2);
	unsigned index = 0;

	while (index < HISTORY_LETTERS && packed_get(history, index) != 0)
		index++;
	if (index < HISTORY_LETTERS && at != NULL) /* E-4 */
		packed_set(history, index, (unsigned)(at - letters));
}

void history_text(const struct tcp_history *history, char text[HISTORY_LETTERS + 1])
{
	unsigned n = 0;

	for (; n < HISTORY_LETTERS && packed_get(history, n) != 0; n++)
		text[n] = letters[packed_get(history, n) % (sizeof letters - 1)];
	text[n] = '\0';
}

static char of_side(enum side side, char letter)
{
	return side == SIDE_CLIENT ? (char)(letter - 'a' + 'A') : letter;
}

static void write_letter(struct tcp_cold *cold, enum side side, char letter)
{
	history_letter(&cold->history, of_side(side, letter));
}

/* Letters a, d, i, q: once a direction. */
static void write_once(struct tcp_conn *conn, struct tcp_cold *cold, enum side side, unsigned which)
{
	unsigned shift = CONN_HISTORY_SHIFT + (side == SIDE_SERVER ? 4u : 0u) + which;

	if (conn->flags & (UINT32_C(1) << shift))
		return;
	conn->flags |= UINT32_C(1) << shift;
	write_letter(cold, side, "adiq"[which]);
}

/* Letters c, g, t, w: at 1, 10, 100. */
void history_count(struct tcp_history *history, enum side side, char letter, uint32_t count)
{
	if (count == 1 || count == 10 || count == 100)
		history_letter(history, of_side(side, letter));
}

static bool has_letter(const struct tcp_cold *cold, enum side side, char letter)
{
	char text[HISTORY_LETTERS + 1];

	history_text(&cold->history, text);
	return strchr(text, of_side(side, letter)) != NULL;
}

static void history_rst(struct tcp_cold *cold, struct tcp_extra *extra, const struct tcp_input *in)
{
	unsigned bit = 1u << in->from;

	if (extra != NULL ? (extra->rst_seen & bit) && extra->rst_seq[in->from] == in->seg->seq :
			    has_letter(cold, in->from, 'r'))
		return;
	if (extra != NULL) {
		extra->rst_seen |= (uint8_t)bit;
		extra->rst_seq[in->from] = in->seg->seq;
	}
	write_letter(cold, in->from, 'r');
}

/* A SYN that pends already, or a SYN+ACK that is kept already. */
static bool is_kept(const struct tcp_extra *extra, const struct tcp_input *in)
{
	if (extra == NULL)
		return false;
	if (extra->shadow_from == in->from && extra->shadow.seq == in->seg->seq)
		return true;
	for (unsigned i = 0; i < extra->candidates; i++)
		if (in->from == SIDE_SERVER && extra->candidate[i].seq == in->seg->seq)
			return true;
	return false;
}

/* s, h: the number is not its sender's last one. The SYN+ACKs of a simultaneous open repeat that of the SYN. */
static bool opens_anew(const struct tcp_conn *conn, const struct tcp_cold *cold, const struct tcp_extra *extra,
		       const struct tcp_input *in)
{
	const struct tcp_end *sender = &conn->end[in->from];
	bool known = (sender->flags & END_HAS_ISN) && sender->isn == in->seg->seq && sender->packets > 0;

	if (in->seg->kind == SEGMENT_SYNACK && known && (conn->flags & CONN_SIMULTANEOUS))
		return !has_letter(cold, in->from, 'h');
	return !known && !is_kept(extra, in);
}

/* Before the segment is applied: the ends still say what was known. */
void history_segment(struct tcp_conn *conn, struct tcp_cold *cold, struct tcp_extra *extra,
		     const struct tcp_input *in)
{
	const struct segment *seg = in->seg;
	const struct tcp_end *sender = &conn->end[in->from];
	bool known_fin = (sender->flags & END_HAS_FIN) && sender->fin_next == seg->next;

	switch ((enum segment_kind)seg->kind) {
	case SEGMENT_RST:
		history_rst(cold, extra, in);
		return;
	case SEGMENT_SYNACK:
	case SEGMENT_SYN:
		if (opens_anew(conn, cold, extra, in))
			write_letter(cold, in->from, seg->kind == SEGMENT_SYN ? 's' : 'h');
		break;
	case SEGMENT_FIN:
	case SEGMENT_ACK:
	case SEGMENT_NONE:
		break;
	}
	if (seg->len > 0)
		write_once(conn, cold, in->from, 1);
	else if (seg->kind == SEGMENT_ACK)
		write_once(conn, cold, in->from, 0);
	if (seg->kind == SEGMENT_FIN && !known_fin)
		write_letter(cold, in->from, 'f');
}

void history_partial(struct tcp_conn *conn, struct tcp_cold *cold)
{
	if (conn->flags & CONN_HISTORY_PARTIAL)
		return;
	conn->flags |= CONN_HISTORY_PARTIAL;
	history_letter(&cold->history, 'x');
}

void history_note(struct tcp_conn *conn, struct tcp_cold *cold, enum side from, const struct segment *seg,
		  bool bad_checksum)
{
	uint8_t *count = &cold->history.checksum[from];

	if (bad_checksum) {
		if (*count < UINT8_MAX)
			++*count;
		history_count(&cold->history, from, 'c', *count);
	} else if ((seg->flags & TCP_SYN) && (seg->flags & (TCP_FIN | TCP_RST))) {
		write_once(conn, cold, from, 3);
	} else if ((seg->flags & TCP_FIN) && (seg->flags & TCP_RST)) {
		write_once(conn, cold, from, 2);
	}
}
