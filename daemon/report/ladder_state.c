/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/ladder_state.h"

#include "tcp/end.h"

/* Its FIN was sent and not acknowledged. */
static const char *fin_sent(enum end_state peer, bool crossed)
{
	if (peer < END_FIN_SENT)
		return "FIN-WAIT-1";
	return peer == END_FIN_SENT || crossed ? "CLOSING" : "LAST-ACK";
}

/* Its FIN was acknowledged. */
static const char *fin_acked(enum end_state peer, bool closed_first)
{
	if (peer < END_FIN_SENT)
		return "FIN-WAIT-2";
	return closed_first || peer == END_FIN_SENT ? "TIME-WAIT" : "CLOSED";
}

const char *ladder_state(const struct flow_record *record, enum side side, bool crossed)
{
	enum end_state own = record->end[side].state, peer = record->end[side_other(side)].state;

	if (record->phase == PHASE_CLOSED)
		return "CLOSED";
	switch (own) {
	case END_SYN_SENT:
		return peer == END_NONE ? "SYN-SENT" : "SYN-RECEIVED";
	case END_OPEN:
		return peer >= END_FIN_SENT ? "CLOSE-WAIT" : "ESTABLISHED";
	case END_FIN_SENT:
		return fin_sent(peer, crossed);
	case END_FIN_ACKED:
		return fin_acked(peer, crossed || record->closed_by == side);
	case END_NONE:
	case END_STATE_COUNT:
		break;
	}
	return "";
}
