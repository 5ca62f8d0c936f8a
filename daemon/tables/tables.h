/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Enumerations, words and texts printed from the .def tables: the single source of every word that a user meets.
 * A word maps both ways: X_word(value), X_find(word) (-1 if there is no such word).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum verdict { VERDICT_ACCEPT, VERDICT_DROP };

/* The end of a flow: the client sent the first SYN. Also the index into arrays of two. */
enum side { SIDE_CLIENT, SIDE_SERVER, SIDE_NONE };

static inline enum side side_other(enum side side)
{
	return side == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;
}

/* Which number of a dropped segment broke a bound, and what the bound is about. */
enum allowed { ALLOWED_NOTHING, ALLOWED_SEQ, ALLOWED_ACK, ALLOWED_NEXT, ALLOWED_TS, ALLOWED_RATE };

/* Whose action, syn_flood.X_action, dropped a SYN: the same reason may come of any. */
enum limiter {
	LIMITER_NONE,
	LIMITER_SOURCE,
	LIMITER_CONN,
	LIMITER_DESTINATION,
	LIMITER_HALF_OPEN,
	LIMITER_MODE,
	LIMITER_COUNT
};

enum phase {
#define PHASE(name, help) PHASE_##name,
#include "tables/phases.def"
#undef PHASE
	PHASE_COUNT
};

/* Which rules give the reason: P of a packet alone, those of its connection, A of admission (and Q-6), I of ICMP. */
enum reason_class { REASON_CLASS_DECODE, REASON_CLASS_TRACK, REASON_CLASS_LIMIT, REASON_CLASS_ICMP };

/* REASON_NONE is no reason: it has no word and no bit. */
enum reason {
#define REASON(name, word, class, verdict, rule, setting, help) REASON_##name,
#include "tables/reasons.def"
#undef REASON
	REASON_COUNT,
	REASON_NONE = REASON_COUNT
};

/* A set of reasons, one bit each. */
typedef uint64_t reason_set;
_Static_assert(REASON_COUNT <= 64, "a reason_set has 64 bits");

static inline reason_set reason_bit(enum reason reason)
{
	return UINT64_C(1) << reason;
}

enum event_kind {
#define EVENT(name, word, group, severity, help) EVENT_##name,
#include "tables/events.def"
#undef EVENT
	EVENT_COUNT
};

enum event_group { EVENT_GROUP_FLOW, EVENT_GROUP_PACKET, EVENT_GROUP_FLOOD, EVENT_GROUP_DAEMON };

/* In the order of log.level; the numbers are positions in that list, not syslog's. */
enum severity { SEVERITY_ERR, SEVERITY_WARNING, SEVERITY_NOTICE, SEVERITY_INFO, SEVERITY_DEBUG };

enum counter {
#define COUNTER(name, word, help) COUNTER_##name,
#include "tables/counters.def"
#undef COUNTER
	COUNTER_COUNT
};

enum metric_type { METRIC_TYPE_GAUGE, METRIC_TYPE_COUNTER, METRIC_TYPE_HISTOGRAM };

enum metric {
#define METRIC(name, word, type, labels, help) METRIC_##name,
#include "tables/metrics.def"
#undef METRIC
	METRIC_COUNT
};

enum close_reason {
#define CLOSE(name, word, help) CLOSE_##name,
#include "tables/closes.def"
#undef CLOSE
	CLOSE_COUNT,
	CLOSE_NONE = CLOSE_COUNT
};

enum cause {
#define CAUSE(name, word, setting, hint, help) CAUSE_##name,
#include "tables/causes.def"
#undef CAUSE
	CAUSE_COUNT,
	CAUSE_NONE = CAUSE_COUNT
};

enum conn_state {
#define CONN_STATE(name, help) CONN_STATE_##name,
#include "tables/conn_states.def"
#undef CONN_STATE
	CONN_STATE_COUNT
};

struct reason_info {
	const char *word;
	enum reason_class class;
	enum verdict verdict; /* in mode normal */
	const char *rule;     /* that the segment breaks, the chief one where there are several: rules.def */
	const char *setting;  /* "-" where none would have passed it */
	const char *help;
};

/* What probably lies behind a drop. */
struct cause_info {
	const char *word;
	const char *setting; /* "-": none */
	bool hint;           /* raised as an event too */
	const char *help;
};

struct event_info {
	const char *word;
	enum event_group group;
	enum severity severity;
	const char *help;
};

struct metric_info {
	const char *name;
	enum metric_type type;
	const char *labels; /* "first,second", "": none */
	const char *help;
};

/* A rule of the tracking, as comments and scenarios cite it. */
struct rule_info {
	const char *id; /* "W-3" */
	const char *help;
	const char *source; /* "own": a choice made here */
};

enum {
	RULE_COUNT = 0
#define RULE(id, help, source) +1
#include "tables/rules.def"
#undef RULE
};

extern const struct reason_info reason_table[REASON_COUNT];
extern const struct cause_info cause_table[CAUSE_COUNT];
extern const struct event_info event_table[EVENT_COUNT];
extern const struct metric_info metric_table[METRIC_COUNT];
extern const struct rule_info rule_table[RULE_COUNT];

const char *verdict_word(enum verdict verdict);
const char *side_word(enum side side); /* "client", "server", "-" */
const char *reason_word(enum reason reason); /* "-" for REASON_NONE */
/* The setting that would have passed it: that of reason_table, or the action that gave first-syn or challenged. */
const char *reason_setting(enum reason reason, enum limiter limiter);
const char *reason_class_word(enum reason_class class);
const char *phase_word(enum phase phase);
const char *phase_help(enum phase phase);
const char *event_word(enum event_kind event);
const char *severity_word(enum severity severity);
const char *counter_word(enum counter counter);
const char *counter_help(enum counter counter);
const char *metric_type_word(enum metric_type type);
const char *close_word(enum close_reason reason); /* "-" for CLOSE_NONE */
const char *close_help(enum close_reason reason);
const char *conn_state_word(enum conn_state state);
const char *conn_state_help(enum conn_state state);

int reason_find(const char *word);
int phase_find(const char *word);
int event_find(const char *word);
int counter_find(const char *word);
int close_find(const char *word);
int conn_state_find(const char *word);
int rule_find(const char *id);
