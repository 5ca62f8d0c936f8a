/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/limits.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "policy/limiting.h"
#include "policy/service.h"

/* Purposes of derived keys (rows_init() takes the low numbers). */
enum { KEY_PROVEN = 16, KEY_FIRST_SYN, KEY_CHALLENGE, KEY_BAN, KEY_FLOODS, KEY_ANSWERED };

struct subject limits_source(const struct settings *settings, const struct admission *syn)
{
	struct subject source = subject_of_source(settings, syn->src);

	source.service = syn->service;
	return source;
}

struct limits *limits_new(const struct settings *settings, const struct hash_key *key)
{
	uint32_t width = (uint32_t)settings->syn_flood_buckets;
	struct hash_key proven_key = hash_key_derive(key, KEY_PROVEN);
	struct hash_key first_syn_key = hash_key_derive(key, KEY_FIRST_SYN);
	struct hash_key floods_key = hash_key_derive(key, KEY_FLOODS);
	struct hash_key challenge_key = hash_key_derive(key, KEY_CHALLENGE);
	struct hash_key answered_key = hash_key_derive(key, KEY_ANSWERED);
	struct hash_key ban_key = hash_key_derive(key, KEY_BAN);
	struct limits *limits = aligned_alloc(CACHE_LINE, sizeof *limits);
	bool ok = true;

	if (limits == NULL)
		return NULL;
	memset(limits, 0, sizeof *limits);
	rows_init(&limits->rows, key, width);
	for (unsigned i = 0; i < RATE_COUNT; i++)
		ok &= buckets_init(&limits->rate[i], width);
	ok &= buckets_init(&limits->handshakes, width);
	ok &= gauges_init(&limits->flows, width);
	ok &= gauges_init(&limits->source, width);
	ok &= gauges_init(&limits->destination, width);
	ok &= proven_init(&limits->proven, &proven_key, (uint32_t)settings->syn_flood_proven_entries);
	ok &= first_syn_init(&limits->first_syn, &first_syn_key, (uint32_t)settings->syn_flood_first_syn_entries);
	ok &= first_syn_init(&limits->answered, &answered_key, width);
	limits->ban = ban_new((uint32_t)settings->syn_flood_ban_entries, &ban_key);
	ok &= limits->ban != NULL;
	ok &= floods_init(&limits->floods, &floods_key, (uint32_t)settings->syn_flood_destination_modes);
	challenge_init(&limits->challenge, &challenge_key);
	if (ok)
		return limits;
	limits_free(limits);
	return NULL;
}

void limits_free(struct limits *limits)
{
	if (limits == NULL)
		return;
	for (unsigned i = 0; i < RATE_COUNT; i++)
		buckets_fini(&limits->rate[i]);
	buckets_fini(&limits->handshakes);
	gauges_fini(&limits->flows);
	gauges_fini(&limits->source);
	gauges_fini(&limits->destination);
	proven_fini(&limits->proven);
	first_syn_fini(&limits->first_syn);
	first_syn_fini(&limits->answered);
	floods_fini(&limits->floods);
	ban_free(limits->ban);
	free(limits);
}

struct ban *limits_ban(const struct limits *limits)
{
	return limits->ban;
}

void limits_half_open_rise(struct limits *limits, const struct settings *settings,
			   const struct admission *admission)
{
	struct subject source = limits_source(settings, admission);
	struct subject destination = subject_of_destination(admission->dst, admission->dst_port);
	struct slots at_source = rows_find(&limits->rows, &source);
	struct slots at_destination = rows_find(&limits->rows, &destination);

	gauges_rise(&limits->source, &at_source);
	gauges_rise(&limits->destination, &at_destination);
	atomic_fetch_add_explicit(&limits->half_open, 1, memory_order_relaxed);
}

void limits_half_open_fall(struct limits *limits, const struct settings *settings,
			   const struct admission *admission)
{
	struct subject source = limits_source(settings, admission);
	struct subject destination = subject_of_destination(admission->dst, admission->dst_port);
	struct slots at_source = rows_find(&limits->rows, &source);
	struct slots at_destination = rows_find(&limits->rows, &destination);
	uint64_t total = atomic_load_explicit(&limits->half_open, memory_order_relaxed);

	gauges_fall(&limits->source, &at_source);
	gauges_fall(&limits->destination, &at_destination);
	do {
		assert(total > 0);
		if (total == 0)
			return;
	} while (!atomic_compare_exchange_weak_explicit(&limits->half_open, &total, total - 1,
							memory_order_relaxed, memory_order_relaxed));
}

uint64_t limits_half_open(const struct limits *limits)
{
	return atomic_load_explicit(&limits->half_open, memory_order_relaxed);
}

void limits_flow_rise(struct limits *limits, const struct settings *settings, const struct admission *admission)
{
	struct subject source = limits_source(settings, admission);
	struct slots slots = rows_find(&limits->rows, &source);

	gauges_rise(&limits->flows, &slots);
}

void limits_flow_fall(struct limits *limits, const struct settings *settings, const struct admission *admission)
{
	struct subject source = limits_source(settings, admission);
	struct slots slots = rows_find(&limits->rows, &source);

	gauges_fall(&limits->flows, &slots);
}

bool limits_overload(struct limits *limits, const struct settings *settings, const struct subject *source,
		     uint64_t now_ns)
{
	struct ban_entry entry = { .prefix = { .bits = source->bits }, .cause = BAN_OVERLOAD };

	if (settings->syn_flood_ban_time == 0 || settings->policy_mode == MODE_MONITOR)
		return false; /* the table is of all services: who is only watched at one is not banned from all */
	memcpy(entry.prefix.address, source->address, sizeof entry.prefix.address);
	entry.until_ns = now_ns + (uint64_t)settings->syn_flood_ban_time * NS_PER_S;
	return ban_try(limits->ban, &entry) == BAN_ADDED;
}

bool limits_handshake(struct limits *limits, const struct settings *settings, const struct admission *admission,
		      uint64_t now_ns, struct subject *source)
{
	uint64_t rate = (uint64_t)settings->syn_flood_conn_rate, burst = (uint64_t)settings->syn_flood_conn_burst;
	struct slots slots;
	bool over;

	limits_prove(limits, settings, admission->src, now_ns);
	if (rate == 0 || limits_allows(settings, admission->src))
		return false;
	*source = limits_source(settings, admission);
	slots = rows_find(&limits->rows, source);
	over = buckets_exceeded(&limits->handshakes, &slots, now_ns, rate, burst);
	buckets_charge(&limits->handshakes, &slots, now_ns, rate, burst);
	return over && settings->syn_flood_conn_action != LIMIT_LOG &&
	       limits_overload(limits, settings, source, now_ns);
}

void limits_prove(struct limits *limits, const struct settings *settings, const uint8_t src[16],
		  uint64_t now_ns)
{
	struct subject source = subject_of_source(settings, src);

	proven_add(&limits->proven, &source, now_ns, settings->syn_flood_proven_time);
}

bool limits_challenge_answer(struct limits *limits, const struct admission *rst, uint64_t now_ns)
{
	struct syn_name name = limits_syn_name(rst, 0);

	if (!challenge_is_answer(&limits->challenge, rst, now_ns))
		return false;
	first_syn_note(&limits->answered, &name, now_ns);
	return true;
}

static uint64_t half_open_toward(const struct limits *limits, const struct subject *destination)
{
	struct slots slots = rows_find(&limits->rows, destination);

	return gauges_read(&limits->destination, &slots);
}

/* A destination's mode begins and ends by the settings of its service. */
struct sweep {
	const struct limits *limits;
	const struct settings *settings;
	const struct services *services;
};

static uint64_t read_destination(void *context, const struct subject *destination, struct flood_marks *marks)
{
	const struct sweep *sweep = context;
	unsigned service = service_match(sweep->services, destination->address, destination->port);

	*marks = flood_marks_of_destination(services_settings(sweep->services, sweep->settings, service));
	return half_open_toward(sweep->limits, destination);
}

bool limits_flood_update(struct limits *limits, const struct settings *settings, const struct services *services,
			 const struct admission *touched, uint64_t now_ns, struct flood_report *report)
{
	struct sweep sweep = { limits, settings, services };
	const struct settings *of_service;
	struct subject destination;

	if (floods_update(&limits->floods, settings, limits_half_open(limits), now_ns, report))
		return true;
	of_service = touched != NULL ? services_settings(services, settings, touched->service) : settings;
	if (touched == NULL || of_service->syn_flood_destination_start == 0)
		return floods_sweep(&limits->floods, read_destination, &sweep, now_ns, report);
	destination = subject_of_destination(touched->dst, touched->dst_port);
	return floods_rise(&limits->floods, of_service, &destination, half_open_toward(limits, &destination), now_ns,
			   report);
}

bool limits_crowded(const struct limits *limits, const struct settings *settings)
{
	return floods_any(&limits->floods) ||
	       limits_half_open(limits) * 16 * 100 >= flood_marks_of_gateway(settings).start;
}

bool limits_flood(const struct limits *limits)
{
	return floods_any(&limits->floods);
}

struct floods *limits_floods(struct limits *limits)
{
	return &limits->floods;
}
