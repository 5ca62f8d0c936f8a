/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One event as native fields of systemd's journal: MESSAGE is the line, every key a field TCPWARDEN_KEY, so that
 * journalctl TCPWARDEN_EVENT=flow-closed TCPWARDEN_CLIENT_IP=192.0.2.1 finds it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "engine/event.h"
#include "tables/services.h"

#define JOURNAL_FIELDS 48   /* of one entry, at most */
#define JOURNAL_SIZE   8192 /* bytes of all fields but MESSAGE */

struct journal_entry {
	unsigned count;
	size_t start[JOURNAL_FIELDS + 1]; /* of each field in data, and the end of the last one */
	struct text text;
	char data[JOURNAL_SIZE];
};

/*
 * Fields of the event, each KEY=VALUE; what does not fit is left out whole. services as in report_line(), facility
 * and priority as in syslog(3).
 */
void journal_fill(struct journal_entry *entry, const struct event *event, const struct services *services,
		  int facility, int priority);

/* False: this program was built without libsystemd, or no journal takes entries here. */
bool journal_is_there(void);
bool journal_send(const struct journal_entry *entry, const char *message);
