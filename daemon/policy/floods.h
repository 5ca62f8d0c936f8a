/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flood mode of the whole gateway, and of single destinations (address and port), at most
 * syn_flood.destination_modes of them at once; shared by all workers. Looking up takes no lock. Whoever begins or ends
 * a destination's mode holds a flag; who finds it taken goes on, and the next SYN or second tries again.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/siphash.h"
#include "policy/flood.h"
#include "policy/prefix.h"

struct flooded; /* one destination in flood mode */

struct floods {
	struct flood gateway;
	struct hash_key key;
	struct flooded *place; /* `places` of them, owned */
	uint32_t places, most; /* most: at once */
	_Atomic uint32_t count;   /* destinations in flood mode */
	_Atomic uint32_t started; /* modes begun so far */
	_Atomic uint64_t swept_ns;
	atomic_flag busy;
};

/* One mode began or ended. */
struct flood_report {
	enum flood_change change;
	bool has_destination;
	struct subject destination; /* with has_destination; else the whole gateway */
	uint64_t lasted_ns;         /* when it ended */
	uint64_t asked, passed;     /* SYNs while it was on */
};

/* False: out of memory. */
bool floods_init(struct floods *floods, const struct hash_key *key, uint32_t most);
void floods_fini(struct floods *floods);

/* The mode of a destination that is on, or NULL. */
struct flood *floods_of(const struct floods *floods, const struct subject *destination);
bool floods_any(const struct floods *floods);

/* Moves the mode of the gateway. True: it changed. */
bool floods_update(struct floods *floods, const struct settings *settings, uint64_t half_open, uint64_t now_ns,
		   struct flood_report *report);
/* After one more half-open flow toward a destination, which has `half_open` now. True: its mode began. */
bool floods_rise(struct floods *floods, const struct settings *settings, const struct subject *destination,
		 uint64_t half_open, uint64_t now_ns, struct flood_report *report);
/*
 * Once a second, until false: one destination's mode ended. read() tells the half-open flows of a destination.
 */
bool floods_sweep(struct floods *floods, const struct settings *settings,
		  uint64_t (*read)(void *context, const struct subject *destination), void *context, uint64_t now_ns,
		  struct flood_report *report);
