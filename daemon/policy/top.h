/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which source prefixes send the most SYNs, in fixed memory whatever comes: Space-Saving (Metwally, Agrawal and El
 * Abbadi, 2005) at three lengths, those of a source, of a network, and 8 (IPv4) or 16 bits (IPv6) wider. Shared by
 * all workers; who finds it busy leaves its SYN out.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "policy/prefix.h"

#define TOP_LEVELS 3
#define TOP_ROWS   64 /* of a level: what sends more than a 64th of all is among them */
#define TOP_SHOWN  4

struct top_row {
	struct subject prefix;
	uint64_t count, error; /* between count - error and count SYNs; count 0: free */
};

struct top {
	atomic_flag busy;
	_Atomic uint64_t total;
	struct top_row row[TOP_LEVELS][TOP_ROWS];
};

/* A prefix and its share of all SYNs. */
struct top_prefix {
	uint8_t address[16];
	uint8_t bits; /* of the 128 of an IPv4-mapped or IPv6 address */
	uint8_t percent;
};

void top_init(struct top *top);
/* One SYN; random: fresh bits, by which many are counted as one in eight. */
void top_add(struct top *top, const struct settings *settings, const uint8_t src[16], uint64_t random);
/* What lies in the past counts half from now on. */
void top_halve(struct top *top);
/* Copies the rows of a level that are in use, in no order. Returns how many; *total: SYNs that they are part of. */
unsigned top_rows(struct top *top, unsigned level, struct top_row row[TOP_ROWS], uint64_t *total);
/*
 * Prefixes with at least 5 % of all SYNs, the largest first, a wider one only for what narrower ones leave. Returns
 * how many.
 */
unsigned top_list(struct top *top, struct top_prefix list[TOP_SHOWN]);
