/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A script as a source of packets: one item after the other, repeated steps unrolled. Used by every mode of
 * tcpwarden-replay. Knows no engine.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "input/script.h"

enum script_item {
	SCRIPT_ITEM_PACKET,
	SCRIPT_ITEM_WAIT,
	SCRIPT_ITEM_BLIND,
	SCRIPT_ITEM_EXPECT,
	SCRIPT_ITEM_BROKEN
};

struct script_player {
	const struct script *script;
	size_t next;      /* step */
	unsigned sent;    /* packets of that step so far */
	uint8_t *buffer;  /* of the packet; owned */
	size_t capacity;
	/* Of the present item: */
	enum script_item item;
	const struct script_step *step;
	bool last;        /* the last packet of its step, or no packet */
	uint64_t now_ns;  /* never runs backwards */
	struct packet_bytes packet;   /* valid until the next call */
	struct endpoints at;          /* the ends of its flow, steps of port and address included */
};

void script_player_init(struct script_player *player, const struct script *script);
void script_player_fini(struct script_player *player);
/* Goes to the next item. 1: there is one; 0: the end; -ENOMEM. */
int script_player_next(struct script_player *player);
