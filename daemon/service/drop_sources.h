/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who sends what is dropped: counts by address in fixed memory, however many drops there are. When it is full, the
 * half that sent the least makes room for others.
 */
#pragma once

#include <stdint.h>

#define DROP_SOURCES_MOST 8192 /* addresses: 160 KiB an answer */

struct drop_source {
	uint8_t address[16];
	uint32_t drops;
};

struct drop_sources {
	uint32_t count;
	struct drop_source source[DROP_SOURCES_MOST]; /* an address may stand here more than once */
};

/* One drop. */
void drop_sources_add(struct drop_sources *sources, const uint8_t address[16]);

/* Each address once, the one with the most drops first. */
void drop_sources_rank(struct drop_sources *sources);
