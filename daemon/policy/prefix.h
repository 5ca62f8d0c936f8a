/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prefixes of addresses, IPv4 as IPv4-mapped, and what a limit counts by them. All pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tables/settings.h"

#define PREFIX_IPV4_BITS 96 /* of ::ffff:0:0/96, which stands before an IPv4 address */

/* What a limit counts: a source or network prefix (port 0), or a destination address and port. Hashed as bytes. */
struct subject {
	uint8_t address[16]; /* bits behind the prefix are 0 */
	uint16_t port;       /* host order */
	uint8_t bits;        /* 0..128 */
	uint8_t service;     /* that it is counted for; 0: for none, or for all */
};
_Static_assert(sizeof(struct subject) == 20, "no padding: a subject is hashed as bytes");

/* Does it stand for an IPv4 address? */
bool prefix_is_ipv4(const uint8_t address[16]);
/* Copies the first `bits` (0..128) of `address` to `masked`, the rest is 0. The two may be the same. */
void prefix_mask(uint8_t masked[16], const uint8_t address[16], unsigned bits);
bool prefix_contains(const struct prefix *prefix, const uint8_t address[16]);
/* Is the address in one of the prefixes of a list option? */
bool prefix_list_contains(const struct setting_list *list, const uint8_t address[16]);

/*
 * the source and the network prefix of an address by syn_flood.*_prefix4 and *_prefix6; the family by mapping.
 */
struct subject subject_of_source(const struct settings *settings, const uint8_t address[16]);
struct subject subject_of_network(const struct settings *settings, const uint8_t address[16]);
struct subject subject_of_destination(const uint8_t address[16], uint16_t port);
