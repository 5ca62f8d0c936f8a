/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/units.h"
#include "report/fields.h"
#include "report/flow_fields.h"
#include "report/ladder_draw.h"

#define REAL_DIGITS 16

static const char *verdict_text(const struct ladder_row *row)
{
	static const char *const words[] = { "accept", "drop", "would-drop" };

	return words[row->verdict];
}

static const char *state_text(const struct ladder_row *row, enum side side)
{
	return row->state[side][0] != '\0' ? row->state[side] : NULL;
}

static void put_segment(struct fields *fields, const struct ladder *ladder, const struct ladder_row *row)
{
	bool segment = row->kind == LADDER_SEGMENT;
	char flags[9];

	packet_flags_word(row->flags, flags);
	fields_number(fields, "n", row->number);
	fields_time(fields, "t", row->wall_ns - ladder->row[0].wall_ns);
	fields_word(fields, "dir", flow_dir_word(row->dir));
	fields_word(fields, "flags", !segment ? NULL : row->flags != 0 ? flags : "");
	fields_number_if(fields, "seq", segment, row->seq);
	fields_number_if(fields, "ack", segment && row->flags & TCP_ACK, row->ack);
	fields_number_if(fields, "len", segment, row->len);
	fields_word(fields, "verdict", verdict_text(row));
	fields_word(fields, "note", row->note);
	fields_flag(fields, "again", row->again);
	fields_flag(fields, "late", row->late);
}

static void put_skipped(struct fields *fields, const struct ladder_row *row)
{
	flow_fields_pair(fields, "skipped", row->skipped[SIDE_CLIENT], row->skipped[SIDE_SERVER]);
	flow_fields_pair(fields, "skipped_bytes", row->skipped_bytes[SIDE_CLIENT], row->skipped_bytes[SIDE_SERVER]);
}

static json_t *row_object(const struct ladder *ladder, const struct ladder_row *row)
{
	static const char *const kinds[] = {
		[LADDER_SEGMENT] = "segment",     [LADDER_ICMP] = "icmp",     [LADDER_SKIPPED] = "skipped",
		[LADDER_TIME_WAIT] = "time-wait", [LADDER_CLOSED] = "closed", [LADDER_INPUT_END] = "end",
	};
	struct fields fields = { .object = json_object() };

	if (fields.object == NULL)
		return NULL;
	fields_word(&fields, "row", kinds[row->kind]);
	switch ((enum ladder_row_kind)row->kind) {
	case LADDER_SEGMENT:
	case LADDER_ICMP:
		put_segment(&fields, ladder, row);
		break;
	case LADDER_SKIPPED:
		put_skipped(&fields, row);
		break;
	case LADDER_TIME_WAIT:
		fields_number(&fields, "seconds", row->seconds);
		break;
	case LADDER_CLOSED:
	case LADDER_INPUT_END:
		fields_word(&fields, "reason", close_word(row->close));
		break;
	}
	fields_word(&fields, "client_state", state_text(row, SIDE_CLIENT));
	fields_word(&fields, "server_state", state_text(row, SIDE_SERVER));
	fields_word(&fields, "phase", row->phase < PHASE_COUNT ? phase_word(row->phase) : NULL);
	return fields.object;
}

bool ladder_json(FILE *out, const struct ladder *ladder, const char *file)
{
	struct fields fields = { .object = json_object() };
	json_t *rows = json_array();
	bool fine = fields.object != NULL && rows != NULL && ladder->rows > 0;

	if (fine) {
		flow_fields_id(&fields, "flow", ladder->flow);
		flow_fields_client(&fields, "client", &ladder->at);
		flow_fields_server(&fields, "server", &ladder->at);
		fields_time(&fields, "start", ladder->row[0].wall_ns);
	}
	for (size_t n = 0; fine && n < ladder->rows; n++)
		fine = json_array_append_new(rows, row_object(ladder, &ladder->row[n])) == 0;
	fine = fine && json_object_set(fields.object, "rows", rows) == 0;
	if (fine && file != NULL)
		fields_word(&fields, "file", file);
	if (fine)
		json_dumpf(fields.object, out, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(REAL_DIGITS));
	if (fine)
		fputc('\n', out);
	json_decref(fields.object);
	json_decref(rows);
	return fine;
}
