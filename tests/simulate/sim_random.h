/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random numbers of a run, all from its seed: the same seed, the same run. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct sim_random {
	uint64_t state;
};

/* splitmix64 */
static inline uint64_t sim_random_next(struct sim_random *random)
{
	uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* 0 .. below - 1 */
static inline uint32_t sim_draw(struct sim_random *random, uint32_t below)
{
	return (uint32_t)((sim_random_next(random) >> 32) * below >> 32);
}

static inline uint64_t sim_between(struct sim_random *random, uint64_t low, uint64_t high)
{
	return low + sim_random_next(random) % (high - low + 1);
}

static inline bool sim_chance(struct sim_random *random, uint32_t permille)
{
	return sim_draw(random, 1000) < permille;
}
