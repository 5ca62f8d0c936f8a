/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The history of a connection as Zeek writes it (E-2 to E-4): letters in, text out. */
#pragma once

#include "packet/packet.h"
#include "tcp/conn.h"

#define HISTORY_LETTERS 16

/* NUL-terminated text of the letters. */
void history_text(const struct tcp_history *history, char text[HISTORY_LETTERS + 1]);

/* E-2 x, once: something of the connection went past us. */
void history_partial(struct tcp_conn *conn, struct tcp_cold *cold);

/* E-3: a segment that was dropped for its flags or checksum leaves its note. */
void history_note(struct tcp_conn *conn, struct tcp_cold *cold, enum side from, const struct segment *seg,
		  bool bad_checksum);
