/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a run is about: the kinds of both hosts, the way between them, the story; all drawn from the seed. */
#pragma once

#include "sim_end.h"

enum sim_story {
	SIM_STORY_PLAIN,
	SIM_STORY_REFUSED,       /* nobody listens, or not yet */
	SIM_STORY_SIMULTANEOUS,  /* both open */
	SIM_STORY_REOPEN,        /* the same ports again, and again */
	SIM_STORY_ROLES,         /* then the server opens toward the client */
	SIM_STORY_CLIENT_REBOOT, /* a host forgets its connection; the client opens again */
	SIM_STORY_SERVER_REBOOT,
	SIM_STORIES
};

enum sim_act { SIM_ACT_OPEN, SIM_ACT_OPEN_TOO, SIM_ACT_REBOOT, SIM_ACT_LISTEN };

struct sim_plan {
	enum sim_story story;
	enum side opener;   /* of lives after the first */
	unsigned reopens;   /* how many of them are left */
	bool open_filed;
	bool long_pauses;   /* programs idle for minutes and hours */
	bool bulk;          /* programs write much */
	uint16_t icmp_errors; /* permille of the segments that the network behind the gateway answers with an error */
};

/* Everything for the run, and its first event. */
void sim_plan_draw(struct sim *sim);
/* What the program does with a new socket. */
void sim_plan_app(struct sim *sim, struct sim_end *end);
void sim_plan_act(struct sim *sim, struct sim_end *end, enum sim_act act);
/* A socket was closed, or came to TIME-WAIT. */
void sim_plan_died(struct sim *sim, struct sim_end *end);
