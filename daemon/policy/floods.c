/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/floods.h"

#include <stdlib.h>
#include <string.h>

#include "base/gcra.h"
#include "base/units.h"
#include "policy/rows.h"

#define PROBES   16 /* places looked at for one destination */
#define SWEEP_NS NS_PER_S
#define TICK_NS  NS_PER_S
#define SHORT_NS (100 * NS_PER_MS) /* too short to tell a rate from */
#define TOLD_S	 600 /* a source prefix is not told of again for so long */
#define TOLD	 16384 /* source prefixes known to be told of */
#define CALM_NS	 (60 * NS_PER_S) /* after a mode, for which lines stay few: who was banned may come back */
#define LINE_NS	 (30 * NS_PER_S) /* between two lines while they are few, in the long run */
#define LINES	 3 /* at once */

enum { KEY_PLACE, KEY_TOLD };

struct flooded {
	_Atomic uint64_t tag; /* hash of the destination, never 0; 0: free */
	struct subject destination; /* for whoever holds the flag */
	struct flood flood;
};

static uint64_t tag_of(const struct floods *floods, const struct subject *destination)
{
	uint64_t hash = siphash(&floods->key, destination, sizeof *destination);

	return hash != 0 ? hash : 1;
}

/* The place with this tag (0: a free one) near where `hash` belongs, or NULL. */
static struct flooded *find(const struct floods *floods, uint64_t hash, uint64_t tag)
{
	uint32_t first = hash_below(hash, floods->places);

	for (uint32_t i = 0; i < PROBES; i++) {
		struct flooded *at = &floods->place[(first + i) % floods->places];

		if (atomic_load_explicit(&at->tag, memory_order_acquire) == tag)
			return at;
	}
	return NULL;
}

static bool take(struct floods *floods)
{
	return !atomic_flag_test_and_set_explicit(&floods->busy, memory_order_acquire);
}

static void give_back(struct floods *floods)
{
	atomic_flag_clear_explicit(&floods->busy, memory_order_release);
}

static uint64_t load(const _Atomic uint64_t *at)
{
	return atomic_load_explicit(at, memory_order_relaxed);
}

/* Once a second, by one of the workers: the rate of SYNs, and the past fades where no mode is on. */
static void tick(struct floods *floods, uint64_t now_ns)
{
	uint64_t then_ns = load(&floods->ticked_ns), asked = load(&floods->asked);

	if (now_ns < then_ns + TICK_NS ||
	    !atomic_compare_exchange_strong_explicit(&floods->ticked_ns, &then_ns, now_ns, memory_order_relaxed,
						     memory_order_relaxed))
		return;
	atomic_store_explicit(&floods->rate,
			      (asked - load(&floods->ticked_asked)) * 1000 / ((now_ns - then_ns) / NS_PER_MS),
			      memory_order_relaxed);
	atomic_store_explicit(&floods->ticked_asked, asked, memory_order_relaxed);
	if (!floods_any(floods))
		top_halve(&floods->top);
}

static void stay_calm(struct floods *floods, uint64_t now_ns)
{
	atomic_store_explicit(&floods->calm_ns, now_ns + CALM_NS, memory_order_relaxed);
}

static void fill_report(struct floods *floods, struct flood_report *report, enum flood_change change,
			struct flood *flood, uint64_t now_ns)
{
	uint64_t since_ns = load(&flood->since_ns);

	*report = (struct flood_report){
		.change = change,
		.lasted_ns = now_ns > since_ns ? now_ns - since_ns : 0,
		.asked = load(&flood->asked),
		.passed = load(&flood->passed),
		.rate = floods_rate(floods, now_ns),
	};
	report->top_count = top_list(&floods->top, report->top);
}

bool floods_init(struct floods *floods, const struct hash_key *key, uint32_t most)
{
	struct hash_key told_key = hash_key_derive(key, KEY_TOLD);

	flood_init(&floods->gateway);
	floods->key = hash_key_derive(key, KEY_PLACE);
	floods->most = most;
	floods->places = 2 * most + PROBES; /* half full at most: PROBES places nearly always hold a free one */
	floods->place = calloc(floods->places, sizeof *floods->place);
	atomic_init(&floods->count, 0);
	atomic_init(&floods->started, 0);
	atomic_init(&floods->swept_ns, 0);
	atomic_flag_clear(&floods->busy);
	atomic_init(&floods->asked, 0);
	atomic_init(&floods->ticked_ns, 0);
	atomic_init(&floods->ticked_asked, 0);
	atomic_init(&floods->rate, 0);
	atomic_init(&floods->calm_ns, 0);
	atomic_init(&floods->line_tat, 0);
	top_init(&floods->top);
	return proven_init(&floods->told, &told_key, TOLD) && floods->place != NULL;
}

void floods_fini(struct floods *floods)
{
	free(floods->place);
	floods->place = NULL;
	proven_fini(&floods->told);
}

struct flood *floods_of(const struct floods *floods, const struct subject *destination)
{
	struct flooded *at;
	uint64_t tag;

	if (atomic_load_explicit(&floods->count, memory_order_relaxed) == 0)
		return NULL;
	tag = tag_of(floods, destination);
	at = find(floods, tag, tag);
	return at == NULL ? NULL : &at->flood;
}

bool floods_any(const struct floods *floods)
{
	return flood_is_on(&floods->gateway) || atomic_load_explicit(&floods->count, memory_order_relaxed) != 0;
}

bool floods_at(const struct floods *floods, const uint8_t dst[16], uint16_t dst_port)
{
	struct subject destination;

	if (!floods_any(floods) || flood_is_on(&floods->gateway))
		return floods_any(floods);
	destination = subject_of_destination(dst, dst_port);
	return floods_of(floods, &destination) != NULL;
}

void floods_ask(struct floods *floods, const struct settings *settings, const uint8_t src[16], uint64_t random)
{
	atomic_fetch_add_explicit(&floods->asked, 1, memory_order_relaxed);
	top_add(&floods->top, settings, src, random);
}

uint64_t floods_rate(const struct floods *floods, uint64_t now_ns)
{
	uint64_t then_ns = load(&floods->ticked_ns), rate = load(&floods->rate);
	uint64_t asked = load(&floods->asked), ticked = load(&floods->ticked_asked);
	uint64_t since = asked > ticked ? asked - ticked : 0; /* another worker may have counted between the two */

	if (now_ns < then_ns + SHORT_NS) /* of the second before */
		return rate;
	return max_u64(rate, since * 1000 / ((now_ns - then_ns) / NS_PER_MS));
}

static struct subject source_of(const uint8_t prefix[16], uint8_t bits)
{
	struct subject source = { .bits = bits };

	memcpy(source.address, prefix, sizeof source.address);
	return source;
}

bool floods_source_is_new(struct floods *floods, const uint8_t prefix[16], uint8_t bits, uint64_t now_ns)
{
	struct subject source = source_of(prefix, bits);
	bool is_new;

	if (proven_has(&floods->told, &source, now_ns, TOLD_S) || !take(floods))
		return false;
	is_new = !proven_has(&floods->told, &source, now_ns, TOLD_S); /* now that nobody else adds any */
	if (is_new)
		proven_add(&floods->told, &source, now_ns, TOLD_S);
	give_back(floods);
	return is_new;
}

bool floods_lately(const struct floods *floods, uint64_t now_ns)
{
	return floods_any(floods) || now_ns < load(&floods->calm_ns);
}

bool floods_take_line(struct floods *floods, uint64_t now_ns)
{
	uint64_t tat = load(&floods->line_tat);

	/* Where two workers try at once one of them does not write. */
	return !gcra_is_full(tat, now_ns, LINE_NS, LINES) &&
	       atomic_compare_exchange_strong_explicit(&floods->line_tat, &tat, gcra_after(tat, now_ns, LINE_NS),
						       memory_order_relaxed, memory_order_relaxed);
}

bool floods_update(struct floods *floods, const struct settings *settings, uint64_t half_open, uint64_t now_ns,
		   struct flood_report *report)
{
	struct flood_marks marks = flood_marks_of_gateway(settings);
	enum flood_change change;

	tick(floods, now_ns);
	change = flood_update(&floods->gateway, &marks, half_open, now_ns);
	if (change == FLOOD_SAME)
		return false;
	if (change == FLOOD_STARTED)
		atomic_fetch_add_explicit(&floods->started, 1, memory_order_relaxed);
	else
		stay_calm(floods, now_ns);
	fill_report(floods, report, change, &floods->gateway, now_ns);
	return true;
}

/* A place for one more destination, if there may be one. */
static struct flooded *begin(struct floods *floods, const struct subject *destination, uint64_t tag)
{
	struct flooded *at = find(floods, tag, tag);

	if (at != NULL || atomic_load_explicit(&floods->count, memory_order_relaxed) >= floods->most)
		return NULL;
	at = find(floods, tag, 0);
	if (at == NULL)
		return NULL;
	at->destination = *destination;
	flood_init(&at->flood);
	return at;
}

bool floods_rise(struct floods *floods, const struct settings *settings, const struct subject *destination,
		 uint64_t half_open, uint64_t now_ns, struct flood_report *report)
{
	struct flood_marks marks = flood_marks_of_destination(settings);
	struct flooded *at;
	uint64_t tag;

	if (marks.start == 0 || half_open * 100 < marks.start)
		return false;
	tag = tag_of(floods, destination);
	if (find(floods, tag, tag) != NULL || !take(floods))
		return false;
	at = begin(floods, destination, tag);
	if (at != NULL) {
		flood_update(&at->flood, &marks, half_open, now_ns);
		fill_report(floods, report, FLOOD_STARTED, &at->flood, now_ns);
		report->has_destination = true;
		report->destination = *destination;
		atomic_fetch_add_explicit(&floods->count, 1, memory_order_relaxed);
		atomic_fetch_add_explicit(&floods->started, 1, memory_order_relaxed);
		atomic_store_explicit(&at->tag, tag, memory_order_release);
	}
	give_back(floods);
	return at != NULL;
}

static void end(struct floods *floods, struct flooded *at, uint64_t now_ns, struct flood_report *report)
{
	fill_report(floods, report, FLOOD_STOPPED, &at->flood, now_ns);
	report->has_destination = true;
	report->destination = at->destination;
	stay_calm(floods, now_ns);
	atomic_store_explicit(&at->tag, 0, memory_order_release);
	atomic_fetch_sub_explicit(&floods->count, 1, memory_order_relaxed);
}

bool floods_sweep(struct floods *floods,
		  uint64_t (*read)(void *context, const struct subject *destination, struct flood_marks *marks),
		  void *context, uint64_t now_ns, struct flood_report *report)
{
	bool ended = false;

	if (atomic_load_explicit(&floods->count, memory_order_relaxed) == 0 ||
	    now_ns < atomic_load_explicit(&floods->swept_ns, memory_order_relaxed) + SWEEP_NS || !take(floods))
		return false;
	for (uint32_t i = 0; i < floods->places && !ended; i++) {
		struct flooded *at = &floods->place[i];
		struct flood_marks marks;
		uint64_t half_open;

		if (atomic_load_explicit(&at->tag, memory_order_relaxed) == 0)
			continue;
		half_open = read(context, &at->destination, &marks);
		ended = flood_update(&at->flood, &marks, half_open, now_ns) == FLOOD_STOPPED;
		if (ended)
			end(floods, at, now_ns, report);
	}
	if (!ended)
		atomic_store_explicit(&floods->swept_ns, now_ns, memory_order_relaxed);
	give_back(floods);
	return ended;
}
