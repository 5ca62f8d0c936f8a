/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One capture or script through a fresh engine, into a writer. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "input/capture.h"
#include "input/script_play.h"
#include "log/log.h"
#include "main/replay.h"
#include "main/replay_writer.h"

#define PROGRESS_FRAMES 4096 /* between two looks at the progress bar */
#define PROGRESS_BYTES  16777216 /* shorter files need none */

/* One configuration, its engine, and what that made of the present packet. */
struct lane {
	const struct settings *settings;
	const struct services *services;
	struct replay_engine host;
	struct packet packet;
	struct decision decision;
};

/* Of one file. */
struct run {
	const struct replay_options *options;
	const char *path;
	struct lane lane[2]; /* the second one for --diff */
	unsigned lanes;
	struct replay_writer writer;
	uint64_t now_ns;        /* of the engine: never runs backwards */
	uint64_t size;          /* of the file, 0: not known */
};

static bool is_script(const char *path)
{
	size_t length = strlen(path);

	return length > 4 && strcmp(path + length - 4, ".seg") == 0;
}

/* Only the first configuration's events are told. */
static void ignore_event(void *context, const struct event *event)
{
	(void)context;
	(void)event;
}

/* False: no memory, the user was told. */
static bool open_lanes(struct run *run)
{
	struct event_sink sink = replay_writer_sink(&run->writer);

	for (unsigned n = 0; n < run->lanes; n++) {
		if (!replay_engine_open(&run->lane[n].host, run->lane[n].settings, run->lane[n].services,
					sink, false))
			return false;
		sink = (struct event_sink){ .emit = ignore_event };
	}
	return true;
}

static void close_lanes(struct run *run)
{
	for (unsigned n = 0; n < run->lanes; n++)
		replay_engine_close(&run->lane[n].host);
}

/* False: no memory, the user was told. */
static bool run_begin(struct run *run)
{
	if (!replay_writer_init(&run->writer, run->options, run->path, run->lane[0].settings,
				run->lane[0].services))
		log_error("no memory");
	else if (open_lanes(run))
		return true;
	close_lanes(run);
	replay_writer_fini(&run->writer);
	return false;
}

static enum replay_exit run_end(struct run *run)
{
	enum replay_exit result;

	replay_writer_last(&run->writer);
	engine_flush(run->lane[0].host.engine, run->now_ns);
	result = replay_writer_end(&run->writer, engine_stats(run->lane[0].host.engine));
	close_lanes(run);
	replay_writer_fini(&run->writer);
	return result;
}

static void run_packet(struct run *run, const struct packet_bytes *bytes, int64_t wall_ns)
{
	struct replay_frame frame = { .wall_ns = wall_ns, .bytes = bytes, .packet = &run->lane[0].packet,
				      .decision = &run->lane[0].decision };
	struct flow_record record;

	run->writer.packet = bytes;
	for (unsigned n = 0; n < run->lanes; n++) {
		struct lane *lane = &run->lane[n];

		packet_decode(bytes, lane->settings->tracking_verify_checksum, &lane->packet);
		lane->packet.zone = lane->settings->tracking_zone == ZONE_VLAN ? bytes->zone : 0;
		engine_expire(lane->host.engine, run->now_ns);
		lane->decision = engine_input_packet(lane->host.engine, &lane->packet, run->now_ns);
	}
	run->writer.packet = NULL;
	if (run->lanes > 1)
		frame.other = &run->lane[1].decision;
	if (run->options->mode == REPLAY_LADDER &&
	    engine_find(run->lane[0].host.engine, frame.packet, run->now_ns, &record, &frame.left_ns))
		frame.record = &record;
	replay_writer_frame(&run->writer, &frame);
}

/* A bar on the terminal while a long capture gives no output yet. */
static void show_progress(const struct run *run, const struct capture *capture)
{
	static const char bar[] = "########################################";
	uint64_t percent;

	if (run->writer.frames % PROGRESS_FRAMES != 0)
		return;
	percent = capture_offset(capture) * 100 / run->size;
	if (percent > 100)
		percent = 100;
	fprintf(stderr, "\r[%-40.*s] %3u %%", (int)(percent * 2 / 5), bar, (unsigned)percent);
}

static bool wants_progress(const struct run *run)
{
	if (run->options->mode != REPLAY_SUMMARY && run->options->mode != REPLAY_DIFF)
		return false;
	return run->size >= PROGRESS_BYTES && isatty(STDERR_FILENO);
}

static void run_frame(struct run *run, struct capture_frame *frame)
{
	int64_t wall_ns = (int64_t)frame->time_ns;

	if (run->writer.frames == 0)
		run->writer.wall_offset_ns = wall_ns;
	if (wall_ns - run->writer.wall_offset_ns > (int64_t)run->now_ns)
		run->now_ns = (uint64_t)(wall_ns - run->writer.wall_offset_ns);
	if (!frame->is_ip) {
		replay_writer_frame(&run->writer, &(struct replay_frame){ .wall_ns = wall_ns });
		return;
	}
	frame->bytes.zone = frame->vlan;
	run_packet(run, &frame->bytes, wall_ns);
}

static enum replay_exit run_capture(struct run *run, struct capture *capture)
{
	struct capture_frame frame;
	enum capture_result result;
	enum replay_exit end;
	bool progress = wants_progress(run);

	if (!run_begin(run))
		return REPLAY_SYSTEM;
	while ((result = capture_next(capture, &frame)) == CAPTURE_FRAME) {
		run_frame(run, &frame);
		if (progress)
			show_progress(run, capture);
	}
	if (progress)
		fprintf(stderr, "\r%*s\r", 60, "");
	end = run_end(run);
	if (result != CAPTURE_DAMAGED)
		return end;
	log_error("%s: %s", run->path, capture_error(capture));
	return end > REPLAY_FAILED ? end : REPLAY_FAILED;
}

static enum replay_exit replay_capture(struct run *run)
{
	char error[512];
	struct capture *capture = capture_open(run->path, error, sizeof(error));
	struct stat file;
	enum replay_exit result;

	if (capture == NULL) {
		int reason = errno;

		log_error("%s: %s", run->path, error);
		/* A file that opens, but is no capture, is a damaged one. */
		return reason == EBADMSG ? REPLAY_FAILED : REPLAY_SYSTEM;
	}
	if (stat(run->path, &file) == 0 && file.st_size > 0)
		run->size = (uint64_t)file.st_size;
	result = run_capture(run, capture);
	capture_close(capture);
	return result;
}

/* What a script does besides packets. */
static void run_wait(struct run *run, bool blind)
{
	for (unsigned n = 0; n < run->lanes; n++) {
		if (blind)
			engine_blind(run->lane[n].host.engine, run->now_ns);
		else
			engine_expire(run->lane[n].host.engine, run->now_ns);
	}
}

/* One item of a script. */
static void run_item(struct run *run, const struct script_player *player)
{
	run->now_ns = player->now_ns;
	switch (player->item) {
	case SCRIPT_ITEM_PACKET:
		run_packet(run, &player->packet, (int64_t)player->now_ns);
		break;
	case SCRIPT_ITEM_WAIT:
	case SCRIPT_ITEM_BLIND:
		run_wait(run, player->item == SCRIPT_ITEM_BLIND);
		break;
	case SCRIPT_ITEM_BROKEN:
		log_error("%s:%u: %s", run->path, player->step->line, player->step->error);
		break;
	case SCRIPT_ITEM_EXPECT:
		break;
	}
}

static enum replay_exit run_script(struct run *run, const struct script *script)
{
	struct script_player player;
	enum replay_exit result;
	int more;

	if (!run_begin(run))
		return REPLAY_SYSTEM;
	script_player_init(&player, script);
	while ((more = script_player_next(&player)) > 0)
		run_item(run, &player);
	script_player_fini(&player);
	result = run_end(run);
	if (more < 0) {
		log_error("%s: %s", run->path, strerror(-more));
		return REPLAY_SYSTEM;
	}
	return result == REPLAY_OK && script->broken > 0 ? REPLAY_FAILED : result;
}

/* The settings of a script depend on those it begins with: it is read once a configuration. */
static enum replay_exit replay_script(struct run *run)
{
	struct script *script[2] = { NULL, NULL };
	enum replay_exit result = REPLAY_SYSTEM;
	unsigned n;

	for (n = 0; n < run->lanes; n++) {
		script[n] = script_read(run->path, run->lane[n].settings, run->lane[n].services, config_set);
		if (script[n] == NULL) {
			log_error("%s: %s", run->path, strerror(errno));
			break;
		}
		run->lane[n].settings = &script[n]->settings;
		run->lane[n].services = &script[n]->services;
	}
	if (n == run->lanes)
		result = run_script(run, script[0]);
	for (n = 0; n < run->lanes; n++)
		script_free(script[n]);
	return result;
}

enum replay_exit replay_file(const struct replay_options *options, const char *path)
{
	struct run run = {
		.options = options, .path = path,
		.lane = { { .settings = &options->settings, .services = &options->services },
			  { .settings = &options->other, .services = &options->other_services } },
		.lanes = options->mode == REPLAY_DIFF ? 2 : 1,
	};

	return is_script(path) ? replay_script(&run) : replay_capture(&run);
}
