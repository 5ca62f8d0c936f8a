/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forged segments among the true ones, and what they change at the gateway. Blind: one spoofed side, addresses and
 * ports known, numbers not. On the path: the numbers are known. A pair: a SYN of one side and the other side's answer
 * to it, both spoofed (S-5, S-6).
 */
#pragma once

#include <stdio.h>

#include "engine/engine.h"
#include "sim_excuse.h"
#include "sim_segment.h"

struct sim;

enum sim_attack_mode { SIM_ATTACK_NONE, SIM_ATTACK_BLIND, SIM_ATTACK_ON_PATH, SIM_ATTACK_PAIR, SIM_ATTACK_MODES };

enum sim_forgery {
	SIM_FORGE_RST,
	SIM_FORGE_SYN,
	SIM_FORGE_SYNACK,
	SIM_FORGE_FIN,
	SIM_FORGE_ACK,
	SIM_FORGE_DATA,
	SIM_FORGE_SACK,
	SIM_FORGE_ICMP,
	SIM_FORGERIES
};

/* What a forged segment did to the flow; the first that applies. */
enum sim_effect {
	SIM_EFFECT_DROPPED,
	SIM_EFFECT_NONE,    /* accepted, nothing changed */
	SIM_EFFECT_BEGAN,   /* no flow was there: it made one */
	SIM_EFFECT_OPENING, /* a SYN on a connection not answered yet, or a RST that takes it back (H-7, H-8, H-19) */
	SIM_EFFECT_REOPENING, /* the same on TIME_WAIT or CLOSED: pends beside the old flow (S-9, S-12) */
	SIM_EFFECT_REFLECTED, /* T-14: the true other end lost a FIN or RST, perhaps the echo of a forgery */
	SIM_EFFECT_CLOSING, /* a RST below the number expected, within the window, ended CLOSING or LAST_ACK */
	SIM_EFFECT_DATA,    /* it counts as data of the stream, phase and timer are as they were */
	SIM_EFFECT_LONGER,  /* the timer was re-armed, the phase is as it was */
	SIM_EFFECT_SHORTER, /* the timer was shortened */
	SIM_EFFECT_STATE,   /* the phase or the outcome changed */
	SIM_EFFECTS
};

struct sim_attack {
	enum sim_attack_mode mode;
	unsigned left;
	enum side side; /* that a blind attacker spoofs */
	/* the flow before the present forgery */
	struct flow_record record;
	uint64_t left_ns;
	bool found;
	bool syn_sent;       /* a forged SYN was accepted in this run */
	bool bad_close[2];   /* a true FIN or RST of that end was dropped in this run */
	bool breach; /* a blind forgery did what it must not */
	/* of a pair: the SYN that was sent */
	bool answers;
	struct sim_segment syn;
	/* over all runs */
	uint64_t count[SIM_ATTACK_MODES][SIM_FORGERIES][SIM_EFFECTS];
	uint64_t dropped[SIM_ATTACK_MODES][REASON_COUNT]; /* true segments, none of the excuses */
	uint64_t excused[SIM_ATTACK_MODES][SIM_EXCUSES];
	uint64_t harmed[SIM_ATTACK_MODES];  /* runs that did not end as they should have */
	uint64_t runs[SIM_ATTACK_MODES];
};

/* A run begins, with an attacker or without; the plan is drawn. */
void sim_attack_begin(struct sim *sim, bool attack);
/* One forgery, and the time of the next. */
void sim_attack_send(struct sim *sim);
/* Around the judgement of any segment. */
void sim_attack_before(struct sim *sim, const struct sim_segment *s);
void sim_attack_after(struct sim *sim, const struct sim_segment *s, const struct decision *decision);

uint64_t sim_attack_sum(const struct sim_attack *attack, enum sim_attack_mode mode, enum sim_effect effect);
/* A table of all counts. */
void sim_attack_table(const struct sim_attack *attack, FILE *out);
