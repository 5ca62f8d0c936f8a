/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * True ICMP errors: now and then the network behind the gateway does not deliver a segment and says so to its sender.
 * Like every segment they are delayed, lost and repeated, but must pass the gateway.
 */
#pragma once

#include "sim_end.h"
#include "sim_excuse.h"

struct sim_random;

/* How often that happens in this run, in permille of the segments. */
uint16_t sim_icmp_draw(struct sim_random *random);
/* A segment is on its way behind the gateway. True: it is lost, an error travels back. */
bool sim_icmp_returns(struct sim *sim, const struct sim_segment *s);
/* An error arrives at the end whose segment it quotes. */
void sim_icmp_receive(struct sim *sim, struct sim_end *end, const struct sim_segment *error);
/* Its drop is no fault: what it is about is over. */
enum sim_excuse sim_icmp_excuse(struct sim *sim, const struct sim_segment *error, enum reason reason);
