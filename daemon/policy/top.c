/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/top.h"

#include <string.h>

#define SAMPLE_FROM  4096 /* SYNs from which on one in SAMPLE is looked at */
#define SAMPLE       8
#define LEAST        5    /* percent */
#define TRIES        100000
#define WIDER4       8
#define WIDER6       16

static bool take(struct top *top)
{
	return !atomic_flag_test_and_set_explicit(&top->busy, memory_order_acquire);
}

/* For the few who cannot leave it out: whoever holds it is done within a microsecond. */
static bool take_surely(struct top *top)
{
	for (unsigned i = 0; i < TRIES; i++)
		if (take(top))
			return true;
	return false;
}

static void give_back(struct top *top)
{
	atomic_flag_clear_explicit(&top->busy, memory_order_release);
}

/* bits 0: that would be everybody. */
static struct subject wider(const struct subject *network)
{
	const bool ipv4 = prefix_is_ipv4(network->address);
	const unsigned by = ipv4 ? WIDER4 : WIDER6, least = ipv4 ? PREFIX_IPV4_BITS : 0;
	struct subject subject = *network;

	subject.bits = network->bits > least + by ? (uint8_t)(network->bits - by) : 0;
	prefix_mask(subject.address, network->address, subject.bits);
	return subject;
}

/* The row of this prefix; else a free one or the smallest, which it takes over with its count as the error. */
static void count_one(struct top_row row[TOP_ROWS], const struct subject *prefix)
{
	struct top_row *least = &row[0];

	for (unsigned i = 0; i < TOP_ROWS; i++) {
		if (row[i].count != 0 && memcmp(&row[i].prefix, prefix, sizeof *prefix) == 0) {
			row[i].count++;
			return;
		}
		if (row[i].count < least->count)
			least = &row[i];
	}
	least->prefix = *prefix;
	least->error = least->count;
	least->count++;
}

void top_init(struct top *top)
{
	memset(top->row, 0, sizeof top->row);
	atomic_init(&top->total, 0);
	atomic_flag_clear(&top->busy);
}

void top_add(struct top *top, const struct settings *settings, const uint8_t src[16], uint64_t random)
{
	struct subject level[TOP_LEVELS];

	if (atomic_load_explicit(&top->total, memory_order_relaxed) >= SAMPLE_FROM && random % SAMPLE != 0)
		return;
	level[0] = subject_of_source(settings, src);
	level[1] = subject_of_network(settings, src);
	level[2] = wider(&level[1]);
	if (!take(top))
		return;
	for (unsigned i = 0; i < TOP_LEVELS; i++)
		if (level[i].bits != 0)
			count_one(top->row[i], &level[i]);
	atomic_fetch_add_explicit(&top->total, 1, memory_order_relaxed);
	give_back(top);
}

void top_halve(struct top *top)
{
	if (!take_surely(top))
		return;
	for (unsigned i = 0; i < TOP_LEVELS; i++)
		for (unsigned j = 0; j < TOP_ROWS; j++) {
			top->row[i][j].count /= 2;
			top->row[i][j].error /= 2;
		}
	atomic_store_explicit(&top->total, atomic_load_explicit(&top->total, memory_order_relaxed) / 2,
			      memory_order_relaxed);
	give_back(top);
}

static bool lies_within(const struct subject *narrow, const struct subject *wide)
{
	uint8_t masked[16];

	prefix_mask(masked, narrow->address, wide->bits);
	return narrow->bits >= wide->bits && memcmp(masked, wide->address, sizeof masked) == 0;
}

/* Percent of `total` that is this prefix's for certain, without what is listed already. */
static unsigned share_of(const struct top_row *row, uint64_t total, const struct subject listed[],
			 const unsigned share[], unsigned count)
{
	uint64_t percent = total == 0 ? 0 : (row->count - row->error) * 100 / total;

	if (percent > 100)
		percent = 100;
	for (unsigned i = 0; i < count && percent > 0; i++)
		if (lies_within(&listed[i], &row->prefix))
			percent = percent > share[i] ? percent - share[i] : 0;
	return (unsigned)percent;
}

/* All that stand out, the narrowest first: at most 20 at each of the lengths. */
static unsigned collect(const struct top *top, struct subject listed[TOP_LEVELS * TOP_ROWS],
			unsigned share[TOP_LEVELS * TOP_ROWS])
{
	uint64_t total = atomic_load_explicit(&top->total, memory_order_relaxed);
	unsigned count = 0;

	for (unsigned i = 0; i < TOP_LEVELS; i++)
		for (unsigned j = 0; j < TOP_ROWS; j++) {
			const struct top_row *row = &top->row[i][j];
			unsigned percent = row->count == 0 ? 0 : share_of(row, total, listed, share, count);

			if (percent < LEAST)
				continue;
			listed[count] = row->prefix;
			share[count++] = percent;
		}
	return count;
}

unsigned top_rows(struct top *top, unsigned level, struct top_row row[TOP_ROWS], uint64_t *total)
{
	unsigned count = 0;

	*total = 0;
	if (!take_surely(top))
		return 0;
	for (unsigned i = 0; i < TOP_ROWS; i++)
		if (top->row[level][i].count != 0)
			row[count++] = top->row[level][i];
	*total = atomic_load_explicit(&top->total, memory_order_relaxed);
	give_back(top);
	return count;
}

unsigned top_list(struct top *top, struct top_prefix list[TOP_SHOWN])
{
	struct subject listed[TOP_LEVELS * TOP_ROWS];
	unsigned share[TOP_LEVELS * TOP_ROWS], count, shown = 0;

	if (!take_surely(top))
		return 0;
	count = collect(top, listed, share);
	give_back(top);
	for (; shown < TOP_SHOWN; shown++) {
		unsigned best = 0;

		for (unsigned i = 1; i < count; i++)
			if (share[i] > share[best])
				best = i;
		if (count == 0 || share[best] == 0)
			break;
		memcpy(list[shown].address, listed[best].address, sizeof list[shown].address);
		list[shown].bits = (uint8_t)listed[best].bits;
		list[shown].percent = (uint8_t)share[best];
		share[best] = 0;
	}
	return shown;
}
