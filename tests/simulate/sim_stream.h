/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Acknowledgements, windows and data of an open socket; called by sim_end.c. */
#pragma once

#include "sim_end.h"

/* RFC 9293 3.10.7.4, fifth check, RFC 5961 5, RFC 6675. False: the segment is not looked at any further. */
bool sim_stream_ack(struct sim *sim, struct sim_end *end, const struct sim_segment *s);
/* Seventh and eighth check: payload and FIN. */
void sim_stream_data(struct sim *sim, struct sim_end *end, const struct sim_segment *s);
