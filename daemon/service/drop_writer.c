/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/drop_writer.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "log/log.h"
#include "packet/packet.h"
#include "report/packet_reason.h"

#define PACKETS_AT_ONCE 64 /* of one queue, before the next one has its turn */

struct drop_writer {
	struct drop_file *file;
	_Atomic uint64_t unwritten;
	bool broken; /* and told of */
	unsigned queues;
	struct drop_queue *queue[];
};

/* Once, with errno. */
static void tell_broken(struct drop_writer *writer)
{
	if (!writer->broken)
		log_error("drop_capture.path: %s: nothing is captured until the next reload", strerror(errno));
	writer->broken = true;
}

static void write_packet(struct drop_writer *writer, const struct drop_slot *slot, const struct services *services,
			 int64_t wall_offset_ns)
{
	const struct packet_bytes bytes = { slot->data, slot->captured, slot->length,
					    slot->marks | PACKET_MARK_CAPTURE, slot->zone };
	char comment[PCAPNG_COMMENT];
	struct pcapng_packet record = {
		.time_ns = (uint64_t)((int64_t)slot->now_ns + wall_offset_ns),
		.data = slot->data,
		.captured = slot->captured,
		.length = slot->length,
		.comment = comment,
	};
	struct packet packet;
	struct text text;

	packet_decode(&bytes, false, &packet);
	text_init(&text, comment, sizeof comment);
	packet_comment_text(&text, &packet, &slot->decision, services);
	if (drop_file_write(writer->file, &record))
		return;
	atomic_fetch_add_explicit(&writer->unwritten, 1, memory_order_relaxed);
	tell_broken(writer);
}

struct drop_writer *drop_writer_new(struct drop_file *file, unsigned queues)
{
	struct drop_writer *writer = calloc(1, sizeof *writer + queues * sizeof writer->queue[0]);

	if (writer == NULL)
		return NULL;
	for (; writer->queues < queues; writer->queues++) {
		writer->queue[writer->queues] = drop_queue_new();
		if (writer->queue[writer->queues] == NULL) {
			drop_writer_free(writer);
			return NULL;
		}
	}
	writer->file = file;
	return writer;
}

void drop_writer_free(struct drop_writer *writer)
{
	if (writer == NULL)
		return;
	for (unsigned i = 0; i < writer->queues; i++)
		drop_queue_free(writer->queue[i]);
	drop_file_close(writer->file);
	free(writer);
}

struct drop_queue *drop_writer_queue(struct drop_writer *writer, unsigned index)
{
	return writer->queue[index];
}

bool drop_writer_run(struct drop_writer *writer, const struct services *services, int64_t wall_offset_ns)
{
	struct drop_slot slot;
	bool any = false;

	for (unsigned i = 0; i < writer->queues; i++)
		for (int n = 0; n < PACKETS_AT_ONCE && drop_queue_pop(writer->queue[i], &slot); n++) {
			write_packet(writer, &slot, services, wall_offset_ns);
			any = true;
		}
	if (any && !writer->broken && !drop_file_flush(writer->file))
		tell_broken(writer);
	return any;
}

bool drop_writer_is_quiet(const struct drop_writer *writer)
{
	for (unsigned i = 0; i < writer->queues; i++)
		if (!drop_queue_is_empty(writer->queue[i]))
			return false;
	return true;
}

bool drop_writer_reopen(struct drop_writer *writer, char *error, size_t size)
{
	writer->broken = !drop_file_reopen(writer->file, error, size);
	return !writer->broken;
}

uint64_t drop_writer_lost(const struct drop_writer *writer)
{
	uint64_t lost = atomic_load_explicit(&writer->unwritten, memory_order_relaxed);

	for (unsigned i = 0; i < writer->queues; i++)
		lost += drop_queue_lost(writer->queue[i]);
	return lost;
}
