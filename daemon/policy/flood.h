/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * one flood mode, of the whole gateway or of one destination, shared by all workers: on at one mark of half-open
 * flows, off once they have stayed below another for a while.
 *
 * A mode that asks SYNs to prove themselves keeps the number of half-open flows low by itself. So what it refused,
 * less what came back proven, counts as the half-open flows that the flood would make again.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tables/settings.h"

/* What changed about a mode since the caller asked last. */
enum flood_change { FLOOD_SAME, FLOOD_STARTED, FLOOD_STOPPED };

/* Half-open flows in hundredths of one: exact, without rounding. start 0: never on. */
struct flood_marks {
	uint64_t start, stop;
	uint64_t hold_ns;
	int64_t syn_sent_s; /* how long a half-open flow lives without an answer */
};

struct flood {
	_Atomic bool on;
	_Atomic uint64_t below_ns;  /* since when below the lower mark, or never */
	_Atomic uint64_t since_ns;  /* when it began */
	_Atomic uint64_t asked, passed; /* SYNs while it is on */
	_Atomic int64_t refused;    /* of these without proof, less those that came back with one, since looked_ns */
	_Atomic uint64_t looked_ns;
	_Atomic uint64_t pressure;  /* the half-open flows that they would have made */
};

struct flood_marks flood_marks_of_gateway(const struct settings *settings);
struct flood_marks flood_marks_of_destination(const struct settings *settings);

void flood_init(struct flood *flood);
bool flood_is_on(const struct flood *flood);

/* One SYN asked for a flow while the mode is on. */
void flood_count(struct flood *flood, bool passed);
/* 1: one SYN was told to prove itself; -1: one has. */
void flood_refuse(struct flood *flood, int by);

/* Moves the mode by the half-open count of now. Exactly one caller is told of each change. */
enum flood_change flood_update(struct flood *flood, const struct flood_marks *marks, uint64_t half_open,
			       uint64_t now_ns);
