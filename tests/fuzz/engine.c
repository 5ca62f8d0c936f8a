/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole engine: how it is made, then steps (steps.c) until the input ends; then everybody leaves. */
#include "world.h"

#define STEPS_MOST 400

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	const struct engine_stats *stats;
	struct world world;

	world_open(&world, &input);
	for (int i = 0; i < STEPS_MOST && input.left > 0; i++)
		world_step(&world, &input);
	world_check_pool(&world);
	engine_flush(world.engine, world.now_ns);
	world_check_flows(&world);
	world_check_pool(&world);
	stats = engine_stats(world.engine);
	REQUIRE(stats->flows == 0 && stats->half_open == 0, "%u flows, %u half-open are left", stats->flows,
		stats->half_open);
	world_close(&world);
	return 0;
}
