/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "input/script_check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "input/script_play.h"

#define PROBLEM_SIZE SCRIPT_ERROR_SIZE /* text of a failed test */

/* What a line did, for its expectations. */
struct outcome {
	struct decision decision;  /* of its last packet */
	unsigned accepted, dropped;
	bool counted;              /* the line expects numbers of both, or of one */
	bool has_flow;
	bool has_record;           /* there is a flow, or it closed on this line: flow is set */
	struct flow_record flow;   /* of the flow that the line names */
	uint64_t left_ns;          /* on its timer, with has_flow */
};

static uint64_t event_bit(unsigned kind)
{
	return UINT64_C(1) << kind;
}

/* The same connection, whichever end the engine takes for the client (K-2). */
static bool same_ends(const struct endpoints *a, const struct endpoints *b)
{
	const size_t size = sizeof(a->client);

	return (a->client_port == b->client_port && a->server_port == b->server_port &&
		memcmp(a->client, b->client, size) == 0 && memcmp(a->server, b->server, size) == 0) ||
	       (a->client_port == b->server_port && a->server_port == b->client_port &&
		memcmp(a->client, b->server, size) == 0 && memcmp(a->server, b->client, size) == 0);
}

static void note_event(void *context, const struct event *event)
{
	struct script_check *check = context;

	check->events.kinds |= event_bit(event->kind);
	if (event->kind != EVENT_FLOW_CLOSED)
		return;
	check->events.closed |= 1U << event->flow.close_reason;
	check->events.last = event->flow;
	for (size_t i = 0; i < check->script->flows; i++)
		if (same_ends(&check->script->flow[i].at, &event->flow.at))
			check->events.end[i] = event->flow;
}

/* The end record of the flow that the line names. NULL: it did not close on this line. */
static const struct flow_record *end_record_of(const struct script_check *check,
					       const struct script_player *player)
{
	const struct flow_record *end = &check->events.end[player->step->flow], *last = &check->events.last;

	if (end->at.family != 0 && same_ends(&end->at, &player->at))
		return end;
	return check->events.closed != 0 && same_ends(&last->at, &player->at) ? last : NULL;
}

/* Looks at the flow as it is after the line, or at its end record. */
static void look_at_flow(const struct script_check *check, const struct script_player *player,
			 struct outcome *outcome)
{
	struct packet packet = { .kind = PACKET_TCP, .has_addresses = true, .family = player->at.family,
				 .src_port = player->at.client_port, .dst_port = player->at.server_port };
	const struct flow_record *end = end_record_of(check, player);

	memcpy(packet.src, player->at.client, sizeof(packet.src));
	memcpy(packet.dst, player->at.server, sizeof(packet.dst));
	outcome->has_flow =
		engine_find(check->engine, &packet, player->now_ns, &outcome->flow, &outcome->left_ns);
	outcome->has_record = outcome->has_flow || end != NULL;
	if (!outcome->has_flow && end != NULL)
		outcome->flow = *end;
}

static uint64_t end_number(const struct end_record *end, enum script_end_field field)
{
	switch (field) {
	case END_FIELD_PACKETS:
		return end->packets;
	case END_FIELD_BYTES:
		return end->bytes;
	case END_FIELD_RETRANS:
		return end->retrans;
	case END_FIELD_OOO:
		break;
	}
	return end->ooo;
}

static const char *end_field_word(enum script_end_field field)
{
	static const char *const words[] = { "packets", "bytes", "retrans", "ooo" };

	return words[field];
}

/* "reason ack-high, remarks old-ack zero-window", or "no reason" */
static void say_reasons(struct text *problem, const struct decision *decision)
{
	text_fmt(problem, "%s",
		 decision->reason == REASON_NONE ? "no reason" : reason_word(decision->reason));
	for (unsigned i = 0; i < REASON_COUNT; i++)
		if (decision->remarks & reason_bit((enum reason)i))
			text_fmt(problem, ", remark %s", reason_word((enum reason)i));
}

static void say_events(struct text *problem, uint64_t kinds)
{
	if (kinds == 0)
		text_str(problem, "no event");
	for (unsigned i = 0; i < EVENT_COUNT; i++)
		if (kinds & event_bit(i))
			text_fmt(problem, "%s%s", kinds & (event_bit(i) - 1) ? " " : "",
				 event_word((enum event_kind)i));
}

static void say_closes(struct text *problem, unsigned closed)
{
	if (closed == 0)
		text_str(problem, "nothing closed");
	for (unsigned i = 0; i < CLOSE_COUNT; i++)
		if (closed & 1U << i)
			text_fmt(problem, "%s%s", closed & ((1U << i) - 1) ? " " : "",
				 close_word((enum close_reason)i));
}

static void check_number(struct text *problem, const char *prefix, const char *name, uint64_t expected,
			 uint64_t got)
{
	if (expected == got)
		return;
	text_fmt(problem, "%sexpected %s%s=%llu, got %llu", problem->len > 0 ? "; " : "", prefix, name,
		 (unsigned long long)expected, (unsigned long long)got);
}

/* Of every packet of the line; of the last one where counts beside it say what became of all. */
static void check_verdict(struct text *problem, const struct script_expect *expect,
			  const struct outcome *outcome)
{
	unsigned wrong = expect->number == VERDICT_DROP ? outcome->accepted : outcome->dropped;

	if (wrong == 0 || (outcome->counted && outcome->decision.verdict == expect->number))
		return;
	text_fmt(problem, "%sexpected %s, got %s (", problem->len > 0 ? "; " : "",
		 verdict_word((enum verdict)expect->number),
		 verdict_word(expect->number == VERDICT_DROP ? VERDICT_ACCEPT : VERDICT_DROP));
	say_reasons(problem, &outcome->decision);
	text_str(problem, ")");
	if (outcome->accepted + outcome->dropped > 1)
		text_fmt(problem, " for %u of %u", wrong, outcome->accepted + outcome->dropped);
}

static void check_reason(struct text *problem, const struct script_expect *expect,
			 const struct decision *decision)
{
	bool none = decision->reason == REASON_NONE && decision->remarks == 0;
	bool fits = expect->kind == EXPECT_NO_REASON ? none :
		    decision->reason == expect->number ||
		    (decision->remarks & reason_bit((enum reason)expect->number)) != 0;

	if (fits)
		return;
	text_fmt(problem, "%sexpected %s, got ", problem->len > 0 ? "; " : "",
		 expect->kind == EXPECT_NO_REASON ? "no reason" : reason_word((enum reason)expect->number));
	say_reasons(problem, decision);
}

static void check_events(struct text *problem, const struct script_expect *expect,
			 const struct script_check *check)
{
	const uint64_t packet = event_bit(EVENT_PACKET_DROPPED) | event_bit(EVENT_PACKET_REMARKED);
	uint64_t kinds = check->events.kinds | check->before;

	if (expect->kind == EXPECT_NO_EVENT && (check->events.kinds & ~packet) != 0) {
		text_fmt(problem, "%sexpected no event, got ", problem->len > 0 ? "; " : "");
		say_events(problem, check->events.kinds);
	} else if (expect->kind == EXPECT_EVENT && !(kinds & event_bit((unsigned)expect->number))) {
		text_fmt(problem, "%sexpected event %s, got ", problem->len > 0 ? "; " : "",
			 event_word((enum event_kind)expect->number));
		say_events(problem, kinds);
	} else if (expect->kind == EXPECT_CLOSED && !(check->events.closed & 1U << expect->number)) {
		text_fmt(problem, "%sexpected closed=%s, got ", problem->len > 0 ? "; " : "",
			 close_word((enum close_reason)expect->number));
		say_closes(problem, check->events.closed);
	}
}

static void check_phase(struct text *problem, const struct script_expect *expect,
			const struct outcome *outcome)
{
	enum phase phase = outcome->has_flow ? (enum phase)outcome->flow.phase : PHASE_COUNT;

	if (phase != expect->number)
		text_fmt(problem, "%sexpected phase=%s, got %s", problem->len > 0 ? "; " : "",
			 phase_word((enum phase)expect->number), phase_word(phase));
}

/* half=, timer= and the numbers of an end. */
static void check_flow(struct text *problem, const struct script_expect *expect,
		       const struct outcome *outcome)
{
	const char *separator = problem->len > 0 ? "; " : "";
	uint64_t left = outcome->left_ns;

	if (expect->kind == EXPECT_END ? !outcome->has_record : !outcome->has_flow) {
		text_fmt(problem, "%sthere is no flow", separator);
	} else if (expect->kind == EXPECT_HALF) {
		if (outcome->flow.half != expect->number)
			text_fmt(problem, "%sexpected half=%s, got %s", separator,
				 side_word((enum side)expect->number),
				 side_word((enum side)outcome->flow.half));
	} else if (expect->kind == EXPECT_TIMER) {
		if (left + NS_PER_S < expect->number || left > expect->number + NS_PER_S)
			text_fmt(problem, "%sexpected timer=%.10g, got %.10g", separator,
				 (double)expect->number / (double)NS_PER_S, (double)left / (double)NS_PER_S);
	} else {
		char prefix[16];

		snprintf(prefix, sizeof(prefix), "%s.", side_word((enum side)expect->side));
		check_number(
			problem, prefix, end_field_word((enum script_end_field)expect->which), expect->number,
			end_number(&outcome->flow.end[expect->side], (enum script_end_field)expect->which));
	}
}

static void check_totals(struct text *problem, const struct script_expect *expect,
			 const struct engine_stats *stats)
{
	if (expect->kind == EXPECT_FLOWS)
		check_number(problem, "", "flows", expect->number, stats->flows);
	else if (expect->kind == EXPECT_HALF_OPEN)
		check_number(problem, "", "half-open", expect->number, stats->half_open);
	else if (expect->kind == EXPECT_DROPS)
		check_number(problem, "", "drops", expect->number, stats->counter[COUNTER_DROPPED]);
	else if (expect->kind == EXPECT_COUNTER)
		check_number(problem, "counter.", counter_word((enum counter)expect->which), expect->number,
			     stats->counter[expect->which]);
	else if (expect->kind == EXPECT_EVENT_COUNT)
		check_number(problem, "counter.", event_word((enum event_kind)expect->which), expect->number,
			     stats->event[expect->which]);
	else
		check_number(problem, "counter.", reason_word((enum reason)expect->which), expect->number,
			     stats->reason_accepted[expect->which] + stats->reason_dropped[expect->which] +
				     stats->reason_would_drop[expect->which]);
}

static void check_one(struct text *problem, const struct script_expect *expect,
		      const struct script_check *check, const struct outcome *outcome)
{
	switch (expect->kind) {
	case EXPECT_VERDICT:
		check_verdict(problem, expect, outcome);
		break;
	case EXPECT_ACCEPTED:
		check_number(problem, "", "accepted", expect->number, outcome->accepted);
		break;
	case EXPECT_DROPPED:
		check_number(problem, "", "dropped", expect->number, outcome->dropped);
		break;
	case EXPECT_REASON:
	case EXPECT_NO_REASON:
		check_reason(problem, expect, &outcome->decision);
		break;
	case EXPECT_EVENT:
	case EXPECT_NO_EVENT:
	case EXPECT_CLOSED:
		check_events(problem, expect, check);
		break;
	case EXPECT_PHASE:
		check_phase(problem, expect, outcome);
		break;
	case EXPECT_HALF:
	case EXPECT_TIMER:
	case EXPECT_END:
		check_flow(problem, expect, outcome);
		break;
	case EXPECT_FLOWS:
	case EXPECT_HALF_OPEN:
	case EXPECT_DROPS:
	case EXPECT_REASON_COUNT:
	case EXPECT_COUNTER:
	case EXPECT_EVENT_COUNT:
		check_totals(problem, expect, engine_stats(check->engine));
		break;
	}
}

/* Lets time pass, and the item happen. */
static void play_item(struct script_check *check, const struct script_player *player, struct outcome *outcome)
{
	if (player->item == SCRIPT_ITEM_EXPECT || player->item == SCRIPT_ITEM_BROKEN)
		return;
	if (player->item == SCRIPT_ITEM_BLIND) {
		engine_blind(check->engine, player->now_ns);
		return;
	}
	engine_expire(check->engine, player->now_ns);
	if (player->item == SCRIPT_ITEM_WAIT)
		return;
	outcome->decision = engine_input(check->engine, &player->packet, player->now_ns);
	if (outcome->decision.verdict == VERDICT_DROP)
		outcome->dropped++;
	else
		outcome->accepted++;
}

static bool expects_counts(const struct script_step *step)
{
	for (unsigned i = 0; i < step->expects; i++)
		if (step->expect[i].kind == EXPECT_ACCEPTED || step->expect[i].kind == EXPECT_DROPPED)
			return true;
	return false;
}

static void judge(const struct script_check *check, const struct script_player *player,
		  struct outcome *outcome, script_result_function *result, void *context)
{
	char buffer[PROBLEM_SIZE];
	struct text problem;

	text_init(&problem, buffer, sizeof(buffer));
	if (player->item == SCRIPT_ITEM_BROKEN)
		text_str(&problem, player->step->error);
	else if (player->step->expects == 0)
		return;
	else
		look_at_flow(check, player, outcome);
	outcome->counted = expects_counts(player->step);
	for (unsigned i = 0; i < player->step->expects; i++)
		check_one(&problem, &player->step->expect[i], check, outcome);
	result(context, player->step->line, buffer);
}

/*
 * Whose events a line may speak of: its own and those of `blind` lines right before. An `expect` line lets
 * nothing happen, it speaks of the events of the line before.
 */
static void begin_line(struct script_check *check, enum script_item item, bool after_blind)
{
	struct script_events *events = &check->events;

	if (item == SCRIPT_ITEM_EXPECT || item == SCRIPT_ITEM_BROKEN)
		return;
	check->before = after_blind ? events->kinds : 0;
	memset(events->end, 0, check->script->flows * sizeof(*events->end));
	*events = (struct script_events){ .end = events->end };
}

struct event_sink script_check_sink(struct script_check *check)
{
	return (struct event_sink){ .emit = note_event, .context = check };
}

int script_check_run(struct script_check *check, script_result_function *result, void *context)
{
	struct script_player player;
	struct outcome outcome = { .accepted = 0 };
	bool first = true, blind = false;
	int more;

	check->events.end = calloc(check->script->flows, sizeof(*check->events.end));
	if (check->events.end == NULL)
		return -ENOMEM;
	script_player_init(&player, check->script);
	while ((more = script_player_next(&player)) > 0) {
		if (first) {
			outcome = (struct outcome){ .accepted = 0 };
			begin_line(check, player.item, blind);
		}
		play_item(check, &player, &outcome);
		first = player.last;
		if (!player.last)
			continue;
		if (player.item != SCRIPT_ITEM_EXPECT && player.item != SCRIPT_ITEM_BROKEN)
			blind = player.item == SCRIPT_ITEM_BLIND;
		judge(check, &player, &outcome, result, context);
	}
	script_player_fini(&player);
	free(check->events.end);
	check->events.end = NULL;
	return more;
}
