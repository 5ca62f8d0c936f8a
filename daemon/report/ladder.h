/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The segments of flows as rows of a sequence diagram between client and server: collected here, drawn by
 * ladder_draw.h. Memory grows with the flows of a capture; the dull middle of a long flow is counted and not kept.
 * Replay only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"
#include "packet/packet.h"

enum ladder_row_kind {
	LADDER_SEGMENT,
	LADDER_ICMP,      /* an ICMP error about a segment of the flow */
	LADDER_SKIPPED,   /* `skipped` segments like those around them */
	LADDER_TIME_WAIT, /* 2MSL begins: `seconds` */
	LADDER_CLOSED,    /* the flow left the table: `close` */
	LADDER_INPUT_END, /* the input ends, the flow was still there */
};

enum ladder_verdict { LADDER_ACCEPT, LADDER_DROP, LADDER_WOULD_DROP };

struct ladder_row {
	int64_t wall_ns;        /* as in the file */
	uint64_t number;        /* frame, from 1; 0: no frame */
	char *note;             /* reason of a drop in words, or remarks; NULL: none; owned */
	uint32_t seq, ack, len; /* relative where the initial number is known */
	uint32_t raw_seq;       /* as on the wire */
	uint16_t flags;         /* enum tcp_flag */
	uint8_t kind;           /* enum ladder_row_kind */
	uint8_t verdict;        /* enum ladder_verdict */
	uint8_t dir;            /* enum side of the sender */
	uint8_t phase;          /* after it; PHASE_COUNT: none */
	uint8_t close;          /* enum close_reason */
	bool again;             /* a retransmission */
	bool late;              /* out of order */
	bool shadow;            /* a SYN on a live flow, remembered */
	const char *state[2];   /* of both ends after it, as RFC 9293 calls it; "": not known */
	uint32_t seconds;
	uint32_t skipped[2];       /* segments by sender */
	uint64_t skipped_bytes[2];
};

struct ladder {
	uint64_t flow; /* id */
	struct endpoints at;
	uint64_t started_ns; /* of the engine */
	struct ladder_row *row;
	size_t rows, room;
	unsigned dull; /* rows at the end that look alike, the skipped ones left out */
	uint32_t retrans[2], ooo[2]; /* of both ends so far */
	bool crossed;  /* both FINs were on their way at once */
};

struct ladders;

/* One frame, after the engine judged it. */
struct ladder_input {
	uint64_t number;
	int64_t wall_ns;
	const struct packet *packet;
	const struct decision *decision;
	const struct services *services;  /* by which settings are named; NULL: none */
	const struct flow_record *record; /* of its flow now; NULL: none */
	uint64_t left_ns;                 /* with record: on its timer */
};

/* only: id of the one flow to keep, whole; 0: all, long ones shortened. NULL: no memory. */
struct ladders *ladders_new(uint64_t only);
void ladders_free(struct ladders *ladders);
void ladders_add(struct ladders *ladders, const struct ladder_input *in);
/* flow-closed; at_end: because the input ended. */
void ladders_close(struct ladders *ladders, const struct flow_record *record, bool at_end);

/* False: memory ran out, rows are missing. */
bool ladders_complete(const struct ladders *ladders);
/* All, or the only one wanted, in the order of their start, *count of them; owned by ladders. */
struct ladder *const *ladders_sort(struct ladders *ladders, size_t *count);
