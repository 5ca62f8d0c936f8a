/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "main/replay.h"

#include <sys/mman.h>

#include "config/ban_file.h"
#include "log/log.h"
#include "policy/limits.h"

/* Same input, same bytes out: nothing here is secret. */
static const struct hash_key fixed_key = { UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908) };
#define FIXED_SEED UINT64_C(0x7463707761726465)

bool replay_engine_open(struct replay_engine *host, const struct settings *settings, const struct services *services,
			struct event_sink sink, bool unthinned)
{
	struct services own = *services;
	struct engine_config config = {
		.settings = settings, .services = &own, .max_flows = (uint32_t)settings->tracking_max_flows,
		.key = fixed_key, .sink = sink, .start_ns = 0, .random_seed = FIXED_SEED, .describe = true,
		.unthinned = unthinned,
	};

	services_inherit(&own, settings);
	*host = (struct replay_engine){ .pool_size = engine_pool_size(config.max_flows) };
	host->pool = mmap(NULL, host->pool_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (host->pool == MAP_FAILED) {
		host->pool = NULL;
	} else {
		host->limits = limits_new(settings, &fixed_key);
		if (host->limits != NULL)
			ban_file_apply(settings, limits_ban(host->limits));
		config.limits = host->limits;
		config.pool = host->pool;
		host->engine = host->limits != NULL ? engine_new(&config) : NULL;
	}
	if (host->engine != NULL)
		return true;
	log_error("no memory for %u flows (tracking.max_flows)", config.max_flows);
	replay_engine_close(host);
	return false;
}

void replay_engine_close(struct replay_engine *host)
{
	engine_free(host->engine);
	limits_free(host->limits);
	if (host->pool != NULL)
		munmap(host->pool, host->pool_size);
	*host = (struct replay_engine){ .engine = NULL };
}
