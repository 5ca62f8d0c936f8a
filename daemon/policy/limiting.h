/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to policy/: what the workers share, for limits.c (which makes it) and admission.c (the steps of A-1). */
#pragma once

#include <stdint.h>
#include <string.h>

#include "policy/ban.h"
#include "policy/buckets.h"
#include "policy/challenge.h"
#include "policy/first_syn.h"
#include "policy/floods.h"
#include "policy/gauges.h"
#include "policy/limits.h"
#include "policy/prefix.h"
#include "policy/proven.h"
#include "policy/rows.h"

#define CACHE_LINE 64

enum rate_kind { RATE_SOURCE, RATE_NETWORK, RATE_DESTINATION, RATE_COUNT };

struct limits {
	struct rows rows;
	struct buckets rate[RATE_COUNT];   /* of new SYNs */
	struct buckets handshakes;         /* completed ones of a source */
	struct gauges source, destination; /* half-open flows */
	struct gauges flows;               /* flows of a source that are neither half-open nor over */
	struct proven proven;
	struct first_syn first_syn;
	struct first_syn answered; /* SYNs whose challenge was answered; seq is 0 */
	struct ban *ban;
	_Alignas(CACHE_LINE) _Atomic uint64_t half_open; /* written often: apart from what is only read */
	struct floods floods;
	_Alignas(CACHE_LINE) struct challenge challenge; /* likewise */
};

/* The source prefix as a service counts it. */
struct subject limits_source(const struct settings *settings, const struct admission *syn);

static inline struct syn_name limits_syn_name(const struct admission *syn, uint32_t seq)
{
	struct syn_name name = { .src_port = syn->src_port, .dst_port = syn->dst_port, .seq = seq };

	memcpy(name.src, syn->src, sizeof name.src);
	memcpy(name.dst, syn->dst, sizeof name.dst);
	return name;
}

/* On the allow list? */
static inline bool limits_allows(const struct settings *settings, const uint8_t src[16])
{
	return prefix_list_contains(&settings->syn_flood_allow, src);
}

/* a source ran into syn_flood.conn_rate. True: it entered the ban table just now. */
bool limits_overload(struct limits *limits, const struct settings *settings, const struct subject *source,
		     uint64_t now_ns);
