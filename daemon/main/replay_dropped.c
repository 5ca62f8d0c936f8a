/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "main/replay_dropped.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "log/log.h"
#include "report/flow_id.h"
#include "report/logfmt.h"
#include "report/packet_reason.h"
#include "report/pcapng.h"

struct replay_dropped {
	FILE *file;
	const char *path;
};

static bool is_same_file(const char *one, const char *other)
{
	struct stat a, b;

	return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino &&
	       S_ISREG(a.st_mode);
}

/* Numbers as on the wire: who opens the capture sees the same there. */
static void describe(struct text *out, const struct replay_frame *frame, uint64_t number, const char *file)
{
	const struct decision *decision = frame->decision;
	char id[FLOW_ID_SIZE];

	text_str(out, decision->would_drop ? "would-drop " : "drop ");
	packet_reason_text(out, frame->packet, decision, (struct packet_base){ 0, 0 });
	if (decision->has_flow) {
		flow_id_text(decision->flow_id, id);
		text_fmt(out, "; phase %s, flow %s", phase_word(decision->phase), id);
	}
	text_fmt(out, "; frame %llu", (unsigned long long)number);
	if (file != NULL) {
		text_str(out, " of ");
		logfmt_printable(out, file);
	}
}

struct replay_dropped *replay_dropped_open(const char *path, char *const *input, int inputs)
{
	struct replay_dropped *dropped;

	for (int i = 0; i < inputs; i++)
		if (is_same_file(path, input[i])) {
			log_error("--write-dropped: %s is to be read", path);
			return NULL;
		}
	dropped = calloc(1, sizeof(*dropped));
	if (dropped == NULL) {
		log_error("no memory");
		return NULL;
	}
	dropped->path = path;
	dropped->file = fopen(path, "wb");
	if (dropped->file != NULL && pcapng_begin(dropped->file, "tcpwarden-replay " VERSION))
		return dropped;
	log_error("%s: %s", path, strerror(errno));
	if (dropped->file != NULL)
		fclose(dropped->file);
	free(dropped);
	return NULL;
}

void replay_dropped_add(struct replay_dropped *dropped, const struct replay_frame *frame, uint64_t number,
			const char *file)
{
	char comment[PCAPNG_COMMENT];
	struct pcapng_packet packet = { .time_ns = (uint64_t)frame->wall_ns, .comment = comment };
	struct text text;

	if (frame->decision == NULL || frame->decision->reason >= REASON_COUNT)
		return;
	text_init(&text, comment, sizeof(comment));
	describe(&text, frame, number, file);
	packet.data = frame->bytes->data;
	packet.captured = frame->bytes->captured;
	packet.length = frame->bytes->length;
	pcapng_packet(dropped->file, &packet);
}

bool replay_dropped_close(struct replay_dropped *dropped)
{
	bool fine;

	if (dropped == NULL)
		return true;
	fine = fflush(dropped->file) == 0 && !ferror(dropped->file);
	fine &= fclose(dropped->file) == 0;
	if (!fine)
		log_error("%s: it could not be written whole", dropped->path);
	free(dropped);
	return fine;
}
