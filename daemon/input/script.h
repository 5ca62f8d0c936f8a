/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scenario script (.seg): segments, ICMP errors and waits at virtual times, with what the engine must make
 * of them. script_read() parses the whole file; script_play.h turns its steps into packets, script_check.h
 * compares the engine with its expectations. Settings are applied by a function of the caller: this folder
 * stands above config/.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/event.h"
#include "packet/packet.h"
#include "tables/services.h"
#include "tables/settings.h"

#define SCRIPT_OPTION_BYTES 40 /* all TCP options of a segment */
#define SCRIPT_EXPECT_MAX   32 /* expectations of one line */
#define SCRIPT_NAME_SIZE    32 /* of a flow's name, with the NUL */
#define SCRIPT_ERROR_SIZE   2048 /* an unknown name is told with all that are allowed */

enum script_step_kind {
	SCRIPT_SEGMENT,
	SCRIPT_ICMP,
	SCRIPT_WAIT,
	SCRIPT_BLIND,  /* the engine is told that packets may have passed unjudged */
	SCRIPT_EXPECT, /* expectations only */
	SCRIPT_BROKEN, /* a line that did not parse: error says why */
};

/* One TCP segment as written, damage included. Fields that repeat walk: base + n * step. */
struct script_segment {
	uint32_t seq, seq_step, ack, ack_step;
	uint32_t len;              /* payload bytes */
	uint16_t flags;            /* enum tcp_flag, without AE: that is a bit of reserved */
	uint16_t window, urgent;
	uint8_t reserved;          /* the four bits before CWR */
	uint8_t ttl;
	uint8_t option_bytes;      /* of options, not padded yet */
	uint8_t options[SCRIPT_OPTION_BYTES];
	bool bad_checksum, not_ready, gso, more_fragments;
	int32_t doff;              /* header length field in words, -1: the true one */
	int32_t ihl;               /* IPv4 header length field in words, -1: the true one */
	int32_t fragment;          /* fragment offset in units of 8 bytes, -1: no fragment */
	int64_t truncate;          /* bytes after the IP header, -1: all */
	int64_t ip_length;         /* length field of the IP header, -1: the true one */
};

/* One ICMP or ICMPv6 error; the quoted segment's numbers. */
struct script_icmp {
	uint8_t type, code;
	uint32_t mtu;              /* 0: not given */
	enum side quoted_from;     /* sender of the quoted segment */
	uint32_t seq, seq_step, len;
	int64_t truncate;          /* bytes quoted of TCP header and payload, -1: the whole header */
};

enum script_expect_kind {
	EXPECT_VERDICT,  /* number: enum verdict */
	EXPECT_ACCEPTED, /* number: packets of a repeated step */
	EXPECT_DROPPED,
	EXPECT_REASON,   /* number: enum reason */
	EXPECT_NO_REASON,
	EXPECT_EVENT,    /* number: enum event_kind */
	EXPECT_NO_EVENT,
	EXPECT_CLOSED,   /* number: enum close_reason */
	EXPECT_PHASE,    /* number: enum phase, PHASE_COUNT: no flow */
	EXPECT_HALF,     /* number: enum side */
	EXPECT_TIMER,    /* number: nanoseconds */
	EXPECT_FLOWS,
	EXPECT_HALF_OPEN,
	EXPECT_DROPS,
	EXPECT_REASON_COUNT, /* which: enum reason */
	EXPECT_COUNTER,      /* which: enum counter */
	EXPECT_EVENT_COUNT,  /* which: enum event_kind */
	EXPECT_END,          /* side, which: enum script_end_field */
};

enum script_end_field { END_FIELD_PACKETS, END_FIELD_BYTES, END_FIELD_RETRANS, END_FIELD_OOO };

struct script_expect {
	enum script_expect_kind kind;
	uint8_t which;
	uint8_t side; /* enum side */
	uint64_t number;
};

struct script_step {
	enum script_step_kind kind;
	unsigned line;     /* of the file, from 1 */
	unsigned flow;     /* index into script.flow */
	enum side from;    /* sender */
	unsigned repeat;   /* packets, at least 1 */
	uint32_t port_step, address_step; /* of the client, a repetition */
	uint64_t at_ns;    /* of the first packet; the clock starts at 0 */
	uint64_t gap_ns;   /* between packets of a repeated step */
	union {
		struct script_segment segment;
		struct script_icmp icmp;
		char *error; /* owned */
	};
	unsigned expects;
	struct script_expect expect[SCRIPT_EXPECT_MAX];
};

struct script_flow {
	char name[SCRIPT_NAME_SIZE];
	struct endpoints at;
};

struct script {
	struct settings settings; /* the caller's, changed by the `set` lines wherever they stand */
	struct services services; /* likewise; what they do not set themselves is still to be inherited */
	struct script_step *step; /* in the order of the file */
	size_t steps;
	struct script_flow *flow; /* the first one is f1 */
	size_t flows;
	size_t tests;  /* steps that carry an expectation or are broken: lines of TAP */
	size_t broken; /* of these, lines that did not parse */
};

/* Sets one option, or the services, from text. False: `error` says why. */
typedef bool script_set_function(struct settings *settings, struct services *services, const char *path,
				 const char *value, char *error, size_t size);

/*
 * Reads the file at `path`. settings, services: those before its `set` lines. NULL: the file cannot be read, or no
 * memory; errno says which. Lines that do not parse become steps of kind SCRIPT_BROKEN.
 */
struct script *script_read(const char *path, const struct settings *settings, const struct services *services,
			   script_set_function *set);
/* The same from `size` bytes of text. NULL: no memory. */
struct script *script_parse(const char *text, size_t size, const struct settings *settings,
			    const struct services *services, script_set_function *set);
void script_free(struct script *script);
