/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/limits.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "policy/ban.h"
#include "policy/buckets.h"
#include "policy/challenge.h"
#include "policy/first_syn.h"
#include "policy/floods.h"
#include "policy/gauges.h"
#include "policy/prefix.h"
#include "policy/proven.h"
#include "policy/rows.h"

#define CACHE_LINE 64

enum rate_kind { RATE_SOURCE, RATE_NETWORK, RATE_DESTINATION, RATE_COUNT };

/* Purposes of derived keys (rows_init() takes the low numbers). */
enum { KEY_PROVEN = 16, KEY_FIRST_SYN, KEY_CHALLENGE, KEY_BAN, KEY_FLOODS, KEY_ANSWERED };

struct limits {
	struct rows rows;
	struct buckets rate[RATE_COUNT];
	struct gauges source, destination; /* half-open flows */
	struct proven proven;
	struct first_syn first_syn;
	struct first_syn answered; /* SYNs whose challenge was answered; seq is 0 */
	struct ban *ban;
	_Alignas(CACHE_LINE) _Atomic uint64_t half_open; /* written often: apart from what is only read */
	struct floods floods;
	_Alignas(CACHE_LINE) struct challenge challenge; /* likewise */
};

/* One rate for one SYN. rate 0: no limit, nothing else is set. */
struct rate {
	uint64_t rate, burst;
	struct slots slots;
};

/* One SYN on its way through the steps of A-1. */
struct judgement {
	struct limits *limits;
	const struct settings *settings;
	const struct admission *syn;
	uint64_t now_ns;
	struct rate rate[RATE_COUNT];
	enum { TRUST_UNKNOWN, TRUST_NO, TRUST_YES } trust;
	bool came_back;          /* as it was told to */
	struct flood *flooded[2]; /* the modes that are on, of the gateway and of its destination, or NULL */
	struct admission_result result;
};

/* The source prefix as a service counts it. */
static struct subject source_of(const struct settings *settings, const struct admission *syn)
{
	struct subject source = subject_of_source(settings, syn->src);

	source.service = syn->service;
	return source;
}

/* A-1 step 2: on the allow list, or proven. Looked up when the first limit asks. */
static bool is_trusted(struct judgement *j)
{
	struct subject source;

	if (j->trust != TRUST_UNKNOWN)
		return j->trust == TRUST_YES;
	j->trust = TRUST_YES;
	if (prefix_list_contains(&j->settings->syn_flood_allow, j->syn->src))
		return true;
	source = subject_of_source(j->settings, j->syn->src);
	if (!proven_has(&j->limits->proven, &source, j->now_ns, j->settings->syn_flood_proven_time))
		j->trust = TRUST_NO;
	return j->trust == TRUST_YES;
}

static struct syn_name name_of(const struct admission *syn, uint32_t seq)
{
	struct syn_name name = { .src_port = syn->src_port, .dst_port = syn->dst_port, .seq = seq };

	memcpy(name.src, syn->src, sizeof name.src);
	memcpy(name.dst, syn->dst, sizeof name.dst);
	return name;
}

/* an unproven SYN has to come again. */
static bool has_waited(struct judgement *j)
{
	const struct settings *settings = j->settings;
	struct syn_name name = name_of(j->syn, j->syn->seq);

	if (is_trusted(j))
		return true;
	j->came_back = first_syn_again(&j->limits->first_syn, &name, j->now_ns, settings->syn_flood_first_syn_min,
				       settings->syn_flood_first_syn_max);
	return j->came_back;
}

/* an unproven SYN passes when it comes again after the answer to its challenge. */
static bool has_answered(struct judgement *j)
{
	struct syn_name name = name_of(j->syn, 0);

	if (is_trusted(j))
		return true;
	j->came_back = !j->syn->pickup && first_syn_noted(&j->limits->answered, &name, j->now_ns,
							  j->settings->syn_flood_first_syn_max);
	return j->came_back;
}

/*
 * what to answer an unproven SYN with. Nothing where it passes all the same (monitor mode), where nothing may be
 * sent, or where enough is.
 */
static void challenge(struct judgement *j)
{
	const struct settings *settings = j->settings;
	struct cookie cookie;

	if (settings->policy_mode == MODE_MONITOR || !settings->policy_inject ||
	    !challenge_may_answer(&j->limits->challenge, (uint64_t)settings->syn_flood_answer_rate, j->now_ns))
		return;
	cookie = challenge_cookie(&j->limits->challenge, j->syn, j->now_ns);
	j->result.answer = true;
	j->result.answer_seq = cookie.seq;
	j->result.answer_ack = cookie.ack;
}

/* what exceeding the limit named by `reason` means. True: the SYN goes on to the next step. */
static bool act(struct judgement *j, int action, enum reason reason)
{
	switch (action) {
	case LIMIT_LOG:
		if (j->result.reason == REASON_NONE)
			j->result.reason = reason;
		return true;
	case LIMIT_FIRST_SYN:
		if (has_waited(j))
			return true;
		reason = REASON_FIRST_SYN;
		break;
	case LIMIT_CHALLENGE:
		if (has_answered(j))
			return true;
		if (j->syn->pickup) /* not a SYN: nobody would answer with a RST */
			break;
		reason = REASON_CHALLENGED;
		challenge(j);
		break;
	}
	j->result.verdict = VERDICT_DROP;
	j->result.reason = reason;
	return false;
}

/* remembers the source prefix that ran into a limit, the first one. */
static void name_prefix(struct judgement *j, const struct subject *source)
{
	if (j->result.prefix_bits != 0)
		return;
	memcpy(j->result.prefix, source->address, sizeof j->result.prefix);
	j->result.prefix_bits = (uint8_t)source->bits;
}

/* Is the SYN over one rate? Remembers where to charge it. */
static bool over_rate(struct judgement *j, enum rate_kind kind, const struct subject *subject, int64_t rate,
		      int64_t burst)
{
	struct rate *r = &j->rate[kind];

	if (rate == 0)
		return false;
	r->rate = (uint64_t)rate;
	r->burst = (uint64_t)burst;
	r->slots = rows_find(&j->limits->rows, subject);
	return buckets_exceeded(&j->limits->rate[kind], &r->slots, j->now_ns, r->rate, r->burst);
}

/* A-1 step 1: nobody is above a ban. */
static bool not_banned(struct judgement *j)
{
	if (ban_count(j->limits->ban) == 0 || !ban_has(j->limits->ban, j->syn->src, j->now_ns))
		return true;
	return act(j, LIMIT_DROP, REASON_SOURCE_BANNED);
}

/* A-1 step 3: of the source prefix and of its network. */
static bool source_rates(struct judgement *j)
{
	const struct settings *settings = j->settings;
	struct subject source = source_of(settings, j->syn);
	struct subject network = subject_of_network(settings, j->syn->src);
	bool source_over, network_over;

	network.service = j->syn->service;
	source_over = over_rate(j, RATE_SOURCE, &source, settings->syn_flood_source_rate,
				settings->syn_flood_source_burst);
	network_over = over_rate(j, RATE_NETWORK, &network, settings->syn_flood_network_rate,
				 settings->syn_flood_network_burst);
	if (!source_over && !network_over)
		return true;
	if (is_trusted(j))
		return true;
	name_prefix(j, source_over ? &source : &network);
	return act(j, settings->syn_flood_source_action, REASON_SYN_RATE_SOURCE);
}

/* A-1 step 4. */
static bool destination_rate(struct judgement *j)
{
	const struct settings *settings = j->settings;
	struct subject destination = subject_of_destination(j->syn->dst, j->syn->dst_port);

	if (!over_rate(j, RATE_DESTINATION, &destination, settings->syn_flood_destination_rate,
		       settings->syn_flood_destination_burst) ||
	    is_trusted(j))
		return true;
	return act(j, settings->syn_flood_destination_action, REASON_SYN_RATE_DESTINATION);
}

static bool over_cap(const struct judgement *j, const struct gauges *gauges, const struct subject *subject,
		     int64_t cap)
{
	struct slots slots;

	if (cap == 0)
		return false;
	slots = rows_find(&j->limits->rows, subject);
	return gauges_read(gauges, &slots) >= (uint64_t)cap;
}

/* A-1 step 5: of the source prefix, toward the destination. Nobody is above these caps. */
static bool half_open_caps(struct judgement *j)
{
	const struct settings *settings = j->settings;
	struct subject source = source_of(settings, j->syn);
	struct subject destination = subject_of_destination(j->syn->dst, j->syn->dst_port);

	if (over_cap(j, &j->limits->source, &source, settings->syn_flood_half_open_source)) {
		name_prefix(j, &source);
		if (!act(j, settings->syn_flood_source_action, REASON_HALF_OPEN_SOURCE))
			return false;
	}
	if (over_cap(j, &j->limits->destination, &destination, settings->syn_flood_half_open_destination))
		return act(j, settings->syn_flood_destination_action, REASON_HALF_OPEN_DESTINATION);
	return true;
}

/* A-1 step 5, in total, and A-10: random early drop of unproven sources from half_open_low to the cap. */
static bool half_open_total(struct judgement *j)
{
	const struct settings *settings = j->settings;
	uint64_t now = limits_half_open(j->limits);
	uint64_t cap = (uint64_t)(settings->tracking_max_flows * settings->syn_flood_half_open_total) / 100;
	uint64_t low = cap * (uint64_t)settings->syn_flood_half_open_low / 100;
	bool over;

	if (settings->syn_flood_half_open_total == 0 || now < low)
		return true;
	over = now >= cap || (j->syn->random >> 32) * (cap - low) >> 32 < now - low;
	if (!over || (now < cap && is_trusted(j)))
		return true;
	return act(j, settings->syn_flood_half_open_action, REASON_HALF_OPEN_TOTAL);
}

/* which modes are on for this SYN. */
static void look_for_floods(struct judgement *j)
{
	struct subject destination = subject_of_destination(j->syn->dst, j->syn->dst_port);

	if (!floods_any(&j->limits->floods) || j->syn->pickup)
		return;
	if (flood_is_on(&j->limits->floods.gateway))
		j->flooded[0] = &j->limits->floods.gateway;
	j->flooded[1] = floods_of(&j->limits->floods, &destination);
}

/* A-1 step 6. */
static bool flood_mode(struct judgement *j)
{
	bool admitted;

	if ((j->flooded[0] == NULL && j->flooded[1] == NULL) || is_trusted(j))
		return true;
	admitted = act(j, j->settings->syn_flood_mode_action, REASON_FIRST_SYN);
	for (unsigned i = 0; i < 2; i++) {
		if (j->flooded[i] == NULL || j->settings->policy_mode == MODE_MONITOR)
			continue;
		if (admitted)
			flood_refuse(j->flooded[i], j->came_back ? -1 : 0);
		else if (j->settings->syn_flood_mode_action != LIMIT_DROP)
			flood_refuse(j->flooded[i], 1);
	}
	return admitted;
}

/* Trusted sources skip the rates (step 2), so they do not use them up either. */
static void charge(struct judgement *j)
{
	for (unsigned i = 0; i < RATE_COUNT; i++) {
		const struct rate *r = &j->rate[i];

		if (r->rate != 0 && !is_trusted(j))
			buckets_charge(&j->limits->rate[i], &r->slots, j->now_ns, r->rate, r->burst);
	}
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

struct admission_result limits_admit(struct limits *limits, const struct settings *settings,
				     const struct admission *admission, uint64_t now_ns)
{
	struct judgement j = {
		.limits = limits,
		.settings = settings,
		.syn = admission,
		.now_ns = now_ns,
		.result = { .verdict = VERDICT_ACCEPT, .reason = REASON_NONE },
	};
	bool admitted;

	if (!admission->pickup)
		floods_ask(&limits->floods, settings, admission->src, admission->random);
	look_for_floods(&j);
	admitted = not_banned(&j) && source_rates(&j) &&
		   (admission->pickup ||
		    (destination_rate(&j) && half_open_caps(&j) && half_open_total(&j) && flood_mode(&j)));
	for (unsigned i = 0; i < 2; i++)
		if (j.flooded[i] != NULL)
			flood_count(j.flooded[i], admitted);

	/* M-14: in monitor mode the SYN makes its flow all the same. */
	if (admitted || settings->policy_mode == MODE_MONITOR)
		charge(&j);
	return j.result;
}

void limits_half_open_rise(struct limits *limits, const struct settings *settings,
			   const struct admission *admission)
{
	struct subject source = source_of(settings, admission);
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
	struct subject source = source_of(settings, admission);
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

void limits_prove(struct limits *limits, const struct settings *settings, const uint8_t src[16],
		  uint64_t now_ns)
{
	struct subject source = subject_of_source(settings, src);

	proven_add(&limits->proven, &source, now_ns, settings->syn_flood_proven_time);
}

bool limits_challenge_answer(struct limits *limits, const struct admission *rst, uint64_t now_ns)
{
	struct syn_name name = name_of(rst, 0);

	if (!challenge_is_answer(&limits->challenge, rst, now_ns))
		return false;
	first_syn_note(&limits->answered, &name, now_ns);
	return true;
}

static uint64_t half_open_toward(void *context, const struct subject *destination)
{
	struct limits *limits = context;
	struct slots slots = rows_find(&limits->rows, destination);

	return gauges_read(&limits->destination, &slots);
}

bool limits_flood_update(struct limits *limits, const struct settings *settings, const struct admission *touched,
			 uint64_t now_ns, struct flood_report *report)
{
	struct subject destination;

	if (floods_update(&limits->floods, settings, limits_half_open(limits), now_ns, report))
		return true;
	if (touched == NULL || settings->syn_flood_destination_start == 0)
		return floods_sweep(&limits->floods, settings, half_open_toward, limits, now_ns, report);
	destination = subject_of_destination(touched->dst, touched->dst_port);
	return floods_rise(&limits->floods, settings, &destination, half_open_toward(limits, &destination), now_ns,
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
