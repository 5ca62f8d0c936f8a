/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/ladder.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "report/ladder_state.h"
#include "report/packet_reason.h"

#define KEPT      3 /* rows of a dull stretch that stay at either end of it */
#define NOTE_SIZE 512

struct ladders {
	uint64_t only;
	void *by_flow;            /* tree of struct ladder, by id */
	struct ladder **ladder;   /* in the order in which they came */
	size_t count, room;
	struct isn_table *isns;
	uint64_t replaced;        /* flow that ended with the present packet, 0: none */
	bool lost;
};

static int by_id(const void *a, const void *b)
{
	uint64_t one = ((const struct ladder *)a)->flow, other = ((const struct ladder *)b)->flow;

	return one < other ? -1 : one > other;
}

static int by_start(const void *a, const void *b)
{
	const struct ladder *one = *(struct ladder *const *)a, *other = *(struct ladder *const *)b;

	if (one->started_ns != other->started_ns)
		return one->started_ns < other->started_ns ? -1 : 1;
	return by_id(one, other);
}

static struct ladder *find(const struct ladders *ladders, uint64_t flow)
{
	const struct ladder key = { .flow = flow };
	struct ladder *const *node = tfind(&key, &ladders->by_flow, by_id);

	return node != NULL ? *node : NULL;
}

/* Room for one more element. False: no memory. */
static bool make_room(void *array, size_t count, size_t *room, size_t size)
{
	void **data = array;
	void *grown;

	if (count < *room)
		return true;
	grown = reallocarray(*data, *room == 0 ? 8 : *room * 2, size);
	if (grown == NULL)
		return false;
	*data = grown;
	*room = *room == 0 ? 8 : *room * 2;
	return true;
}

/* NULL: no memory. */
static struct ladder *begin(struct ladders *ladders, const struct decision *decision, uint64_t started_ns)
{
	struct ladder *ladder = calloc(1, sizeof(*ladder));

	if (ladder == NULL)
		return NULL;
	ladder->flow = decision->flow_id;
	ladder->at = decision->at;
	ladder->started_ns = started_ns;
	if (!make_room(&ladders->ladder, ladders->count, &ladders->room, sizeof(struct ladder *)) ||
	    tsearch(ladder, &ladders->by_flow, by_id) == NULL) {
		free(ladder);
		return NULL;
	}
	ladders->ladder[ladders->count++] = ladder;
	return ladder;
}

/* The next row, empty; the last one says in which states it is. NULL: no memory. */
static struct ladder_row *append(struct ladder *ladder, enum ladder_row_kind kind)
{
	static const struct ladder_row nothing = { .phase = PHASE_COUNT, .state = { "", "" } };
	const struct ladder_row *before;
	struct ladder_row *row;

	if (!make_room(&ladder->row, ladder->rows, &ladder->room, sizeof(*ladder->row)))
		return NULL;
	row = &ladder->row[ladder->rows];
	before = ladder->rows > 0 ? row - 1 : &nothing;
	*row = (struct ladder_row){ .kind = (uint8_t)kind, .wall_ns = before->wall_ns, .phase = before->phase,
				    .close = CLOSE_NONE, .state = { before->state[0], before->state[1] } };
	ladder->rows++;
	return row;
}

/* Nothing about it that the row before does not say. */
static bool is_dull(const struct ladder *ladder)
{
	const struct ladder_row *row = &ladder->row[ladder->rows - 1];

	if (ladder->rows < 2 || row->kind != LADDER_SEGMENT || row->verdict != LADDER_ACCEPT)
		return false;
	return row->note == NULL && !row->again && !row->late && row->phase == row[-1].phase &&
	       strcmp(row->state[0], row[-1].state[0]) == 0 && strcmp(row->state[1], row[-1].state[1]) == 0;
}

static void skip(struct ladder_row *into, const struct ladder_row *row)
{
	into->skipped[row->dir]++;
	into->skipped_bytes[row->dir] += row->len;
}

/*
 * After a dull row: of a stretch of them only the first and the last few stay. The first one that goes becomes the
 * row that counts the others; it keeps its place before the last few.
 */
static void shorten(struct ladder *ladder)
{
	struct ladder_row *going;

	if (ladder->dull <= 2 * KEPT)
		return;
	going = &ladder->row[ladder->rows - 1 - KEPT];
	if (going[-1].kind != LADDER_SKIPPED) {
		struct ladder_row skipped = { .kind = LADDER_SKIPPED, .phase = going->phase, .wall_ns = going->wall_ns,
					      .close = CLOSE_NONE, .state = { going->state[0], going->state[1] } };

		skip(&skipped, going);
		*going = skipped;
		ladder->dull--;
		return;
	}
	skip(&going[-1], going);
	memmove(going, going + 1, KEPT * sizeof(*going));
	ladder->rows--;
	ladder->dull--;
}

static char *remarks_text(reason_set remarks)
{
	char note[NOTE_SIZE];
	struct text text;

	if (remarks == 0)
		return NULL;
	text_init(&text, note, sizeof(note));
	for (enum reason reason = 0; reason < REASON_COUNT; reason++)
		if (remarks & reason_bit(reason))
			text_fmt(&text, "%s%s", text.len > 0 ? ", " : "", reason_word(reason));
	return strdup(note);
}

static char *reason_note(const struct ladder_input *in, struct packet_base base)
{
	char note[NOTE_SIZE];
	struct text text;

	text_init(&text, note, sizeof(note));
	packet_reason_text(&text, in->packet, in->decision, in->services, base);
	return strdup(note);
}

static void fill_segment(struct ladders *ladders, struct ladder_row *row, const struct ladder_input *in)
{
	const struct segment *segment = &in->packet->segment;
	const struct decision *decision = in->decision;
	struct packet_base base;

	packet_base_learn(ladders->isns, in->packet, decision);
	base = packet_base_find(ladders->isns, decision);
	row->wall_ns = in->wall_ns;
	row->number = in->number;
	row->dir = decision->dir == SIDE_SERVER ? SIDE_SERVER : SIDE_CLIENT;
	row->phase = (uint8_t)decision->phase;
	row->shadow = decision->remarks & reason_bit(REASON_SHADOW_SYN);
	if (row->kind == LADDER_SEGMENT) {
		row->flags = segment->flags;
		row->raw_seq = segment->seq;
		row->seq = segment->seq - base.own;
		row->ack = segment->ack - base.peer;
		row->len = segment->len;
	}
	if (decision->reason < REASON_COUNT) {
		row->verdict = decision->would_drop ? LADDER_WOULD_DROP : LADDER_DROP;
		row->note = reason_note(in, base);
	} else {
		row->note = remarks_text(decision->remarks & ~reason_bit(REASON_SYN_RETRANSMIT));
		row->again = decision->remarks & reason_bit(REASON_SYN_RETRANSMIT);
	}
}

/* What the flow says after an accepted segment: states, and whether it counted as sent again or out of order. */
static void fill_states(struct ladder *ladder, struct ladder_row *row, const struct flow_record *record)
{
	const struct end_record *sender = &record->end[row->dir];

	ladder->crossed |= record->phase == PHASE_CLOSING;
	for (enum side side = SIDE_CLIENT; side <= SIDE_SERVER; side++)
		row->state[side] = ladder_state(record, side, ladder->crossed);
	if (row->verdict == LADDER_ACCEPT) {
		row->again |= sender->retrans > ladder->retrans[row->dir];
		row->late = sender->ooo > ladder->ooo[row->dir];
	}
	ladder->retrans[row->dir] = sender->retrans;
	ladder->ooo[row->dir] = sender->ooo;
}

/* The SYN that was remembered on the old flow begins the new one. */
static bool take_shadow(struct ladders *ladders, struct ladder *ladder)
{
	const struct ladder *old = find(ladders, ladders->replaced);
	struct ladder_row *row;

	for (size_t n = old != NULL ? old->rows : 0; n > 0; n--) {
		if (!old->row[n - 1].shadow)
			continue;
		row = append(ladder, LADDER_SEGMENT);
		if (row == NULL)
			return false;
		*row = old->row[n - 1];
		row->note = NULL;
		row->shadow = false;
		row->dir = SIDE_CLIENT;
		row->seq = row->ack = 0;
		row->phase = PHASE_SYN_SENT;
		row->state[SIDE_CLIENT] = "SYN-SENT";
		row->state[SIDE_SERVER] = "";
		isn_table_learn(ladders->isns, ladder->flow, SIDE_CLIENT, row->raw_seq);
		return true;
	}
	return true;
}

/* The ladder of the packet's flow. NULL: it is not drawn, or no memory (then `lost` is set). */
static struct ladder *ladder_of(struct ladders *ladders, const struct ladder_input *in)
{
	const struct decision *decision = in->decision;
	bool shadow = decision->remarks & reason_bit(REASON_SHADOW_SYN);
	struct ladder *ladder;

	/* Of the other flows a shadow SYN stays: it may begin the one that is wanted. */
	if (ladders->only != 0 && decision->flow_id != ladders->only && !shadow)
		return NULL;
	ladder = find(ladders, decision->flow_id);
	if (ladder != NULL)
		return ladder;
	ladder = begin(ladders, decision, in->record != NULL ? in->record->started_ns : UINT64_MAX);
	if (ladder == NULL || (ladders->replaced != 0 && !take_shadow(ladders, ladder)))
		ladders->lost = true;
	return ladder;
}

/* After the segment that ended the connection: how long the flow stays. */
static bool add_time_wait(struct ladder *ladder, enum phase before, uint64_t left_ns)
{
	struct ladder_row *row = &ladder->row[ladder->rows - 1];

	if (row->phase != PHASE_TIME_WAIT || before == PHASE_TIME_WAIT || row->kind != LADDER_SEGMENT)
		return true;
	row = append(ladder, LADDER_TIME_WAIT);
	if (row == NULL)
		return false;
	row->seconds = (uint32_t)((left_ns + NS_PER_S / 2) / NS_PER_S);
	return true;
}

/* False: no memory. */
static bool add_row(struct ladders *ladders, struct ladder *ladder, const struct ladder_input *in)
{
	struct ladder_row *row =
		append(ladder, in->packet->kind == PACKET_TCP ? LADDER_SEGMENT : LADDER_ICMP);
	enum phase before;

	if (row == NULL)
		return false;
	before = row->phase;
	fill_segment(ladders, row, in);
	if (in->record != NULL)
		fill_states(ladder, row, in->record);
	ladder->dull = is_dull(ladder) ? ladder->dull + 1 : 0;
	if (ladders->only == 0)
		shorten(ladder);
	return add_time_wait(ladder, before, in->left_ns);
}

static void forget_node(void *node)
{
	(void)node; /* the array owns the ladders */
}

struct ladders *ladders_new(uint64_t only)
{
	struct ladders *ladders = calloc(1, sizeof(*ladders));

	if (ladders == NULL)
		return NULL;
	ladders->only = only;
	ladders->isns = isn_table_new();
	if (ladders->isns != NULL)
		return ladders;
	free(ladders);
	return NULL;
}

void ladders_free(struct ladders *ladders)
{
	if (ladders == NULL)
		return;
	tdestroy(ladders->by_flow, forget_node);
	for (size_t i = 0; i < ladders->count; i++) {
		for (size_t n = 0; n < ladders->ladder[i]->rows; n++)
			free(ladders->ladder[i]->row[n].note);
		free(ladders->ladder[i]->row);
		free(ladders->ladder[i]);
	}
	free(ladders->ladder);
	isn_table_free(ladders->isns);
	free(ladders);
}

void ladders_add(struct ladders *ladders, const struct ladder_input *in)
{
	struct ladder *ladder;

	if (in->decision->has_flow) {
		ladder = ladder_of(ladders, in);
		if (ladder != NULL && !add_row(ladders, ladder, in))
			ladders->lost = true;
	}
	ladders->replaced = 0;
}

void ladders_close(struct ladders *ladders, const struct flow_record *record, bool at_end)
{
	struct ladder *ladder = find(ladders, record->id);
	struct ladder_row *row;

	ladders->replaced = record->id;
	if (ladder == NULL)
		return;
	row = append(ladder, at_end ? LADDER_INPUT_END : LADDER_CLOSED);
	if (row != NULL)
		row->close = record->close_reason;
	else
		ladders->lost = true;
}

bool ladders_complete(const struct ladders *ladders)
{
	return !ladders->lost;
}

struct ladder *const *ladders_sort(struct ladders *ladders, size_t *count)
{
	*count = ladders->count;
	if (ladders->count > 1)
		qsort(ladders->ladder, ladders->count, sizeof(struct ladder *), by_start);
	if (ladders->only == 0)
		return ladders->ladder;
	*count = 0;
	for (size_t i = 0; i < ladders->count; i++)
		if (ladders->ladder[i]->flow == ladders->only) {
			*count = 1;
			return &ladders->ladder[i];
		}
	return NULL;
}
