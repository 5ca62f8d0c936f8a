/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to engine/: what an engine holds, and the parts of the pipeline, one file each. */
#pragma once

#include "engine/engine.h"
#include "engine/line_limit.h"
#include "flow/clock.h"
#include "flow/evict.h"
#include "flow/table.h"
#include "policy/ban.h"
#include "policy/limits.h"
#include "tables/services.h"
#include "tcp/history.h"
#include "tcp/judge.h"

#define REMARKS_KEPT 1024
#define SOURCE_KINDS 3 /* source-limited, source-banned, source-released: events in this order */

/* A remark about a flow; its place alone may belong to another one by now. */
struct remark_note {
	uint64_t started_ns, at_ns;
	uint32_t slot;
	uint8_t reason;
};

struct engine {
	struct settings settings; /* of what no service matches */
	struct services services;
	uint8_t service_age;      /* moves when the services change: flows look theirs up again */
	uint32_t service_flows[SERVICES_MAX + 1]; /* flows of each in the table */
	uint32_t reserve[SERVICES_MAX + 1];       /* places of the table kept for each */
	uint32_t reserved;                        /* of all reserves what is not in use now */
	struct flow_table table;
	struct limits *limits;
	struct event_sink sink;
	void (*dropped)(void *context, const struct drop_record *drop, uint64_t now_ns);
	struct engine_stats stats;
	uint64_t warm_from_ns;  /* K-1: the warm-up counts from here */
	uint64_t next_tick_ns;  /* engine_expire() has work from here on */
	uint64_t random;        /* state of the generator for A-10 */
	uint32_t epoch;         /* of blindness (B-1) */
	bool describe;          /* name the flow in every decision */
	bool sparing;           /* leave out lines about handshakes while there are very many */
	bool unthinned;         /* leave out only what the rules say */
	uint32_t sweep;         /* next flow to file again because timeouts shrank, 0: no sweep under way */
	uint32_t floods_seen;   /* flood modes begun when the last sweep was */
	uint32_t swept_factor;  /* adaptive factor all flows are filed under at the latest */
	struct line_limit drop_lines[SERVICES_MAX + 1][REASON_COUNT]; /* a service may have lines of its own choice */
	struct line_limit remark_lines[REASON_COUNT];
	struct line_limit opening_lines; /* about handshakes, while there are very many */
	struct line_limit source_lines[SOURCE_KINDS];
	struct line_limit table_full_lines;
	struct remark_note remarked[REMARKS_KEPT]; /* a ring */
	uint32_t remarks;        /* noted there so far */
	bool mute;               /* no answers for now */
	struct answer answer;    /* to the SYN challenged last */
};

/* A packet on its way through the pipeline. */
struct passage {
	const struct packet *packet;
	uint64_t now_ns;
	struct flow_key key;
	uint32_t hash;
	uint32_t index;   /* of its flow, or FLOW_NONE */
	int service;      /* number, where there is no flow; -1: not looked up yet */
	bool src_is_high; /* the source is address[1] of the key */
	struct decision decision;
};

static inline struct tcp_conn *conn_of(const struct engine *e, uint32_t index)
{
	return &e->table.flow[index].conn;
}

static inline struct tcp_cold *cold_of(const struct engine *e, uint32_t index)
{
	return &e->table.side[index].cold;
}

/* The end that sent a packet with this order of addresses. */
static inline enum side side_of(const struct tcp_conn *conn, bool src_is_high)
{
	bool client_is_high = conn->flags & CONN_CLIENT_IS_HIGH;

	return src_is_high == client_is_high ? SIDE_CLIENT : SIDE_SERVER;
}

/* describe.c: what the decision says about flow and addresses; the first is cheap, the second is not. */
void describe_phase(struct engine *e, struct passage *p);
void describe_names(struct engine *e, struct passage *p);

/* verdict.c: what becomes of a packet; each counts, and tells where a line is due. */
void decide_drop(struct engine *e, struct passage *p, enum reason reason);
void decide_remark(struct engine *e, struct passage *p, enum reason reason);
/* Closes the decision: counters, packet-dropped and packet-remarked. */
void decide_finish(struct engine *e, struct passage *p);

/* precheck.c: P-0 to P-10. True: the packet goes on to its flow. */
bool precheck(struct engine *e, struct passage *p);

/* track.c: TCP segments; icmp.c: ICMP errors about them. */
void passage_find(struct engine *e, struct passage *p);
/* By key and hash; its service is that of now. */
void passage_look_up(struct engine *e, struct passage *p);
void track_segment(struct engine *e, struct passage *p);
void track_icmp(struct engine *e, struct passage *p);

/*
 * extras.c: the extra of a flow, taking one from the pool if need be. NULL: none left, or too few for a flow that is
 * not assured.
 */
struct tcp_extra *extra_take(struct engine *e, uint32_t index, uint64_t now_ns);

/* remarks.c: what was remarked of which flow. */
void remarks_note(struct engine *e, const struct passage *p, enum reason reason);
/* Of the flow in `slot`, the latest first; how many, at most `most`. */
unsigned remarks_of(const struct engine *e, uint32_t slot, uint64_t now_ns, struct flow_remark *remarks, unsigned most);

/* admit.c: rules A, K-9, and a place in the table. FLOW_NONE: none, the decision says why. */
uint32_t admit_syn(struct engine *e, struct passage *p);
uint32_t admit_admitted(struct engine *e, struct passage *p); /* of a SYN that A has passed already */
bool admit_shadow(struct engine *e, struct passage *p);
/* a RST with a cookie, whatever flow has its addresses by now: dropped, its source is proven. */
bool admit_challenge_answer(struct engine *e, struct passage *p);
uint32_t admit_pickup(struct engine *e, struct passage *p, bool client_is_high);

/* service.c: what holds for a packet and a flow, by the service that it is for. */
void engine_serve(struct engine *e, const struct settings *settings, const struct services *services);
const struct settings *engine_settings(const struct engine *e, unsigned service);
unsigned passage_service(const struct engine *e, struct passage *p);
const struct settings *passage_settings(const struct engine *e, struct passage *p);
const struct settings *flow_settings(const struct engine *e, uint32_t index);
/* A new flow, or one whose ends or services have changed, looks its service up. */
void flow_serve(struct engine *e, uint32_t index);
void flow_serve_again(struct engine *e, uint32_t index);
/* So many flows of a service more, or fewer. */
void service_count(struct engine *e, unsigned service, int change);
/* Is a place in the table free that is not kept for other services? */
bool service_has_room(const struct engine *e, unsigned service);
/* No flow of it makes room for another service: it is within its reserve. */
bool service_is_reserved(const struct engine *e, unsigned service);

/* lifecycle.c: a flow after something changed, and its end. */
void flow_settle(struct engine *e, uint32_t index, enum phase before, uint64_t now_ns);
void flow_began(struct engine *e, uint32_t index, uint64_t now_ns);
void flow_file(struct engine *e, uint32_t index, uint64_t now_ns);
/* cause: CLOSE_TIMEOUT (its timer), CLOSE_EVICTED or CLOSE_FLUSHED; the record says what the flow has earned. */
void flow_end(struct engine *e, uint32_t index, enum close_reason cause, uint64_t now_ns);
/*
 * S-3, S-5, S-6: the old connection ends for `reason`, its shadow, which is there, takes its place. flow_settle() is
 * due.
 */
void flow_begin_by_shadow(struct engine *e, uint32_t index, enum close_reason reason, uint64_t now_ns);
struct tcp_timing engine_timing(const struct engine *e, uint32_t index);
bool flow_evict(struct engine *e, unsigned service, uint64_t now_ns);

/* count.c: the gauges after a change; before the flow leaves or its ends change places; with another service. */
void flow_count(struct engine *e, uint32_t index, uint64_t now_ns);
void flow_uncount(struct engine *e, uint32_t index, uint64_t now_ns);
void flow_count_again(struct engine *e, uint32_t index, unsigned before);
/* moves the flood modes and tells what changed; touched: where a flow became half-open, or NULL. */
void floods_look(struct engine *e, const struct admission *touched, uint64_t now_ns);

/* tell.c: events. */
void tell_flow(struct engine *e, uint32_t index, enum event_kind kind, enum phase prev, uint64_t since_ns,
	       uint64_t now_ns);
void tell_flow_set(struct engine *e, uint32_t index, event_set events, enum phase prev, uint64_t since_ns,
		   uint64_t now_ns);
void tell_closed(struct engine *e, uint32_t index, enum close_reason reason, uint64_t now_ns);
void tell_every_drop(struct engine *e, struct passage *p);
void tell_drop(struct engine *e, struct passage *p);
void tell_remark(struct engine *e, struct passage *p, enum reason reason);
void tell_table_full(struct engine *e, uint64_t now_ns);
void tell_source_limited(struct engine *e, const struct limited_source *source, uint64_t now_ns);
void tell_banned(struct engine *e, const uint8_t prefix[16], uint8_t bits, int64_t seconds, uint64_t now_ns);
void tell_released(struct engine *e, const struct ban_entry *released, uint64_t now_ns);
void tell_flood(struct engine *e, const struct flood_report *report, uint64_t now_ns);
/* E-6: once a second: about sources, what the next lines would have said, where none comes. Is there any such? */
void tell_owed(struct engine *e, uint64_t now_ns);
bool tell_owes(const struct engine *e);
/* E-6: at the end, what the next lines would have said of those left out. */
void tell_suppressed(struct engine *e, uint64_t now_ns);
void tell_blind(struct engine *e, uint64_t now_ns);

/* record.c */
uint64_t flow_id(const struct engine *e, uint32_t index);
void flow_endpoints(const struct engine *e, uint32_t index, struct endpoints *at);
void flow_fill_record(const struct engine *e, uint32_t index, struct flow_record *record);

bool engine_is_warm(const struct engine *e, uint64_t now_ns);
