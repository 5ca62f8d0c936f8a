/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "main/replay_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "log/log.h"
#include "main/replay_dropped.h"
#include "report/event_service.h"
#include "report/flow_row.h"
#include "report/header_record.h"
#include "report/ladder_draw.h"
#include "report/line.h"
#include "report/output.h"
#include "report/packet_line.h"
#include "report/zeek.h"

static void begin_line(struct replay_writer *writer)
{
	text_init(&writer->line, writer->line.data, writer->line.size);
}

/* Prints what was written, without adding a newline. */
static void print_lines(const struct replay_writer *writer)
{
	fwrite(writer->line.data, 1, writer->line.len, stdout);
}

static void print_line(const struct replay_writer *writer)
{
	print_lines(writer);
	putchar('\n');
}

static void keep_flow(struct replay_writer *writer, const struct flow_record *flow)
{
	if (writer->flows == writer->flow_room) {
		size_t room = writer->flow_room == 0 ? 256 : writer->flow_room * 2;
		struct flow_record *grown = reallocarray(writer->flow, room, sizeof(*grown));

		if (grown == NULL) {
			writer->lost = true;
			return;
		}
		writer->flow = grown;
		writer->flow_room = room;
	}
	writer->flow[writer->flows++] = *flow;
}

static void print_event(struct replay_writer *writer, const struct event *event)
{
	int format = writer->json ? FORMAT_JSON : writer->settings->log_format;
	struct event whole = *event;

	if (!output_is_chosen(event_settings(&writer->services, writer->settings, event), event->kind))
		return;
	if (event->kind == EVENT_PACKET_DROPPED)
		header_record_read(&whole.drop.header, writer->packet);
	begin_line(writer);
	report_line(&writer->line, &whole, &writer->services, format, writer->file, writer->wall_offset_ns);
	print_line(writer);
}

static void take_event(void *context, const struct event *event)
{
	struct replay_writer *writer = context;

	if (writer->mode == REPLAY_EVENTS) {
		print_event(writer, event);
	} else if (event->kind == EVENT_FLOW_CLOSED) {
		if (writer->mode == REPLAY_LADDER)
			ladders_close(writer->ladders, &event->flow, writer->at_end);
		if (writer->mode == REPLAY_SUMMARY)
			summary_add_flow(&writer->summary, &event->flow);
		else if (writer->mode == REPLAY_FLOWS || writer->mode == REPLAY_ZEEK)
			keep_flow(writer, &event->flow);
	}
}

/* By start, then by address: of two that started together the one that closed first. */
static int by_start(const void *a, const void *b)
{
	const struct flow_record *const *one = a, *const *two = b;

	if ((*one)->started_ns != (*two)->started_ns)
		return (*one)->started_ns < (*two)->started_ns ? -1 : 1;
	return *one < *two ? -1 : *one > *two;
}

static void print_flow(struct replay_writer *writer, const struct flow_record *flow)
{
	begin_line(writer);
	if (writer->mode == REPLAY_ZEEK) {
		zeek_row(&writer->line, flow, writer->wall_offset_ns);
		print_lines(writer);
		return;
	}
	if (writer->json)
		flow_row_json(&writer->line, flow, writer->wall_offset_ns, writer->file);
	else
		flow_row_text(&writer->line, flow, writer->wall_offset_ns);
	print_line(writer);
}

static bool print_flows(struct replay_writer *writer)
{
	const struct flow_record **order = calloc(writer->flows + 1, sizeof(*order));

	if (order == NULL)
		return false;
	for (size_t i = 0; i < writer->flows; i++)
		order[i] = &writer->flow[i];
	qsort(order, writer->flows, sizeof(*order), by_start);
	begin_line(writer);
	if (writer->mode == REPLAY_ZEEK) {
		zeek_heading(&writer->line);
		print_lines(writer);
	} else if (!writer->json) {
		flow_row_heading(&writer->line);
		print_line(writer);
	}
	for (size_t i = 0; i < writer->flows; i++)
		print_flow(writer, order[i]);
	free(order);
	if (writer->mode != REPLAY_ZEEK)
		return true;
	begin_line(writer);
	zeek_footer(&writer->line, writer->end_wall_ns);
	print_lines(writer);
	return true;
}

static void print_summary(struct replay_writer *writer, const struct engine_stats *stats)
{
	writer->summary.frames = writer->frames;
	writer->summary.stats = *stats;
	writer->summary.duration_ns = writer->end_wall_ns - writer->wall_offset_ns;
	begin_line(writer);
	if (writer->json) {
		summary_json(&writer->line, &writer->summary, writer->file);
		print_line(writer);
	} else {
		summary_text(&writer->line, &writer->summary, writer->file);
		print_lines(writer);
	}
}

static void print_diff(struct replay_writer *writer)
{
	begin_line(writer);
	if (writer->json) {
		diff_json(&writer->line, writer->diff, &writer->names);
		print_line(writer);
	} else {
		diff_text(&writer->line, writer->diff, &writer->names);
		print_lines(writer);
	}
}

static void print_packet(struct replay_writer *writer, const struct replay_frame *frame)
{
	struct packet_line line = {
		.number = writer->frames, .wall_ns = frame->wall_ns,
		.relative_ns = frame->wall_ns - writer->wall_offset_ns,
		.packet = frame->packet, .decision = frame->decision, .services = &writer->services,
		.file = writer->file,
	};

	begin_line(writer);
	if (writer->json)
		packet_line_json(&writer->line, &line);
	else
		packet_line_text(&writer->line, &line, writer->isns);
	print_line(writer);
}

static void add_ladder(struct replay_writer *writer, const struct replay_frame *frame)
{
	struct ladder_input in = {
		.number = writer->frames, .wall_ns = frame->wall_ns, .packet = frame->packet,
		.decision = frame->decision, .services = &writer->services,
		.record = frame->record, .left_ns = frame->left_ns,
	};

	if (frame->decision != NULL)
		ladders_add(writer->ladders, &in);
}

/* 0: standard output is no terminal. */
static unsigned terminal_columns(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static enum replay_exit print_ladders(struct replay_writer *writer)
{
	size_t count;
	struct ladder *const *ladder = ladders_sort(writer->ladders, &count);
	bool fine = ladders_complete(writer->ladders);

	if (writer->options->flow != 0 && count == 0) {
		log_error("%s: there is no flow of this id", writer->path);
		return REPLAY_FAILED;
	}
	for (size_t i = 0; i < count; i++) {
		if (writer->options->svg != NULL)
			ladder_svg_add(writer->options->svg, ladder[i]);
		else if (writer->json)
			fine &= ladder_json(stdout, ladder[i], writer->file);
		else
			ladder_text(stdout, ladder[i], terminal_columns());
	}
	if (!fine)
		log_error("no memory: some flows are not whole");
	return fine ? REPLAY_OK : REPLAY_SYSTEM;
}

/* What a mode needs of its own. False: no memory. */
static bool init_mode(struct replay_writer *writer)
{
	if (writer->mode == REPLAY_PACKETS && !writer->json)
		return (writer->isns = isn_table_new()) != NULL;
	if (writer->mode == REPLAY_LADDER)
		return (writer->ladders = ladders_new(writer->options->flow)) != NULL;
	if (writer->mode == REPLAY_DIFF)
		return (writer->diff = diff_new()) != NULL;
	return true;
}

bool replay_writer_init(struct replay_writer *writer, const struct replay_options *options, const char *file,
			const struct settings *settings, const struct services *services)
{
	size_t size = options->mode == REPLAY_DIFF ? DIFF_TEXT_SIZE : REPORT_LINE_SIZE;
	char *buffer = malloc(size);

	*writer = (struct replay_writer){ .mode = options->mode, .json = options->json, .settings = settings,
					  .path = file, .file = options->files > 1 ? file : NULL,
					  .dropped = options->dropped, .options = options,
					  .services = *services };
	services_inherit(&writer->services, settings);
	if (buffer == NULL)
		return false;
	text_init(&writer->line, buffer, size);
	writer->names = (struct diff_names){ .before = options->name,
					     .after = options->other_config, .file = writer->file };
	if (!init_mode(writer))
		return false;
	if (writer->file != NULL && !writer->json &&
	    (writer->mode == REPLAY_PACKETS || writer->mode == REPLAY_FLOWS ||
	     (writer->mode == REPLAY_LADDER && options->svg == NULL)))
		printf("# %s\n", writer->file);
	return true;
}

void replay_writer_fini(struct replay_writer *writer)
{
	isn_table_free(writer->isns);
	ladders_free(writer->ladders);
	diff_free(writer->diff);
	free(writer->flow);
	free(writer->line.data);
}

struct event_sink replay_writer_sink(struct replay_writer *writer)
{
	return (struct event_sink){ .emit = take_event, .context = writer };
}

void replay_writer_frame(struct replay_writer *writer, const struct replay_frame *frame)
{
	if (writer->frames == 0 || frame->wall_ns > writer->end_wall_ns)
		writer->end_wall_ns = frame->wall_ns;
	writer->frames++;
	if (writer->dropped != NULL)
		replay_dropped_add(writer->dropped, frame, &writer->services, writer->frames, writer->file);
	if (writer->mode == REPLAY_PACKETS)
		print_packet(writer, frame);
	else if (writer->mode == REPLAY_LADDER)
		add_ladder(writer, frame);
	else if (writer->mode == REPLAY_DIFF)
		diff_add(writer->diff, writer->frames, frame->packet, frame->decision, frame->other);
}

void replay_writer_last(struct replay_writer *writer)
{
	writer->at_end = true;
}

enum replay_exit replay_writer_end(struct replay_writer *writer, const struct engine_stats *stats)
{
	bool fine = !writer->lost;

	if (writer->mode == REPLAY_SUMMARY)
		print_summary(writer, stats);
	else if (writer->mode == REPLAY_DIFF)
		print_diff(writer);
	else if (writer->mode == REPLAY_LADDER)
		return print_ladders(writer);
	else if (writer->mode == REPLAY_FLOWS || writer->mode == REPLAY_ZEEK)
		fine &= print_flows(writer);
	if (!fine)
		log_error("no memory for %zu flows: some are missing", writer->flows);
	return fine ? REPLAY_OK : REPLAY_SYSTEM;
}
