/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ban table (A-1 step 1, A-7): source prefixes of any length, each until a time, shared by all workers. Asking
 * takes no lock. Changing takes a short one, for which workers never wait (ban_try), other threads do. At most
 * `entries` prefixes; what a reload does to the settings leaves them alone.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/siphash.h"
#include "tables/settings.h"

#define BAN_FOREVER UINT64_MAX

enum ban_cause {
	BAN_OVERLOAD, /* ran into a limit of completed handshakes */
	BAN_OPERATOR, /* tcpwardenctl ban */
	BAN_FILE,     /* syn_flood.ban_file */
};

struct ban_entry {
	struct prefix prefix;
	enum ban_cause cause;
	uint64_t until_ns; /* monotonic, or BAN_FOREVER */
};

enum ban_result {
	BAN_ADDED,
	BAN_KNOWN, /* was there: the latest time holds */
	BAN_FULL,
	BAN_BUSY, /* ban_try() only: another thread is changing the table */
};

struct ban;

/* NULL: out of memory. key: of its hash. */
struct ban *ban_new(uint32_t entries, const struct hash_key *key);
void ban_free(struct ban *ban);

/* Is the address in a prefix of the table at now_ns? Two cache lines for each prefix length in use. */
bool ban_has(const struct ban *ban, const uint8_t address[16], uint64_t now_ns);

/* Bits of entry->prefix.address behind its length must be 0. A worker uses ban_try(). */
enum ban_result ban_add(struct ban *ban, const struct ban_entry *entry);
enum ban_result ban_try(struct ban *ban, const struct ban_entry *entry);
/* False: this very prefix is not there. */
bool ban_remove(struct ban *ban, const struct prefix *prefix);

/*
 * The file was read (again): its prefixes are banned for ever, those that only an earlier reading had are not: for
 * them holds what others said, before the file or while it named them.
 */
void ban_set_file(struct ban *ban, const struct prefix *prefix, uint32_t count);

/* Prefixes in the table, those that ran out and were not taken out yet included. */
uint32_t ban_count(const struct ban *ban);
uint32_t ban_most(const struct ban *ban);

/*
 * The next entry from *cursor on (0 at first), in no order; not for workers. False: no more. What comes and goes
 * meanwhile is met or not.
 */
bool ban_walk(struct ban *ban, uint32_t *cursor, struct ban_entry *entry);

/*
 * Takes an entry out that ran out by now_ns and returns it in *released: source-released is due. Looks at a bounded
 * part of the table at a call. False: none found, or another thread is at it.
 */
bool ban_expire(struct ban *ban, uint64_t now_ns, struct ban_entry *released);
/* Some entry has a time at which it runs out. */
bool ban_is_timed(const struct ban *ban);
