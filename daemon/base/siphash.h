/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): the keyed hash of every table an attacker can reach.
 * The key is drawn once at start; replay and tests use a fixed one.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct hash_key {
	uint64_t k0, k1;
};

/* Hash of `size` bytes at `data` under `key`. Any size, any alignment. */
uint64_t siphash(const struct hash_key *key, const void *data, size_t size);
