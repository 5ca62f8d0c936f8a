/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pure engine: packets and times in; verdict, events and the next deadline out. One engine a worker, used by one
 * thread at a time. Does no I/O, reads no clock, allocates at engine_new() only. Every host uses these same calls:
 * daemon, replay, scenarios, tests, benchmarks.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/histogram.h"
#include "base/siphash.h"
#include "engine/event.h"
#include "packet/packet.h"
#include "tables/services.h"
#include "tables/settings.h"
#include "tcp/end.h"

struct engine;
struct limits; /* policy/limits.h: the counters shared by all workers */

struct engine_config {
	const struct settings *settings; /* copied */
	const struct services *services; /* copied; NULL: none */
	uint32_t max_flows;              /* of this engine: tracking.max_flows / queue.count */
	struct hash_key key;             /* of the flow table and of flow ids; the same in all workers of a process */
	struct limits *limits;           /* shared, outlives the engine */
	struct event_sink sink;
	/* Told of every drop and would-drop, whatever the limits of lines (E-6); context: of the sink. NULL: nobody. */
	void (*dropped)(void *context, const struct drop_record *drop, uint64_t now_ns);
	uint64_t start_ns;               /* the warm-up counts from here */
	uint64_t random_seed;            /* random early drop */
	bool describe;                   /* decisions name the flow (flow_id, at): for hosts that print packets */
	bool sparing;                    /* E-6: few events about handshakes while there are very many: for a log */
	bool unthinned;                  /* E-6: no fewer lines than the rules ask for: for scripts that expect them */
	/*
	 * Memory of the flow pool: engine_pool_size(max_flows) zeroed bytes, 64-byte aligned, owned by the caller and
	 * outliving the engine; one contiguous mapping without pointers.
	 */
	void *pool;
};

/* What became of a packet. */
struct decision {
	enum verdict verdict;
	bool judged;        /* false: neither TCP nor an ICMP error about TCP, or cut short by a capture: accepted */
	bool answer;        /* the host is asked to send engine_answer() */
	bool would_drop;    /* monitor mode let pass what enforce would drop; verdict is accept */
	uint8_t limiter;    /* enum limiter: of a drop by rules A */
	enum reason reason; /* of the drop or would-drop, else REASON_NONE */
	reason_set remarks; /* the other reasons that applied */
	bool has_flow;
	uint64_t flow_id;   /* with has_flow and engine_config.describe: the flow after the packet, else 0 */
	enum side dir;      /* sender; SIDE_NONE without a flow */
	enum phase phase;   /* after the packet; PHASE_COUNT without a flow */
	struct endpoints at; /* with engine_config.describe: client first with has_flow; else source and destination */
	enum allowed allowed; /* the bound that a drop broke, for output in words */
	uint32_t allowed_low, allowed_high;
};

/* a SYN+ACK to a challenged client, in the name of the server it wants. No options, no data. */
struct answer {
	uint8_t family;           /* 4 or 6 */
	uint8_t src[16], dst[16]; /* as in struct packet */
	uint16_t src_port, dst_port;
	uint32_t seq, ack;
};

size_t engine_pool_size(uint32_t max_flows); /* bytes */

/* NULL: out of memory. */
struct engine *engine_new(const struct engine_config *config);
void engine_free(struct engine *engine);

/*
 * Judges one packet at now_ns (never before an earlier one). The first form decodes; the second takes a packet
 * that packet_decode() filled.
 */
struct decision engine_input(struct engine *engine, const struct packet_bytes *bytes, uint64_t now_ns);
struct decision engine_input_packet(struct engine *engine, const struct packet *packet, uint64_t now_ns);

/* What the last decision with `answer` asks for; valid until the next packet. */
const struct answer *engine_answer(const struct engine *engine);

/* Lets time pass: expires flows that are due at now_ns. Cheap when nothing is due. */
void engine_expire(struct engine *engine, uint64_t now_ns);
/* The next time at which engine_expire() may have work; UINT64_MAX: never. */
uint64_t engine_deadline(const struct engine *engine);

/*
 * New settings and services (NULL: none), between two packets: all flows stay, each finds its service anew. Start-only
 * options keep what engine_new() got.
 */
void engine_set_settings(struct engine *engine, const struct settings *settings, const struct services *services);

/* too many packets wait, challenged SYNs cannot be answered for now: they have to come again instead. */
void engine_mute(struct engine *engine, bool mute);

/* B-1: packets may have passed unjudged; a new epoch begins. Emits visibility-lost kind=unjudged. */
void engine_blind(struct engine *engine, uint64_t now_ns);

/*
 * The end of the input: every flow leaves the table with the reason it has earned (TIME_WAIT fin, CLOSED its own,
 * all others flushed), in the order of their start; then a line for each reason of which lines were left out since its
 * last one. The clock does not run on.
 */
void engine_flush(struct engine *engine, uint64_t now_ns);

struct engine_stats {
	uint64_t counter[COUNTER_COUNT];
	uint64_t event[EVENT_COUNT];
	uint64_t reason_accepted[REASON_COUNT]; /* remarked */
	uint64_t reason_dropped[REASON_COUNT];
	uint64_t reason_would_drop[REASON_COUNT]; /* monitor mode */
	uint64_t phase_flows[PHASE_COUNT]; /* flows now */
	uint32_t flows;     /* in the table now */
	uint32_t half_open; /* of these, half-open (F-5) */
	struct histogram handshake; /* SYN to third segment */
};

/* Owned by the engine, valid until the next call. */
const struct engine_stats *engine_stats(const struct engine *engine);

/*
 * The flow with these two ends (either order), as a line would show it. False: none.
 * left_ns: time left on its timer.
 */
bool engine_find(const struct engine *engine, const struct packet *packet, uint64_t now_ns,
		 struct flow_record *record, uint64_t *left_ns);

/*
 * Walks the flows in slices: looks at up to `most` slots from *cursor on (0 at first), calls visit() for each
 * flow in them. False: the end was reached.
 */
bool engine_walk(const struct engine *engine, uint32_t *cursor, uint32_t most,
		 void (*visit)(void *context, const struct flow_record *record), void *context);

/*
 * While visit() runs, *cursor names its flow for this one: the flow leaves the table as if the input ended (flow-closed
 * says what it has earned), its next packet is one of an unknown connection.
 */
void engine_forget(struct engine *engine, uint32_t slot, uint64_t now_ns);
/* The same way: a flow whose client is banned by now is forgotten, then false; others get the timers of the present. */
bool engine_recheck(struct engine *engine, uint32_t slot, uint64_t now_ns);

#define FLOW_REMARKS 8 /* the latest ones of a flow that are told, at most */

struct flow_remark {
	enum reason reason;
	uint64_t ago_ns;
};

/* What a record leaves out. */
struct flow_detail {
	struct tcp_end end[2];
	uint64_t left_ns;  /* on its timer */
	uint64_t phase_ns; /* in its phase */
	unsigned service;  /* by number, 0: none */
	bool assured, picked_up;
	bool shadow;       /* a SYN of another connection pends */
	unsigned remarks;  /* that follow, the latest first */
	struct flow_remark remark[FLOW_REMARKS];
};

/* The same way: all about this flow. False: none is there. */
bool engine_detail(const struct engine *engine, uint32_t slot, uint64_t now_ns, struct flow_detail *detail);
