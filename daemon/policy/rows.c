/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/rows.h"

struct hash_key hash_key_derive(const struct hash_key *key, uint64_t purpose)
{
	uint64_t first[2] = { purpose, 0 }, second[2] = { purpose, 1 };

	return (struct hash_key){ siphash(key, first, sizeof first), siphash(key, second, sizeof second) };
}

uint32_t hash_below(uint64_t hash, uint32_t count)
{
	return (uint32_t)(((hash & UINT32_MAX) * count) >> 32);
}

void rows_init(struct rows *rows, const struct hash_key *key, uint32_t width)
{
	for (unsigned i = 0; i < ROWS; i++)
		rows->key[i] = hash_key_derive(key, i);
	rows->width = width;
}

struct slots rows_find(const struct rows *rows, const struct subject *subject)
{
	struct slots slots;

	for (unsigned i = 0; i < ROWS; i++)
		slots.at[i] = i * rows->width +
			      hash_below(siphash(&rows->key[i], subject, sizeof *subject), rows->width);
	return slots;
}
