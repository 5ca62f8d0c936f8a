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

#define PROGRESS_FRAMES 65536 /* between two looks at the progress bar */
#define PROGRESS_BYTES  67108864 /* shorter files need none */

/* Of one file. */
struct run {
	const struct replay_options *options;
	const char *path;
	const struct settings *settings;
	struct replay_engine host;
	struct replay_writer writer;
	uint64_t now_ns;        /* of the engine: never runs backwards */
	uint64_t bytes, size;   /* read so far, about; of the file, 0: not known */
};

static bool is_script(const char *path)
{
	size_t length = strlen(path);

	return length > 4 && strcmp(path + length - 4, ".seg") == 0;
}

/* False: no memory, the user was told. */
static bool run_begin(struct run *run)
{
	if (!replay_writer_init(&run->writer, run->options, run->path, run->settings)) {
		log_error("no memory");
	} else if (replay_engine_open(&run->host, run->settings, replay_writer_sink(&run->writer))) {
		return true;
	}
	replay_writer_fini(&run->writer);
	return false;
}

static enum replay_exit run_end(struct run *run)
{
	bool fine;

	engine_flush(run->host.engine, run->now_ns);
	fine = replay_writer_end(&run->writer, engine_stats(run->host.engine));
	replay_engine_close(&run->host);
	replay_writer_fini(&run->writer);
	return fine ? REPLAY_OK : REPLAY_SYSTEM;
}

static void run_packet(struct run *run, const struct packet_bytes *bytes, int64_t wall_ns)
{
	struct packet packet;
	struct decision decision;

	packet_decode(bytes, run->settings->tracking_verify_checksum, &packet);
	engine_expire(run->host.engine, run->now_ns);
	decision = engine_input_packet(run->host.engine, &packet, run->now_ns);
	replay_writer_frame(&run->writer, wall_ns, &packet, &decision);
}

/* A bar on the terminal while a long capture gives no output yet. */
static void show_progress(const struct run *run, bool done)
{
	static const char bar[] = "########################################";
	uint64_t percent = run->size > 0 ? run->bytes * 100 / run->size : 0;

	if (run->options->mode != REPLAY_SUMMARY || run->size < PROGRESS_BYTES || !isatty(STDERR_FILENO))
		return;
	if (percent > 100)
		percent = 100;
	if (done)
		fprintf(stderr, "\r%*s\r", 60, "");
	else if (run->writer.frames % PROGRESS_FRAMES == 0)
		fprintf(stderr, "\r[%-40.*s] %3u %%", (int)(percent * 2 / 5), bar, (unsigned)percent);
}

static void run_frame(struct run *run, struct capture_frame *frame)
{
	const uint64_t frame_header = 16, link_header = 14;
	int64_t wall_ns = (int64_t)frame->time_ns;

	if (run->writer.frames == 0)
		run->writer.wall_offset_ns = wall_ns;
	if (wall_ns - run->writer.wall_offset_ns > (int64_t)run->now_ns)
		run->now_ns = (uint64_t)(wall_ns - run->writer.wall_offset_ns);
	run->bytes += frame_header + link_header + (frame->is_ip ? frame->bytes.captured : 0);
	if (!frame->is_ip) {
		replay_writer_frame(&run->writer, wall_ns, NULL, NULL);
		return;
	}
	if (run->settings->tracking_zone == ZONE_VLAN)
		frame->bytes.zone = frame->vlan;
	run_packet(run, &frame->bytes, wall_ns);
}

static enum replay_exit run_capture(struct run *run, struct capture *capture)
{
	struct capture_frame frame;
	enum capture_result result;
	enum replay_exit end;

	if (!run_begin(run))
		return REPLAY_SYSTEM;
	while ((result = capture_next(capture, &frame)) == CAPTURE_FRAME) {
		run_frame(run, &frame);
		show_progress(run, false);
	}
	show_progress(run, true);
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
		log_error("%s: %s", run->path, error);
		/* A file that opens, but is no capture, is a damaged one. */
		return strcmp(run->path, "-") == 0 || access(run->path, R_OK) == 0 ? REPLAY_FAILED
										   : REPLAY_SYSTEM;
	}
	if (stat(run->path, &file) == 0 && file.st_size > 0)
		run->size = (uint64_t)file.st_size;
	result = run_capture(run, capture);
	capture_close(capture);
	return result;
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
		engine_expire(run->host.engine, run->now_ns);
		break;
	case SCRIPT_ITEM_BLIND:
		engine_blind(run->host.engine, run->now_ns);
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

enum replay_exit replay_file(const struct replay_options *options, const char *path)
{
	struct run run = { .options = options, .path = path, .settings = &options->settings };
	struct script *script;
	enum replay_exit result;

	if (!is_script(path))
		return replay_capture(&run);
	script = script_read(path, &options->settings, config_set);
	if (script == NULL) {
		log_error("%s: %s", path, strerror(errno));
		return REPLAY_SYSTEM;
	}
	run.settings = &script->settings;
	result = run_script(&run, script);
	script_free(script);
	return result;
}
