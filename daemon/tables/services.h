/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Services: servers by address and port for which some settings are others than the global ones. Plain values, no
 * pointers, like struct settings. config/ fills them from a file; the first that matches a server wins.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tables/settings.h"

#define SERVICES_MAX      63
#define SERVICE_ADDRESSES_MAX 32
#define SERVICE_PORTS_MAX     32
#define SERVICE_NAME_SIZE 32 /* with its NUL */

struct port_range {
	uint16_t first, last; /* host order, inclusive */
};

struct service {
	char name[SERVICE_NAME_SIZE]; /* a-z, 0-9, - and _ */
	unsigned line;                /* of the file, where it begins; 0: it is of no file, but of --set */
	unsigned addresses, ports;    /* 0: any */
	struct prefix address[SERVICE_ADDRESSES_MAX];
	struct port_range port[SERVICE_PORTS_MAX];
	int64_t reserve;              /* percent of the flow table kept free for it */
	bool own[OPTION_COUNT];       /* set by the service itself */
	struct settings settings;     /* all that holds for it */
};

/* A service is known by its number: 1 + its place in the list, 0 is whatever no service matches. */
struct services {
	unsigned count;
	struct service service[SERVICES_MAX];
};

/* May a service set this option for itself? */
bool service_may_set(enum option_id id);

/* What a service calls an option: the last name of its path. */
const char *service_key(enum option_id id);

/* Every option that a service does not set itself becomes the global one. */
void services_inherit(struct services *services, const struct settings *global);

/* What holds for a service by its number; the global settings for 0 and for numbers that are none (any more). */
static inline const struct settings *services_settings(const struct services *services,
						       const struct settings *global, unsigned number)
{
	return number == 0 || number > services->count ? global : &services->service[number - 1].settings;
}
