/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "world.h"

#define LIFE_MOST (20000 * NS_PER_S) /* of one input: two of the longest timers that settings may ask for */

static void count_event(void *context, const struct event *event)
{
	struct world *world = context;

	world->closed += event->kind == EVENT_FLOW_CLOSED;
	if (event->kind > EVENT_FLOW_CLOSED)
		return;
	REQUIRE(event->flow.phase < PHASE_COUNT, "phase %u", event->flow.phase);
	REQUIRE(memchr(event->flow.history, '\0', sizeof event->flow.history) != NULL, "history has no end");
}

/* What an engine looks at, but what is for the start only. */
static bool is_open_to_change(const struct option_info *info)
{
	static const char *const folders[] = { "tracking.", "policy.", "syn_flood.", "icmp.", "log." };

	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (strncmp(info->path, folders[i], strlen(folders[i])) == 0)
			return info->when == OPTION_RELOAD;
	return false;
}

/* The relations between options that a configuration has to keep. */
static bool are_related(const struct settings *s)
{
	return s->syn_flood_stop_percent < s->syn_flood_start_percent &&
	       s->syn_flood_first_syn_min <= s->syn_flood_first_syn_max &&
	       s->tracking_adaptive_start < s->tracking_adaptive_end;
}

static bool is_lenient(const struct settings *s)
{
	return s->tracking_window == WINDOW_LIBERAL || s->policy_ack_high == AUTO_ACCEPT ||
	       s->policy_seq_high == AUTO_ACCEPT;
}

static unsigned choices_of(const struct option_info *info)
{
	unsigned count = 1;

	for (const char *p = info->choices; *p != '\0'; p++)
		count += *p == '|';
	return count;
}

void world_set_option(struct world *world, struct fuzz_input *input)
{
	const struct option_info *info = &option_table[fuzz_byte(input) % OPTION_COUNT];
	struct settings changed = world->settings;
	void *field = (char *)&changed + info->offset;
	uint32_t value = fuzz_number(input);
	int64_t number = info->least + (int64_t)value;

	if (!is_open_to_change(info))
		return;
	if (info->type == OPTION_TYPE_INT && number <= info->most)
		memcpy(field, &number, sizeof number);
	if (info->type == OPTION_TYPE_BOOL)
		*(bool *)field = value & 1;
	if (info->type == OPTION_TYPE_CHOICE)
		*(int *)field = (int)(value % choices_of(info));
	if (!are_related(&changed))
		return;
	world->settings = changed;
	world->lenient = world->lenient || is_lenient(&changed);
	world->settled_at_ns = world->now_ns + 3 * NS_PER_S;
	if (world->engine != NULL)
		engine_set_settings(world->engine, &world->settings, NULL);
}

static void make_engine(struct world *world, uint32_t max_flows)
{
	static const struct hash_key key = { 21, 22 };
	size_t size = (engine_pool_size(max_flows) + 63) / 64 * 64;
	struct engine_config config = { .settings = &world->settings,
					.max_flows = max_flows,
					.key = key,
					.sink = { count_event, world },
					.start_ns = world->now_ns,
					.random_seed = 1,
					.describe = true };

	world->limits = limits_new(&world->settings, &key);
	world->pool = aligned_alloc(64, size);
	REQUIRE(world->limits != NULL && world->pool != NULL, "no memory");
	memset(world->pool, 0, size);
	config.limits = world->limits;
	config.pool = world->pool;
	world->engine = engine_new(&config);
	REQUIRE(world->engine != NULL, "no memory");
}

/* Byte 0: window, pickup, size of the table, how many rare states it has room for; byte 1: options set. */
void world_open(struct world *world, struct fuzz_input *input)
{
	static const uint32_t sizes[] = { WORLD_FLOWS_MOST, 8, 3, 2 }, extras[] = { 64, 8, 1, 0 };
	uint8_t kind = fuzz_byte(input), options = fuzz_byte(input) % 16;

	memset(world, 0, sizeof *world);
	settings_defaults(&world->settings);
	world->settings.tracking_window = kind % 4 % 3;
	world->settings.tracking_pickup = kind / 4 % 4;
	world->lenient = is_lenient(&world->settings);
	world->settings.syn_flood_buckets = 1024;
	world->settings.syn_flood_proven_entries = 1024;
	world->settings.syn_flood_first_syn_entries = 1024;
	world->settings.tracking_max_flows = WORLD_FLOWS_MOST; /* of all workers: caps of half-open flows */
	for (unsigned i = 0; i < options; i++)
		world_set_option(world, input);
	make_engine(world, sizes[kind / 16 % 4]);
	world->engine->table.head->max_extras = extras[kind / 64];
}

void world_close(struct world *world)
{
	engine_free(world->engine);
	limits_free(world->limits);
	free(world->pool);
}

void world_wait(struct world *world, uint64_t ns)
{
	if (ns > LIFE_MOST - world->lived_ns)
		ns = 0;
	world->lived_ns += ns;
	world->now_ns += ns;
	engine_expire(world->engine, world->now_ns);
	if (ns >= NS_PER_S) {
		world_check_pool(world);
		world_check_timers(world);
		REQUIRE(engine_deadline(world->engine) > world->now_ns, "the deadline is past");
	}
	world_check_flows(world);
}
