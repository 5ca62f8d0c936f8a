/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two rows of slots under independent keys: subjects that share a slot in one row hardly share one in the
 * other, so a spoofed flood that touches every slot of one row does not limit the innocent. Buckets and
 * gauges lie in such rows.
 */
#pragma once

#include <stdint.h>

#include "base/siphash.h"
#include "policy/prefix.h"

#define ROWS 2

struct rows {
	struct hash_key key[ROWS];
	uint32_t width; /* slots of a row */
};

/* Where a subject lies: index into an array of ROWS * width, one for each row. */
struct slots {
	uint32_t at[ROWS];
};

void rows_init(struct rows *rows, const struct hash_key *key, uint32_t width);
struct slots rows_find(const struct rows *rows, const struct subject *subject);

/* A key for another purpose, as good as independent of `key`; purpose: any number. */
struct hash_key hash_key_derive(const struct hash_key *key, uint64_t purpose);
/* A number below `count` from the low 32 bits of a hash. */
uint32_t hash_below(uint64_t hash, uint32_t count);
