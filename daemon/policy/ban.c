/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/ban.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/units.h"
#include "policy/prefix.h"
#include "policy/rows.h"

#define WAYS         16                 /* slots of a set */
#define CHOICES      2                  /* sets a prefix may lie in: the emptier one takes it */
#define LENGTHS      129                /* of a prefix: 0..128 */
#define WORDS        3                  /* of one bit a length */
#define EXPIRE_SLICE (UINT32_C(1) << 16) /* slots looked at for entries that ran out */
#define NEVER        UINT64_MAX

/* What ban_has() reads of an entry. Written under the lock. */
struct slot {
	_Atomic uint64_t tag; /* hash of the prefix, 0: empty */
	_Atomic uint64_t until_ns;
};

/* The rest of it. Under the lock. */
struct detail {
	struct prefix prefix;
	uint64_t own_until_ns; /* what others than the file said; 0: nothing */
	uint8_t own_cause;     /* with that */
	bool in_file;          /* banned for ever while it is */
	bool stale;            /* in_file, not met in it again yet */
};

struct ban {
	struct hash_key key;
	struct slot *slot; /* WAYS * sets, owned */
	struct detail *detail;
	uint32_t sets, most;
	_Atomic uint64_t present[WORDS]; /* one bit a length that is in use */
	_Atomic uint32_t count;
	_Atomic uint64_t next_ns; /* no entry runs out before; NEVER: none does */
	atomic_flag busy;
	/* under the lock: */
	uint32_t length[LENGTHS]; /* entries of each */
	uint32_t cursor;          /* of ban_expire() */
	uint64_t coming_ns;       /* first to run out of what its present round has met */
};

/* Where a prefix is or may lie. */
struct place {
	uint64_t tag;
	uint32_t set[CHOICES];
};

static struct place place_of(const struct ban *ban, const uint8_t address[16], unsigned bits)
{
	struct subject subject = { .bits = (uint8_t)bits };
	struct place place;
	uint64_t hash;

	prefix_mask(subject.address, address, bits);
	hash = siphash(&ban->key, &subject, sizeof subject);
	place.tag = hash != 0 ? hash : 1;
	place.set[0] = hash_below(hash, ban->sets);
	place.set[1] = hash_below(hash >> 32, ban->sets);
	return place;
}

/* Slot of the place's prefix, or NULL. */
static struct slot *find(const struct ban *ban, const struct place *place)
{
	for (unsigned c = 0; c < CHOICES; c++) {
		struct slot *set = &ban->slot[(size_t)place->set[c] * WAYS];

		for (unsigned i = 0; i < WAYS; i++)
			if (atomic_load_explicit(&set[i].tag, memory_order_acquire) == place->tag)
				return &set[i];
	}
	return NULL;
}

static bool holds(const struct ban *ban, const uint8_t address[16], unsigned bits, uint64_t now_ns)
{
	struct place place = place_of(ban, address, bits);
	struct slot *slot = find(ban, &place);
	uint64_t until_ns;

	if (slot == NULL)
		return false;
	until_ns = atomic_load_explicit(&slot->until_ns, memory_order_acquire);
	/* the slot may have gone to another prefix meanwhile */
	return atomic_load_explicit(&slot->tag, memory_order_relaxed) == place.tag && now_ns < until_ns;
}

static bool try_lock(struct ban *ban)
{
	return !atomic_flag_test_and_set_explicit(&ban->busy, memory_order_acquire);
}

static void lock(struct ban *ban)
{
	while (!try_lock(ban))
		;
}

static void unlock(struct ban *ban)
{
	atomic_flag_clear_explicit(&ban->busy, memory_order_release);
}

static struct detail *detail_of(const struct ban *ban, const struct slot *slot)
{
	return &ban->detail[slot - ban->slot];
}

static void count_length(struct ban *ban, unsigned bits, uint32_t change)
{
	uint64_t bit = UINT64_C(1) << bits % 64;

	ban->length[bits] += change;
	if (ban->length[bits] != 0)
		atomic_fetch_or_explicit(&ban->present[bits / 64], bit, memory_order_release);
	else
		atomic_fetch_and_explicit(&ban->present[bits / 64], ~bit, memory_order_release);
	atomic_fetch_add_explicit(&ban->count, change, memory_order_relaxed);
}

static void take_out(struct ban *ban, struct slot *slot)
{
	atomic_store_explicit(&slot->tag, 0, memory_order_release);
	count_length(ban, detail_of(ban, slot)->prefix.bits, UINT32_MAX);
}

/* The slot to write: a free one of the emptier set, or NULL. */
static struct slot *free_slot(const struct ban *ban, const struct place *place)
{
	struct slot *best = NULL;
	unsigned most = 0;

	for (unsigned c = 0; c < CHOICES; c++) {
		struct slot *set = &ban->slot[(size_t)place->set[c] * WAYS], *first = NULL;
		unsigned empty = 0;

		for (unsigned i = 0; i < WAYS; i++)
			if (atomic_load_explicit(&set[i].tag, memory_order_relaxed) == 0) {
				empty++;
				first = first == NULL ? &set[i] : first;
			}
		if (empty > most) {
			most = empty;
			best = first;
		}
	}
	return best;
}

static void note_end(struct ban *ban, uint64_t until_ns)
{
	if (until_ns < atomic_load_explicit(&ban->next_ns, memory_order_relaxed))
		atomic_store_explicit(&ban->next_ns, until_ns, memory_order_relaxed);
	ban->coming_ns = min_u64(ban->coming_ns, until_ns);
}

/* Until the latest of all who banned it. */
static void set_end(struct ban *ban, struct slot *slot)
{
	const struct detail *detail = detail_of(ban, slot);
	uint64_t until_ns = detail->in_file ? BAN_FOREVER : detail->own_until_ns;

	atomic_store_explicit(&slot->until_ns, until_ns, memory_order_release);
	note_end(ban, until_ns);
}

static void join(struct detail *detail, const struct ban_entry *entry)
{
	if (entry->cause == BAN_FILE) {
		detail->in_file = true;
		detail->stale = false;
	} else if (entry->until_ns >= detail->own_until_ns) {
		if (detail->own_until_ns == 0 || entry->cause >= detail->own_cause)
			detail->own_cause = (uint8_t)entry->cause;
		detail->own_until_ns = entry->until_ns;
	}
}

/* The file no longer names it. */
static void leave_file(struct ban *ban, struct slot *slot)
{
	struct detail *detail = detail_of(ban, slot);

	detail->in_file = detail->stale = false;
	if (detail->own_until_ns == 0)
		take_out(ban, slot);
	else
		set_end(ban, slot);
}

static struct ban_entry entry_of(const struct ban *ban, const struct slot *slot)
{
	const struct detail *detail = detail_of(ban, slot);

	return (struct ban_entry){ detail->prefix, detail->in_file ? BAN_FILE : (enum ban_cause)detail->own_cause,
				   atomic_load_explicit(&slot->until_ns, memory_order_relaxed) };
}

static enum ban_result add_locked(struct ban *ban, const struct ban_entry *entry)
{
	struct place place = place_of(ban, entry->prefix.address, entry->prefix.bits);
	struct slot *slot = find(ban, &place);
	bool known = slot != NULL;

	if (!known && ban_count(ban) < ban->most)
		slot = free_slot(ban, &place);
	if (slot == NULL)
		return BAN_FULL;
	if (!known)
		*detail_of(ban, slot) = (struct detail){ .prefix = entry->prefix };
	join(detail_of(ban, slot), entry);
	set_end(ban, slot);
	atomic_store_explicit(&slot->tag, place.tag, memory_order_release);
	if (!known)
		count_length(ban, entry->prefix.bits, 1);
	return known ? BAN_KNOWN : BAN_ADDED;
}

struct ban *ban_new(uint32_t entries, const struct hash_key *key)
{
	struct ban *ban = calloc(1, sizeof *ban);

	if (ban == NULL)
		return NULL;
	ban->key = *key;
	ban->most = entries;
	ban->sets = entries * 2 / WAYS + 1; /* half full at most: the emptier of two sets has room */
	ban->slot = calloc((size_t)ban->sets * WAYS, sizeof *ban->slot);
	ban->detail = calloc((size_t)ban->sets * WAYS, sizeof *ban->detail);
	ban->next_ns = ban->coming_ns = NEVER;
	atomic_flag_clear(&ban->busy);
	if (ban->slot != NULL && ban->detail != NULL)
		return ban;
	ban_free(ban);
	return NULL;
}

void ban_free(struct ban *ban)
{
	if (ban == NULL)
		return;
	free(ban->slot);
	free(ban->detail);
	free(ban);
}

bool ban_has(const struct ban *ban, const uint8_t address[16], uint64_t now_ns)
{
	/* shorter prefixes are IPv6's: they hold no IPv4 address */
	unsigned least = prefix_is_ipv4(address) ? PREFIX_IPV4_BITS : 0;

	for (unsigned word = least / 64; word < WORDS; word++) {
		uint64_t left = atomic_load_explicit(&ban->present[word], memory_order_acquire);

		for (; left != 0; left &= left - 1) {
			unsigned bits = word * 64 + (unsigned)__builtin_ctzll(left);

			if (bits >= least && holds(ban, address, bits, now_ns))
				return true;
		}
	}
	return false;
}

enum ban_result ban_add(struct ban *ban, const struct ban_entry *entry)
{
	enum ban_result result;

	lock(ban);
	result = add_locked(ban, entry);
	unlock(ban);
	return result;
}

enum ban_result ban_try(struct ban *ban, const struct ban_entry *entry)
{
	enum ban_result result;

	if (!try_lock(ban))
		return BAN_BUSY;
	result = add_locked(ban, entry);
	unlock(ban);
	return result;
}

bool ban_remove(struct ban *ban, const struct prefix *prefix)
{
	struct place place = place_of(ban, prefix->address, prefix->bits);
	struct slot *slot;

	lock(ban);
	slot = find(ban, &place);
	if (slot != NULL)
		take_out(ban, slot);
	unlock(ban);
	return slot != NULL;
}

/* Marks every entry of the file, or takes those out that still are marked. */
static void visit_file(struct ban *ban, bool mark)
{
	for (size_t i = 0; i < (size_t)ban->sets * WAYS; i++) {
		struct detail *detail = &ban->detail[i];

		if (atomic_load_explicit(&ban->slot[i].tag, memory_order_relaxed) == 0 || !detail->in_file)
			continue;
		if (mark)
			detail->stale = true;
		else if (detail->stale)
			leave_file(ban, &ban->slot[i]);
	}
}

void ban_set_file(struct ban *ban, const struct prefix *prefix, uint32_t count)
{
	/* Not one long lock: workers could ban nobody meanwhile. The old ones go first, they may have to make room. */
	lock(ban);
	visit_file(ban, true);
	unlock(ban);
	for (uint32_t i = 0; i < count; i++) {
		struct place place = place_of(ban, prefix[i].address, prefix[i].bits);
		struct slot *slot;

		lock(ban);
		slot = find(ban, &place);
		if (slot != NULL)
			detail_of(ban, slot)->stale = false;
		unlock(ban);
	}
	lock(ban);
	visit_file(ban, false);
	unlock(ban);
	for (uint32_t i = 0; i < count; i++)
		ban_add(ban, &(struct ban_entry){ prefix[i], BAN_FILE, BAN_FOREVER });
}

uint32_t ban_count(const struct ban *ban)
{
	return atomic_load_explicit(&ban->count, memory_order_relaxed);
}

uint32_t ban_most(const struct ban *ban)
{
	return ban->most;
}

bool ban_walk(struct ban *ban, uint32_t *cursor, struct ban_entry *entry)
{
	bool found = false;

	lock(ban);
	for (; !found && *cursor < ban->sets * WAYS; ++*cursor) {
		const struct slot *slot = &ban->slot[*cursor];

		if (atomic_load_explicit(&slot->tag, memory_order_relaxed) == 0)
			continue;
		*entry = entry_of(ban, slot);
		found = true;
	}
	unlock(ban);
	return found;
}

/* A round through the table, `most` slots of it. */
static bool expire_locked(struct ban *ban, uint64_t now_ns, uint32_t most, struct ban_entry *released)
{
	if (ban->cursor == 0)
		ban->coming_ns = NEVER;
	for (; ban->cursor < ban->sets * WAYS && most > 0; ban->cursor++, most--) {
		struct slot *slot = &ban->slot[ban->cursor];
		uint64_t until_ns = atomic_load_explicit(&slot->until_ns, memory_order_relaxed);

		if (atomic_load_explicit(&slot->tag, memory_order_relaxed) == 0)
			continue;
		if (until_ns > now_ns) {
			ban->coming_ns = min_u64(ban->coming_ns, until_ns);
			continue;
		}
		*released = entry_of(ban, slot);
		take_out(ban, slot);
		return true;
	}
	if (ban->cursor >= ban->sets * WAYS) { /* the round is over */
		atomic_store_explicit(&ban->next_ns, ban->coming_ns, memory_order_relaxed);
		ban->cursor = 0;
	}
	return false;
}

bool ban_expire(struct ban *ban, uint64_t now_ns, struct ban_entry *released)
{
	bool found;

	if (now_ns < atomic_load_explicit(&ban->next_ns, memory_order_relaxed) || !try_lock(ban))
		return false;
	found = expire_locked(ban, now_ns, EXPIRE_SLICE, released);
	unlock(ban);
	return found;
}

bool ban_is_timed(const struct ban *ban)
{
	return atomic_load_explicit(&ban->next_ns, memory_order_relaxed) != NEVER;
}
