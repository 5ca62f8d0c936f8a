/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <stddef.h>

#include "main/dump_parts.h"
#include "tables/tables.h"
#include "tcp/conn.h"

/* What a segment moves: its sender by a SYN or FIN, the other end by an acknowledgement. */
enum moves { MOVES_SENDER = 1, MOVES_OTHER = 2, MOVES_BOTH = 3 };

#define LABELS 10

/* Indexed by label_of(). */
static const char *const labels[LABELS] = {
	"> SYN", "> FIN", "> ACK", "> SYN+ACK", "> FIN+ACK",
	"< SYN", "< FIN", "< ACK", "< SYN+ACK", "< FIN+ACK",
};

/* The segments that lead from one phase to another, a bit for each of labels[]. */
struct edges {
	unsigned by[PHASE_COUNT][PHASE_COUNT];
};

static unsigned label_of(enum side sender, enum end_state before, enum moves moves)
{
	unsigned fin = before == END_NONE ? 0 : 1;
	unsigned base = sender == SIDE_CLIENT ? 0 : LABELS / 2;

	if (moves == MOVES_OTHER)
		return base + 2;
	return base + fin + (moves == MOVES_BOTH ? 3 : 0);
}

/* A SYN is sent from NONE, a FIN from OPEN; SYN_SENT and FIN_SENT wait for an acknowledgement. */
static bool may_move(const enum end_state ends[2], enum side sender, enum moves moves)
{
	enum end_state mine = ends[sender], other = ends[side_other(sender)];

	if ((moves & MOVES_SENDER) && mine != END_NONE && mine != END_OPEN)
		return false;
	return !(moves & MOVES_OTHER) || other == END_SYN_SENT || other == END_FIN_SENT;
}

static void add_edge(struct edges *edges, const enum end_state ends[2], enum side sender, enum moves moves)
{
	enum end_state next[2] = { ends[SIDE_CLIENT], ends[SIDE_SERVER] };
	enum side other = side_other(sender);
	enum phase from, to;

	if (!may_move(ends, sender, moves))
		return;
	next[sender] = (enum end_state)(next[sender] + ((moves & MOVES_SENDER) != 0));
	next[other] = (enum end_state)(next[other] + ((moves & MOVES_OTHER) != 0));
	from = tcp_phase_of(ends[SIDE_CLIENT], ends[SIDE_SERVER]);
	to = tcp_phase_of(next[SIDE_CLIENT], next[SIDE_SERVER]);
	if (from == PHASE_COUNT || to == PHASE_COUNT || from == to)
		return;
	edges->by[from][to] |= 1u << label_of(sender, ends[sender], moves);
}

static void add_pair(struct edges *edges, enum end_state client, enum end_state server)
{
	const enum end_state ends[2] = { client, server };

	for (enum moves moves = MOVES_SENDER; moves <= MOVES_BOTH; moves++) {
		add_edge(edges, ends, SIDE_CLIENT, moves);
		add_edge(edges, ends, SIDE_SERVER, moves);
	}
}

static void print_edge(FILE *out, const struct edges *edges, enum phase from, enum phase to)
{
	const char *separator = "";

	if (edges->by[from][to] == 0)
		return;
	fprintf(out, "\t%s -> %s [label=\"", phase_word(from), phase_word(to));
	for (unsigned i = 0; i < LABELS; i++) {
		if (!(edges->by[from][to] & (1u << i)))
			continue;
		fprintf(out, "%s%s", separator, labels[i]);
		separator = "\\n";
	}
	fprintf(out, "\"];\n");
}

/*
 * Nodes are the phases; edges the segments after which the table of end states gives another phase. The jumps
 * (a RST, a pickup, a new incarnation) do not go by the table and are not drawn.
 */
void dump_dot(FILE *out)
{
	struct edges edges = { 0 };

	for (int client = 0; client < END_STATE_COUNT; client++)
		for (int server = 0; server < END_STATE_COUNT; server++)
			add_pair(&edges, (enum end_state)client, (enum end_state)server);
	fprintf(out, "digraph phases {\n\tnode [shape=box];\n");
	for (int i = 0; i < PHASE_COUNT; i++)
		fprintf(out, "\t%s [tooltip=\"%s\"];\n", phase_word((enum phase)i),
			phase_help((enum phase)i));
	for (int from = 0; from < PHASE_COUNT; from++)
		for (int to = 0; to < PHASE_COUNT; to++)
			print_edge(out, &edges, (enum phase)from, (enum phase)to);
	fprintf(out, "}\n");
}
