/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "input/script_play.h"

#include <errno.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "input/script_build.h"

/* The ends of the step's flow when packet number n is sent: port and address of the client walk. */
static struct endpoints ends_at(const struct script *script, const struct script_step *step, unsigned n)
{
	struct endpoints at = script->flow[step->flow].at;

	at.client_port = (uint16_t)(at.client_port + n * step->port_step);
	store_be32(at.client + 12, load_be32(at.client + 12) + n * step->address_step);
	return at;
}

static int build_packet(struct script_player *player)
{
	size_t room = script_build_room(player->step);

	if (room > player->capacity) {
		uint8_t *grown = realloc(player->buffer, room);

		if (grown == NULL)
			return -ENOMEM;
		player->buffer = grown;
		player->capacity = room;
	}
	player->packet = script_build(player->step, &player->at, player->sent, player->buffer);
	return 1;
}

static enum script_item item_of(enum script_step_kind kind)
{
	switch (kind) {
	case SCRIPT_SEGMENT:
	case SCRIPT_ICMP:
		break;
	case SCRIPT_WAIT:
		return SCRIPT_ITEM_WAIT;
	case SCRIPT_BLIND:
		return SCRIPT_ITEM_BLIND;
	case SCRIPT_EXPECT:
		return SCRIPT_ITEM_EXPECT;
	case SCRIPT_BROKEN:
		return SCRIPT_ITEM_BROKEN;
	}
	return SCRIPT_ITEM_PACKET;
}

void script_player_init(struct script_player *player, const struct script *script)
{
	*player = (struct script_player){ .script = script };
}

void script_player_fini(struct script_player *player)
{
	free(player->buffer);
	player->buffer = NULL;
}

int script_player_next(struct script_player *player)
{
	const struct script_step *step;
	int result = 1;

	if (player->next == player->script->steps)
		return 0;
	step = player->step = &player->script->step[player->next];
	player->item = item_of(step->kind);
	player->at = ends_at(player->script, step, player->sent);
	player->now_ns = step->at_ns + player->sent * step->gap_ns;
	if (player->item == SCRIPT_ITEM_PACKET)
		result = build_packet(player);
	player->last = ++player->sent == step->repeat;
	if (player->last) {
		player->sent = 0;
		player->next++;
	}
	return result;
}
