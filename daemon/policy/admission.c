/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of A-1 for one SYN. */
#include <string.h>

#include "policy/limiting.h"

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

/* A-1 step 2: on the allow list, or proven. Looked up when the first limit asks. */
static bool is_trusted(struct judgement *j)
{
	struct subject source;

	if (j->trust != TRUST_UNKNOWN)
		return j->trust == TRUST_YES;
	j->trust = TRUST_YES;
	if (limits_allows(j->settings, j->syn->src))
		return true;
	source = subject_of_source(j->settings, j->syn->src);
	if (!proven_has(&j->limits->proven, &source, j->now_ns, j->settings->syn_flood_proven_time))
		j->trust = TRUST_NO;
	return j->trust == TRUST_YES;
}

/* an unproven SYN has to come again. */
static bool has_waited(struct judgement *j)
{
	const struct settings *settings = j->settings;
	struct syn_name name = limits_syn_name(j->syn, j->syn->seq);

	if (is_trusted(j))
		return true;
	j->came_back = first_syn_again(&j->limits->first_syn, &name, j->now_ns, settings->syn_flood_first_syn_min,
				       settings->syn_flood_first_syn_max);
	return j->came_back;
}

/*
 * an unproven SYN passes when it comes again after the answer to its challenge, or, where that was not sent, as
 * with A-9. Were it challenged then, Linux would wait for another second: only its first SYN is sent again at once.
 */
static bool has_answered(struct judgement *j)
{
	struct syn_name challenged = limits_syn_name(j->syn, 0), passed_over = limits_syn_name(j->syn, j->syn->seq);
	int64_t most = j->settings->syn_flood_first_syn_max;

	if (is_trusted(j))
		return true;
	j->came_back = !j->syn->pickup &&
		       (first_syn_noted(&j->limits->answered, &challenged, j->now_ns, 0, most) ||
			first_syn_noted(&j->limits->first_syn, &passed_over, j->now_ns,
					j->settings->syn_flood_first_syn_min, most));
	return j->came_back;
}

/* more SYNs than answers may, or can, be sent. */
static bool too_many_answers(struct judgement *j)
{
	return j->syn->mute ||
	       !challenge_may_answer(&j->limits->challenge, (uint64_t)j->settings->syn_flood_answer_rate, j->now_ns);
}

/* what to answer an unproven SYN with. */
static void challenge(struct judgement *j)
{
	struct cookie cookie = challenge_cookie(&j->limits->challenge, j->syn, j->now_ns);

	j->result.answer = true;
	j->result.answer_seq = cookie.seq;
	j->result.answer_ack = cookie.ack;
}

/* who is not asked has to come again, and is remembered for that. */
static void pass_over(struct judgement *j)
{
	struct syn_name name = limits_syn_name(j->syn, j->syn->seq);

	first_syn_note(&j->limits->first_syn, &name, j->now_ns);
}

/* what exceeding the limit named by `reason` means. True: the SYN goes on to the next step. */
static bool act(struct judgement *j, enum limiter limiter, int action, enum reason reason)
{
	switch (action) {
	case LIMIT_LOG:
		j->result.logged |= reason_bit(reason);
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
		if (j->settings->policy_mode == MODE_MONITOR || !j->settings->policy_inject)
			break; /* it passes all the same, or nothing may be sent */
		if (!too_many_answers(j)) {
			challenge(j);
			break;
		}
		pass_over(j);
		reason = REASON_FIRST_SYN;
		break;
	}
	j->result.verdict = VERDICT_DROP;
	j->result.reason = reason;
	j->result.limiter = (uint8_t)limiter;
	return false;
}

/* The same for a limit of a source prefix, which is to be told of. */
static bool act_on(struct judgement *j, const struct subject *source, enum limiter limiter, int action,
		   enum reason reason)
{
	struct limited_source *limited = &j->result.limited[j->result.limited_count++];

	memcpy(limited->prefix, source->address, sizeof limited->prefix);
	limited->prefix_bits = (uint8_t)source->bits;
	limited->reason = (uint8_t)reason;
	return act(j, limiter, action, reason);
}

/* what is over a rate and passes all the same is not charged, so that "log" counts what "drop" would drop. */
static bool passes_uncharged(struct judgement *j, enum rate_kind kind, bool admitted)
{
	if (admitted)
		j->rate[kind].rate = 0;
	return admitted;
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

static bool over_cap(const struct judgement *j, const struct gauges *gauges, const struct subject *subject,
		     int64_t cap)
{
	struct slots slots;

	if (cap == 0)
		return false;
	slots = rows_find(&j->limits->rows, subject);
	return gauges_read(gauges, &slots) >= (uint64_t)cap;
}

/* A-1 step 1: nobody is above a ban. */
static bool not_banned(struct judgement *j)
{
	if (ban_count(j->limits->ban) == 0 || !ban_has(j->limits->ban, j->syn->src, j->now_ns))
		return true;
	return act(j, LIMITER_NONE, LIMIT_DROP, REASON_SOURCE_BANNED);
}

/* A-1 step 3: of a source prefix or a network. */
static bool within_rate(struct judgement *j, enum rate_kind kind, const struct subject *subject, int64_t rate,
			int64_t burst)
{
	if (!over_rate(j, kind, subject, rate, burst) || is_trusted(j))
		return true;
	return passes_uncharged(j, kind,
				act_on(j, subject, LIMITER_SOURCE, j->settings->syn_flood_source_action,
				       REASON_SYN_RATE_SOURCE));
}

static bool source_rate(struct judgement *j)
{
	const struct settings *settings = j->settings;
	struct subject source = limits_source(settings, j->syn);

	return within_rate(j, RATE_SOURCE, &source, settings->syn_flood_source_rate, settings->syn_flood_source_burst);
}

static bool network_rate(struct judgement *j)
{
	const struct settings *settings = j->settings;
	struct subject network = subject_of_network(settings, j->syn->src);

	network.service = j->syn->service;
	return within_rate(j, RATE_NETWORK, &network, settings->syn_flood_network_rate,
			   settings->syn_flood_network_burst);
}

/*
 * A-1 step 3: concurrent flows, half-open ones among them; of a proven source only those that are open, else SYNs
 * forged in its name would shut it out.
 */
static bool over_count(struct judgement *j, const struct slots *source)
{
	uint64_t most = (uint64_t)j->settings->syn_flood_conn_count;
	uint64_t open = gauges_read(&j->limits->flows, source);

	if (most == 0)
		return false;
	return open >= most || (open + gauges_read(&j->limits->source, source) >= most && !is_trusted(j));
}

/* A-1 step 3 and A-7. Here a proven source is not above the limits: who completes handshakes is proven. */
static bool source_connections(struct judgement *j)
{
	const struct settings *settings = j->settings;
	struct subject source;
	struct slots slots;

	if ((settings->syn_flood_conn_rate == 0 && settings->syn_flood_conn_count == 0) ||
	    limits_allows(settings, j->syn->src))
		return true;
	source = limits_source(settings, j->syn);
	slots = rows_find(&j->limits->rows, &source);
	if (settings->syn_flood_conn_rate != 0 &&
	    buckets_exceeded(&j->limits->handshakes, &slots, j->now_ns, (uint64_t)settings->syn_flood_conn_rate,
			     (uint64_t)settings->syn_flood_conn_burst) &&
	    !act_on(j, &source, LIMITER_CONN, settings->syn_flood_conn_action, REASON_CONN_RATE_SOURCE)) {
		j->result.banned = limits_overload(j->limits, settings, &source, j->now_ns);
		return false;
	}
	if (!over_count(j, &slots))
		return true;
	return act_on(j, &source, LIMITER_CONN, settings->syn_flood_conn_action, REASON_CONN_COUNT_SOURCE);
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
	return passes_uncharged(j, RATE_DESTINATION,
				act(j, LIMITER_DESTINATION, settings->syn_flood_destination_action,
				    REASON_SYN_RATE_DESTINATION));
}

/* A-1 step 5: of the source prefix, toward the destination. Nobody is above these caps. */
static bool half_open_caps(struct judgement *j)
{
	const struct settings *settings = j->settings;
	struct subject source = limits_source(settings, j->syn);
	struct subject destination = subject_of_destination(j->syn->dst, j->syn->dst_port);

	if (over_cap(j, &j->limits->source, &source, settings->syn_flood_half_open_source) &&
	    !act_on(j, &source, LIMITER_HALF_OPEN, settings->syn_flood_half_open_action, REASON_HALF_OPEN_SOURCE))
		return false;
	if (over_cap(j, &j->limits->destination, &destination, settings->syn_flood_half_open_destination))
		return act(j, LIMITER_HALF_OPEN, settings->syn_flood_half_open_action, REASON_HALF_OPEN_DESTINATION);
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
	return act(j, LIMITER_HALF_OPEN, settings->syn_flood_half_open_action, REASON_HALF_OPEN_TOTAL);
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
	admitted = act(j, LIMITER_MODE, j->settings->syn_flood_mode_action, REASON_FIRST_SYN);
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
	admitted = not_banned(&j) && source_rate(&j) && network_rate(&j) && source_connections(&j) &&
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
