/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which rule a dropped packet broke and which setting would have let it pass, by its numbers. Pure. */
#pragma once

#include "engine/event.h"
#include "report/event_service.h"
#include "tables/settings.h"

#define REMEDY_VALUE_SIZE 24

struct remedy {
	const char *rule;                 /* rules.def */
	const struct option_info *option; /* NULL: no setting passes such a packet */
	char path[SETTING_PATH_SIZE];     /* of it, as the operator finds it in the file */
	char value[REMEDY_VALUE_SIZE];    /* that passes it, as libconfig writes it; with `higher` the largest */
	bool higher;                      /* a value between the present one and `value` may do */
	bool or_zero;                     /* a higher value may do too; 0, `value`, does in any case */
	char also[SETTING_PATH_SIZE + REMEDY_VALUE_SIZE]; /* "PATH = VALUE" to set besides; empty: nothing */
	const char *instead;              /* a sentence: what helps where no setting does; NULL: nothing known */
};

/* settings: those that hold for the server of the packet, which belongs to this service (0: none). */
void remedy_of_drop(const struct drop_record *drop, const struct settings *settings, const struct services *services,
		    unsigned service, struct remedy *remedy);
