/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the engine tells the world: one fixed-size struct event an occurrence, copied by value through the sink
 * (in the daemon: a ring to the reporter thread). No pointers, no text: report/ makes lines of it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tables/tables.h"

#define UNKNOWN_US UINT32_MAX /* a duration that was not seen */

/* Addresses and ports of the two ends, client first. IPv4 as IPv4-mapped. */
struct endpoints {
	uint8_t client[16], server[16];
	uint16_t client_port, server_port; /* host order */
	uint8_t family; /* 4 or 6; 0: not known */
};

struct end_record {
	uint64_t bytes;   /* each byte of the stream once */
	uint32_t packets; /* accepted segments */
	uint32_t retrans, ooo;
	uint16_t mss;     /* as offered, 0: not offered */
	uint8_t scale;    /* as offered, 255: not offered */
	uint8_t state;    /* enum end_state (tcp/end.h) */
};

/* Everything a line about a flow may say. */
struct flow_record {
	uint64_t id; /* of the flow, for flow_id_text() */
	struct endpoints at;
	uint64_t started_ns, last_ns; /* first and last accepted segment, monotonic */
	uint64_t in_prev_us;          /* how long the flow was in prev */
	uint32_t handshake_us;        /* SYN to third segment, or UNKNOWN_US */
	uint32_t rtt_us;              /* the same way round, or UNKNOWN_US */
	uint32_t dropped;             /* segments of this flow that were dropped */
	struct end_record end[2];
	uint8_t phase, prev;          /* enum phase; prev == PHASE_COUNT: none */
	uint8_t half;                 /* enum side: in HALF_CLOSED the end whose FIN is acknowledged, else SIDE_NONE */
	uint8_t close_reason;         /* enum close_reason: what flow-closed says or would say; or CLOSE_NONE */
	uint8_t closed_by;            /* enum side: first FIN, or RST; SIDE_NONE */
	uint8_t conn_state;           /* enum conn_state */
	bool orig_guess;              /* which end is the client is a guess */
	bool sack, timestamps;        /* agreed on by both */
	char history[17];             /* NUL-terminated */
	uint32_t sample;              /* set by outputs: this flow stands for so many; 0: for itself */
};

/* What Suricata's drop records tell of a packet's headers and no rule here looks at. */
struct header_record {
	uint8_t version;     /* 4 or 6; 0: not known */
	uint8_t tos, ttl;    /* or traffic class and hop limit */
	uint16_t length;     /* total length; of IPv6 that of what follows the fixed header */
	uint16_t id;         /* IPv4 */
	uint32_t flow_label; /* IPv6 */
	bool has_icmp;       /* a header of ICMP or ICMPv6 follows: type and code are set */
	uint8_t icmp_type, icmp_code;
	bool has_tcp;        /* a TCP header follows, the rest is set */
	uint8_t reserved;    /* the low four bits of its 13th byte */
	uint16_t window, urgent;
};

/* A dropped or remarked segment in numbers. */
struct drop_record {
	uint64_t flow; /* id, 0: no flow */
	struct endpoints at; /* without a flow: source and destination of the packet, as client and server */
	uint8_t reason; /* enum reason */
	uint8_t dir;    /* enum side of the sender; SIDE_NONE without a flow */
	uint8_t phase;  /* enum phase, PHASE_COUNT without a flow */
	bool monitor;   /* it passed: policy.mode is monitor */
	bool has_segment; /* seq, ack, len, flags are set */
	bool has_ack;   /* the ACK bit was set */
	uint16_t flags; /* enum tcp_flag */
	uint32_t seq, ack, len;
	uint8_t allowed; /* enum allowed */
	uint8_t limiter; /* enum limiter */
	uint32_t allowed_low, allowed_high; /* inclusive */
	uint32_t packets[2]; /* with a flow: segments accepted from each end */
	uint64_t age_ns;     /* with a flow: since its first segment */
	uint64_t suppressed; /* lines of this reason not written since the last one */
	struct header_record header; /* set by outputs, for packet-dropped */
};

#define FLOOD_TOP 4 /* source prefixes that a line names */

/* A flood mode that began or ended. */
struct flood_record {
	bool has_destination; /* else it is the whole gateway's */
	uint8_t destination[16];
	uint16_t destination_port;
	uint64_t lasted_us;     /* flood-stop */
	uint64_t asked, passed; /* flood-stop: SYNs that wanted a new flow meanwhile, and those that got it */
	uint64_t rate;          /* SYNs a second that want a new flow, of the whole gateway */
	struct {
		uint8_t address[16];
		uint8_t bits, percent; /* of these SYNs */
	} top[FLOOD_TOP];
	uint8_t top_count;
};

/* flood-start, flood-stop, source-*, table-full, visibility-lost, the daemon's own. */
struct notice_record {
	uint8_t reason;      /* source-limited, source-banned: enum reason */
	uint8_t prefix_bits; /* source-* */
	uint8_t prefix[16];  /* source-*, IPv4-mapped */
	uint64_t half_open, flows, flows_max;
	uint64_t count;      /* packets lost, events lost, ...; source-banned: seconds, 0: for ever */
	uint64_t suppressed;
	bool unjudged;       /* visibility-lost: kind=unjudged, else kind=loss */
	uint16_t queue;      /* visibility-lost */
	union {
		struct flood_record flood; /* flood-start, flood-stop */
		char text[256]; /* started, config-reloaded, config-rejected: further keys, already in logfmt */
	};
};

struct event {
	enum event_kind kind;
	uint64_t now_ns; /* monotonic, as given to the engine */
	union {
		struct flow_record flow;     /* flow-* */
		struct drop_record drop;     /* packet-dropped, packet-remarked */
		struct notice_record notice; /* all others */
	};
};

/* Where events go. emit() must not block; the event is the caller's and valid for the call only. */
struct event_sink {
	void (*emit)(void *context, const struct event *event);
	void *context;
};
