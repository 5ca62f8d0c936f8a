/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_clock.h"

#include <stdio.h>
#include <stdlib.h>

static void *grown(void *memory, size_t count, size_t size)
{
	memory = realloc(memory, count * size);
	if (memory == NULL) {
		perror("simulate");
		exit(2);
	}
	return memory;
}

static bool is_earlier(const struct sim_event *a, const struct sim_event *b)
{
	return a->at_ns < b->at_ns || (a->at_ns == b->at_ns && a->order < b->order);
}

static bool carries_segment(enum sim_event_kind kind)
{
	return kind == SIM_EVENT_GATEWAY || kind == SIM_EVENT_END;
}

static void sift_up(struct sim_clock *clock, size_t at)
{
	struct sim_event event = clock->heap[at];

	while (at > 0 && is_earlier(&event, &clock->heap[(at - 1) / 2])) {
		clock->heap[at] = clock->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	clock->heap[at] = event;
}

static void sift_down(struct sim_clock *clock)
{
	struct sim_event event = clock->heap[clock->count];
	size_t at = 0, child;

	for (; (child = 2 * at + 1) < clock->count; at = child) {
		if (child + 1 < clock->count && is_earlier(&clock->heap[child + 1], &clock->heap[child]))
			child++;
		if (!is_earlier(&clock->heap[child], &event))
			break;
		clock->heap[at] = clock->heap[child];
	}
	clock->heap[at] = event;
}

void sim_clock_free(struct sim_clock *clock)
{
	free(clock->heap);
	free(clock->segment);
	free(clock->spare);
}

void sim_clock_reset(struct sim_clock *clock)
{
	for (size_t i = 0; i < clock->count; i++)
		if (carries_segment(clock->heap[i].kind))
			clock->spare[clock->spares++] = clock->heap[i].what;
	clock->now_ns = clock->filed = 0;
	clock->count = 0;
}

void sim_clock_file(struct sim_clock *clock, uint64_t at_ns, enum sim_event_kind kind, enum side side, uint32_t what)
{
	if (clock->count == clock->room) {
		clock->room = clock->room * 2 + 64;
		clock->heap = grown(clock->heap, clock->room, sizeof *clock->heap);
	}
	clock->heap[clock->count] = (struct sim_event){
		.at_ns = at_ns > clock->now_ns ? at_ns : clock->now_ns,
		.order = clock->filed++,
		.kind = kind,
		.side = (uint8_t)side,
		.what = what,
	};
	sift_up(clock, clock->count++);
}

void sim_clock_file_segment(struct sim_clock *clock, uint64_t at_ns, enum sim_event_kind kind,
			    const struct sim_segment *segment)
{
	if (clock->spares == 0) {
		uint32_t slots = clock->slots * 2 + 64;

		clock->segment = grown(clock->segment, slots, sizeof *clock->segment);
		clock->spare = grown(clock->spare, slots, sizeof *clock->spare);
		while (clock->slots < slots)
			clock->spare[clock->spares++] = clock->slots++;
	}
	clock->spares--;
	clock->segment[clock->spare[clock->spares]] = *segment;
	sim_clock_file(clock, at_ns, kind, (enum side)segment->from, clock->spare[clock->spares]);
}

bool sim_clock_next(struct sim_clock *clock, struct sim_event *event, struct sim_segment *segment)
{
	if (clock->count == 0)
		return false;
	*event = clock->heap[0];
	clock->now_ns = event->at_ns;
	clock->count--;
	if (clock->count > 0)
		sift_down(clock);
	if (carries_segment(event->kind)) {
		*segment = clock->segment[event->what];
		clock->spare[clock->spares++] = event->what;
	}
	return true;
}
