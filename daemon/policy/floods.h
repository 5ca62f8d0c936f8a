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
#include "policy/proven.h"
#include "policy/top.h"

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
	_Atomic uint64_t asked;   /* SYNs that wanted a new flow so far */
	_Atomic uint64_t ticked_ns, ticked_asked, rate; /* when they were counted last, and their rate before */
	struct top top;           /* where they come from: of late, while a mode is on since it began */
	struct proven told;       /* source prefixes that were told of: the same kind of memory */
	_Atomic uint64_t calm_ns; /* where no mode is on: lines about floods are few until then */
	_Atomic uint64_t line_tat; /* of these lines */
};

/* One mode began or ended. */
struct flood_report {
	enum flood_change change;
	bool has_destination;
	struct subject destination; /* with has_destination; else the whole gateway */
	uint64_t lasted_ns;         /* when it ended */
	uint64_t asked, passed;     /* SYNs while it was on */
	uint64_t rate;              /* SYNs a second of the whole gateway, now */
	struct top_prefix top[TOP_SHOWN];
	unsigned top_count;
};

/* False: out of memory. */
bool floods_init(struct floods *floods, const struct hash_key *key, uint32_t most);
void floods_fini(struct floods *floods);

/* The mode of a destination that is on, or NULL. */
struct flood *floods_of(const struct floods *floods, const struct subject *destination);
bool floods_any(const struct floods *floods);
/* The mode of the gateway, or of this destination, is on. */
bool floods_at(const struct floods *floods, const uint8_t dst[16], uint16_t dst_port);

/* One SYN wants a new flow. */
void floods_ask(struct floods *floods, const struct settings *settings, const uint8_t src[16], uint64_t random);
/* SYNs a second that want a new flow, of the whole gateway. */
uint64_t floods_rate(const struct floods *floods, uint64_t now_ns);
/*
 * true: this source prefix is to be told of, and no other caller hears so for ten minutes. (While somebody holds
 * the flag nobody does: the next packet tries again.)
 */
bool floods_source_is_new(struct floods *floods, const uint8_t prefix[16], uint8_t bits, uint64_t now_ns);

/* E-6: a mode is on, or was within the last minute: lines that a flood multiplies are few. */
bool floods_lately(const struct floods *floods, uint64_t now_ns);
/* Then all workers share this: may one such line be written? Three at once, then one in 30 s. True: it counts. */
bool floods_take_line(struct floods *floods, uint64_t now_ns);

/* Moves the mode of the gateway. True: it changed. */
bool floods_update(struct floods *floods, const struct settings *settings, uint64_t half_open, uint64_t now_ns,
		   struct flood_report *report);
/* After one more half-open flow toward a destination, which has `half_open` now. True: its mode began. */
bool floods_rise(struct floods *floods, const struct settings *settings, const struct subject *destination,
		 uint64_t half_open, uint64_t now_ns, struct flood_report *report);
/*
 * Once a second, until false: one destination's mode ended. read() tells the half-open flows of a destination and the
 * marks that hold for it.
 */
bool floods_sweep(struct floods *floods,
		  uint64_t (*read)(void *context, const struct subject *destination, struct flood_marks *marks),
		  void *context, uint64_t now_ns, struct flood_report *report);
