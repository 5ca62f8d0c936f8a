/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/drop_sources.h"

#include <stdlib.h>
#include <string.h>

static int by_address(const void *a, const void *b)
{
	return memcmp(((const struct drop_source *)a)->address, ((const struct drop_source *)b)->address, 16);
}

static int by_drops(const void *a, const void *b)
{
	uint32_t left = ((const struct drop_source *)a)->drops, right = ((const struct drop_source *)b)->drops;

	return left == right ? by_address(a, b) : (left < right) - (left > right);
}

void drop_sources_rank(struct drop_sources *sources)
{
	uint32_t kept = 0;

	qsort(sources->source, sources->count, sizeof sources->source[0], by_address);
	for (uint32_t i = 0; i < sources->count; i++)
		if (kept > 0 && by_address(&sources->source[kept - 1], &sources->source[i]) == 0)
			sources->source[kept - 1].drops += sources->source[i].drops;
		else
			sources->source[kept++] = sources->source[i];
	sources->count = kept;
	qsort(sources->source, sources->count, sizeof sources->source[0], by_drops);
}

/* Room for half as many at least: the next time is that far off. */
static void make_room(struct drop_sources *sources)
{
	drop_sources_rank(sources);
	if (sources->count > DROP_SOURCES_MOST / 2)
		sources->count = DROP_SOURCES_MOST / 2;
}

void drop_sources_add(struct drop_sources *sources, const uint8_t address[16])
{
	struct drop_source *source;

	if (sources->count == DROP_SOURCES_MOST)
		make_room(sources);
	source = &sources->source[sources->count++];
	memcpy(source->address, address, sizeof source->address);
	source->drops = 1;
}
