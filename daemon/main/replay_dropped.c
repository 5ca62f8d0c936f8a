/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "main/replay_dropped.h"

#include <stdio.h>
#include <stdlib.h>

#include "log/log.h"
#include "main/replay_output.h"
#include "report/logfmt.h"
#include "report/packet_reason.h"
#include "report/pcapng.h"

struct replay_dropped {
	FILE *file;
	const char *path;
};

static void describe(struct text *out, const struct replay_frame *frame, const struct services *services,
		     uint64_t number, const char *file)
{
	packet_comment_text(out, frame->packet, frame->decision, services);
	text_fmt(out, "; frame %llu", (unsigned long long)number);
	if (file != NULL) {
		text_str(out, " of ");
		logfmt_printable(out, file);
	}
}

struct replay_dropped *replay_dropped_open(const char *path, char *const *input, int inputs)
{
	struct replay_dropped *dropped = calloc(1, sizeof(*dropped));

	if (dropped == NULL) {
		log_error("no memory");
		return NULL;
	}
	dropped->path = path;
	dropped->file = replay_output_open(path, input, inputs);
	if (dropped->file == NULL) {
		free(dropped);
		return NULL;
	}
	pcapng_begin(dropped->file, "tcpwarden-replay " VERSION);
	return dropped;
}

void replay_dropped_add(struct replay_dropped *dropped, const struct replay_frame *frame,
			const struct services *services, uint64_t number, const char *file)
{
	char comment[PCAPNG_COMMENT];
	struct pcapng_packet packet = { .time_ns = (uint64_t)frame->wall_ns, .comment = comment };
	struct text text;

	if (frame->decision == NULL || frame->decision->reason >= REASON_COUNT)
		return;
	text_init(&text, comment, sizeof(comment));
	describe(&text, frame, services, number, file);
	packet.data = frame->bytes->data;
	packet.captured = frame->bytes->captured;
	packet.length = frame->bytes->length;
	pcapng_packet(dropped->file, &packet);
}

bool replay_dropped_close(struct replay_dropped *dropped)
{
	bool fine = dropped == NULL || replay_output_close(dropped->file, dropped->path);

	free(dropped);
	return fine;
}
