/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parser of scenario scripts on any text, and the builder on what it made of it: packets that decode. */
#include "config/config.h"
#include "input.h"
#include "input/script_play.h"
#include "leaks.h"

#define ITEMS_MOST 64      /* packets played of a script */
#define BYTES_MOST 1048576 /* of a packet: a longer one says nothing new */

static void check_step(const struct script *script, const struct script_step *step)
{
	REQUIRE(step->flow < script->flows, "line %u: flow %u of %zu", step->line, step->flow, script->flows);
	REQUIRE(step->repeat >= 1, "line %u: repeated %u times", step->line, step->repeat);
	REQUIRE(step->expects <= SCRIPT_EXPECT_MAX, "line %u: %u expectations", step->line, step->expects);
	if (step->kind == SCRIPT_BROKEN)
		REQUIRE(step->error[0] != '\0' && strlen(step->error) < SCRIPT_ERROR_SIZE,
			"line %u: no error", step->line);
	if (step->kind == SCRIPT_SEGMENT)
		REQUIRE(step->segment.option_bytes <= SCRIPT_OPTION_BYTES, "line %u: options", step->line);
}

static bool is_long(const struct script_step *step)
{
	return (step->kind == SCRIPT_SEGMENT && step->segment.len > BYTES_MOST) ||
	       (step->kind == SCRIPT_ICMP && step->icmp.len > BYTES_MOST);
}

static void play(const struct script *script)
{
	struct script_player player;
	struct packet packet;

	script_player_init(&player, script);
	for (int i = 0; i < ITEMS_MOST; i++) {
		if (player.next < script->steps && is_long(&script->step[player.next]))
			break;
		if (script_player_next(&player) <= 0)
			break;
		if (player.item != SCRIPT_ITEM_PACKET)
			continue;
		packet_decode(&player.packet, true, &packet);
		REQUIRE(player.packet.captured <= player.packet.length, "copied more than there is");
	}
	script_player_fini(&player);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct services services;
	struct settings settings;
	struct script *script;
	uint64_t clock_ns = 0;

	settings_defaults(&settings);
	script = script_parse((const char *)data, size, &settings, &services, config_set);
	REQUIRE(script != NULL, "no memory");
	REQUIRE(script->services.count <= SERVICES_MAX, "%u services", script->services.count);
	for (size_t i = 0; i < script->steps; i++) {
		check_step(script, &script->step[i]);
		REQUIRE(script->step[i].at_ns >= clock_ns, "line %u: backwards", script->step[i].line);
		clock_ns = script->step[i].at_ns;
	}
	play(script);
	script_free(script);
	return 0;
}
