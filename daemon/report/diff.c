/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/diff.h"

#include <stdlib.h>
#include <string.h>

#include "report/address.h"
#include "report/fields.h"
#include "report/logfmt.h"

/* What became of a packet: 0 accepted, then each reason for a drop, then each for a drop that monitor mode let pass. */
#define OUTCOMES (1 + 2 * REASON_COUNT)
#define CHANGES  (OUTCOMES * OUTCOMES)

struct change {
	uint64_t packets;
	uint64_t first;      /* frame of the first one */
	struct endpoints at; /* its source and destination, as client and server */
};

struct diff {
	uint64_t frames, packets; /* packets: those that were judged */
	uint64_t dropped[2], would_drop[2]; /* before, after */
	struct change change[CHANGES]; /* outcome before * OUTCOMES + outcome after */
};

static unsigned outcome_of(const struct decision *decision)
{
	if (!decision->judged || decision->reason >= REASON_COUNT)
		return 0;
	return 1 + (unsigned)decision->reason + (decision->would_drop ? REASON_COUNT : 0);
}

static enum reason outcome_reason(unsigned outcome)
{
	return outcome == 0 ? REASON_NONE : (enum reason)((outcome - 1) % REASON_COUNT);
}

static const char *outcome_verdict(unsigned outcome)
{
	if (outcome == 0)
		return verdict_word(VERDICT_ACCEPT);
	return outcome <= REASON_COUNT ? verdict_word(VERDICT_DROP) : "would-drop";
}

static void count(struct diff *diff, int which, unsigned outcome)
{
	if (outcome > REASON_COUNT)
		diff->would_drop[which]++;
	else if (outcome > 0)
		diff->dropped[which]++;
}

static void note_first(struct change *change, uint64_t number, const struct packet *packet)
{
	change->first = number;
	if (packet == NULL || !packet->has_addresses)
		return;
	change->at.family = packet->family;
	memcpy(change->at.client, packet->src, sizeof(change->at.client));
	memcpy(change->at.server, packet->dst, sizeof(change->at.server));
	change->at.client_port = packet->src_port;
	change->at.server_port = packet->dst_port;
}

/* The verdict stays, only its reason is another one. */
static bool is_same_verdict(unsigned cell)
{
	return strcmp(outcome_verdict(cell / OUTCOMES), outcome_verdict(cell % OUTCOMES)) == 0;
}

/*
 * The cells with packets, most packets first: those whose verdict changes, or those with another reason only.
 * Returns how many; *sum is their packets. `order` has room for CHANGES.
 */
static unsigned sort_changes(const struct diff *diff, bool same_verdict, unsigned *order, uint64_t *sum)
{
	unsigned number = 0, at;

	*sum = 0;
	for (unsigned cell = 0; cell < CHANGES; cell++) {
		uint64_t packets = diff->change[cell].packets;

		if (packets == 0 || cell / OUTCOMES == cell % OUTCOMES || is_same_verdict(cell) != same_verdict)
			continue;
		*sum += packets;
		for (at = number++; at > 0 && diff->change[order[at - 1]].packets < packets; at--)
			order[at] = order[at - 1];
		order[at] = cell;
	}
	return number;
}

static void text_totals(struct text *out, const char *label, const struct diff *diff, int which, const char *name)
{
	text_fmt(out, "  %-7s%10llu dropped", label, (unsigned long long)diff->dropped[which]);
	if (diff->would_drop[which] > 0)
		text_fmt(out, "%10llu would-drop", (unsigned long long)diff->would_drop[which]);
	text_str(out, "  ");
	logfmt_printable(out, name);
	text_char(out, '\n');
}

static void text_outcome(struct text *out, unsigned outcome)
{
	text_str(out, outcome_verdict(outcome));
	if (outcome > 0)
		text_fmt(out, " %s", reason_word(outcome_reason(outcome)));
}

static void text_change(struct text *out, const struct change *change, unsigned cell)
{
	size_t from;

	text_fmt(out, "  %8llu  ", (unsigned long long)change->packets);
	from = out->len;
	text_outcome(out, cell / OUTCOMES);
	text_str(out, " -> ");
	text_outcome(out, cell % OUTCOMES);
	text_fmt(out, "%*s  first: frame %llu", out->len - from < 44 ? (int)(44 - (out->len - from)) : 0, "",
		 (unsigned long long)change->first);
	if (change->at.family != 0) {
		text_str(out, ", ");
		address_port_text(out, change->at.client, change->at.client_port);
		text_str(out, " > ");
		address_port_text(out, change->at.server, change->at.server_port);
	}
	text_char(out, '\n');
}

static void text_changes(struct text *out, const struct diff *diff, bool same_verdict, const char *heading)
{
	unsigned order[CHANGES], number;
	uint64_t sum;

	number = sort_changes(diff, same_verdict, order, &sum);
	if (number == 0 && same_verdict)
		return;
	text_fmt(out, "%s: %llu\n", heading, (unsigned long long)sum);
	for (unsigned i = 0; i < number; i++)
		text_change(out, &diff->change[order[i]], order[i]);
}

static json_t *json_change(const struct change *change, unsigned cell)
{
	unsigned before = cell / OUTCOMES, after = cell % OUTCOMES;
	bool known = change->at.family != 0;
	struct fields fields = { .object = json_object() };

	fields_number(&fields, "packets", change->packets);
	fields_word(&fields, "verdict_before", outcome_verdict(before));
	fields_word(&fields, "reason_before", reason_word(outcome_reason(before)));
	fields_word(&fields, "verdict_after", outcome_verdict(after));
	fields_word(&fields, "reason_after", reason_word(outcome_reason(after)));
	fields_number(&fields, "first_n", change->first);
	fields_endpoint(&fields, "first_source", known ? change->at.client : NULL, change->at.client_port, true);
	fields_endpoint(&fields, "first_destination", known ? change->at.server : NULL, change->at.server_port,
			true);
	return fields.object;
}

static json_t *json_changes(const struct diff *diff, bool same_verdict, uint64_t *sum)
{
	unsigned order[CHANGES], number = sort_changes(diff, same_verdict, order, sum);
	json_t *array = json_array();

	for (unsigned i = 0; i < number; i++)
		json_array_append_new(array, json_change(&diff->change[order[i]], order[i]));
	return array;
}

struct diff *diff_new(void)
{
	return calloc(1, sizeof(struct diff));
}

void diff_free(struct diff *diff)
{
	free(diff);
}

void diff_add(struct diff *diff, uint64_t number, const struct packet *packet, const struct decision *before,
	      const struct decision *after)
{
	struct change *change;
	unsigned outcome[2];

	diff->frames++;
	if (before == NULL || after == NULL)
		return;
	diff->packets += before->judged;
	outcome[0] = outcome_of(before);
	outcome[1] = outcome_of(after);
	count(diff, 0, outcome[0]);
	count(diff, 1, outcome[1]);
	if (outcome[0] == outcome[1])
		return;
	change = &diff->change[outcome[0] * OUTCOMES + outcome[1]];
	if (change->packets++ == 0)
		note_first(change, number, packet);
}

void diff_text(struct text *out, const struct diff *diff, const struct diff_names *names)
{
	if (names->file != NULL) {
		logfmt_printable(out, names->file);
		text_char(out, '\n');
	}
	text_fmt(out, "frames: %llu, judged: %llu\n", (unsigned long long)diff->frames,
		 (unsigned long long)diff->packets);
	text_totals(out, "before", diff, 0, names->before);
	text_totals(out, "after", diff, 1, names->after);
	text_changes(out, diff, false, "packets whose verdict changes");
	text_changes(out, diff, true, "the same verdict for another reason");
}

void diff_json(struct text *out, const struct diff *diff, const struct diff_names *names)
{
	uint64_t changed, other;
	json_t *changes = json_changes(diff, false, &changed), *others = json_changes(diff, true, &other);
	struct fields fields;

	fields_begin(&fields, out, true);
	fields_number(&fields, "frames", diff->frames);
	fields_number(&fields, "packets", diff->packets);
	fields_word(&fields, "before", names->before);
	fields_word(&fields, "after", names->after);
	fields_number(&fields, "dropped_before", diff->dropped[0]);
	fields_number(&fields, "dropped_after", diff->dropped[1]);
	fields_number(&fields, "would_drop_before", diff->would_drop[0]);
	fields_number(&fields, "would_drop_after", diff->would_drop[1]);
	fields_number(&fields, "changed", changed);
	json_object_set_new(fields.object, "changes", changes);
	fields_number(&fields, "other_reason", other);
	json_object_set_new(fields.object, "other_reasons", others);
	if (names->file != NULL)
		fields_word(&fields, "file", names->file);
	fields_end(&fields);
}
