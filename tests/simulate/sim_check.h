/* SPDX-License-Identifier: GPL-2.0-or-later */
/* After a run: did the gateway tell of each life what both ends know about it? */
#pragma once

struct sim;

/* A wrong end is a failure of the run (sim_fail()). */
void sim_check(struct sim *sim);
