/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcpwarden-replay(1): the engine on captures and scenario scripts. Options and wiring only. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "log/log.h"
#include "main/replay.h"
#include "main/replay_dropped.h"
#include "main/replay_output.h"
#include "report/flow_id.h"
#include "report/ladder_draw.h"

static const char usage[] =
	"usage: tcpwarden-replay [-c FILE] [--set PATH=VALUE]... [MODE] [--json] FILE...\n"
	"\n"
	"Runs captures (pcap, pcapng, packed with gzip or not) and scenario scripts (.seg) through the engine\n"
	"of tcpwardend.\n"
	"\n"
	"  (no mode)          a summary: flows by outcome, drops by reason, worst flows\n"
	"  --packets          one line a packet\n"
	"  --events           the event lines of the daemon\n"
	"  --flows            one line a flow; --flows=zeek: a conn.log as Zeek writes it\n"
	"  --ladder [ID]      a sequence diagram of each flow, long ones shortened, or of one flow whole\n"
	"  --diff FILE2       packets whose verdict changes under this configuration, by reason\n"
	"  --check            run scenario scripts against their expectations, output is TAP\n"
	"  --json             one JSON object a line\n"
	"  --svg=FILE         with --ladder: draw it as a picture\n"
	"  --write-dropped F  write the dropped packets as pcapng, each with its reason as comment\n"
	"\n"
	"  -c FILE            read this configuration instead of the built-in defaults\n"
	"  --set PATH=VALUE   set one option, or services, after the file; may be repeated\n"
	"  -V                 print the version\n"
	"  -h                 print this help\n";

enum long_option { LONG_SET = 256, LONG_PACKETS, LONG_EVENTS, LONG_FLOWS, LONG_LADDER, LONG_SVG, LONG_DIFF, LONG_CHECK,
		   LONG_WRITE_DROPPED, LONG_JSON, LONG_VERSION, LONG_HELP };

static const struct option long_options[] = {
	{ "set", required_argument, NULL, LONG_SET },
	{ "packets", no_argument, NULL, LONG_PACKETS },
	{ "events", no_argument, NULL, LONG_EVENTS },
	{ "flows", optional_argument, NULL, LONG_FLOWS },
	{ "ladder", optional_argument, NULL, LONG_LADDER },
	{ "svg", required_argument, NULL, LONG_SVG },
	{ "diff", required_argument, NULL, LONG_DIFF },
	{ "check", no_argument, NULL, LONG_CHECK },
	{ "write-dropped", required_argument, NULL, LONG_WRITE_DROPPED },
	{ "json", no_argument, NULL, LONG_JSON },
	{ "version", no_argument, NULL, LONG_VERSION },
	{ "help", no_argument, NULL, LONG_HELP },
	{ NULL, 0, NULL, 0 },
};

/* The command line, besides what goes to struct replay_options. */
struct command_line {
	const char *config;
	const char *dropped; /* --write-dropped */
	const char *svg;
	const char **set;
	size_t sets;
	unsigned modes; /* given */
};

static void print_hint(void)
{
	fputs("tcpwarden-replay -h prints the options.\n", stderr);
}

static bool take_flows(struct replay_options *options)
{
	options->mode = optarg == NULL ? REPLAY_FLOWS : REPLAY_ZEEK;
	if (optarg == NULL || strcmp(optarg, "zeek") == 0)
		return true;
	log_error("--flows=%s: there is no such form (allowed: --flows, --flows=zeek)", optarg);
	return false;
}

/* Reads the id of the only flow to draw: never 0, which no flow has. */
static bool take_flow_id(struct replay_options *options, const char *text)
{
	if (flow_id_parse(text, &options->flow) && options->flow != 0)
		return true;
	log_error("--ladder=%s: this is no flow id (13 characters of a-z2-7, as --flows prints them)", text);
	return false;
}

static bool take_ladder(struct replay_options *options)
{
	options->mode = REPLAY_LADDER;
	return optarg == NULL || take_flow_id(options, optarg);
}

static bool take_mode(struct replay_options *options, struct command_line *line, int option)
{
	line->modes++;
	switch (option) {
	case LONG_PACKETS:
		options->mode = REPLAY_PACKETS;
		return true;
	case LONG_EVENTS:
		options->mode = REPLAY_EVENTS;
		return true;
	case LONG_FLOWS:
		return take_flows(options);
	case LONG_LADDER:
		return take_ladder(options);
	case LONG_DIFF:
		options->mode = REPLAY_DIFF;
		options->other_config = optarg;
		return true;
	default:
		options->mode = REPLAY_CHECK;
		return true;
	}
}

/* --ladder ID: the first operand is the id, where it reads like one and is no file. False: it names no flow. */
static bool take_ladder_id(struct replay_options *options)
{
	const char *text = options->file[0];
	uint64_t id;

	if (options->mode != REPLAY_LADDER || options->flow != 0 || options->files < 2)
		return true;
	if (access(text, F_OK) == 0 || !flow_id_parse(text, &id))
		return true;
	options->file++;
	options->files--;
	return take_flow_id(options, text);
}

/* What the options say together. */
static bool options_fit(const struct replay_options *options, const struct command_line *line)
{
	if (line->modes > 1)
		log_error("one mode at a time (--packets, --events, --flows, --ladder, --diff, --check)");
	else if (options->mode == REPLAY_ZEEK && options->json)
		log_error("--flows=zeek has no JSON form (use --flows --json)");
	else if (line->svg != NULL && (options->mode != REPLAY_LADDER || options->json))
		log_error("--svg is a form of --ladder");
	else if (line->dropped != NULL && (options->mode == REPLAY_CHECK || options->mode == REPLAY_DIFF))
		log_error("--write-dropped goes with one configuration, and with no --check");
	else if (options->files == 0)
		log_error("no FILE is given");
	else
		return true;
	return false;
}

/* -1: go on; else the exit code. */
static int parse_options(int argc, char **argv, struct replay_options *options, struct command_line *line)
{
	int option;

	while ((option = getopt_long(argc, argv, "c:Vh", long_options, NULL)) != -1) {
		if (option == 'c') {
			line->config = optarg;
		} else if (option == LONG_SET) {
			line->set[line->sets++] = optarg;
		} else if (option == LONG_JSON) {
			options->json = true;
		} else if (option == LONG_WRITE_DROPPED) {
			line->dropped = optarg;
		} else if (option == LONG_SVG) {
			line->svg = optarg;
		} else if (option == 'V' || option == LONG_VERSION) {
			puts("tcpwarden-replay " VERSION);
			return REPLAY_OK;
		} else if (option == 'h' || option == LONG_HELP) {
			fputs(usage, stdout);
			return REPLAY_OK;
		} else if (option == '?' || !take_mode(options, line, option)) {
			print_hint();
			return REPLAY_USAGE;
		}
	}
	options->file = argv + optind;
	options->files = argc - optind;
	if (take_ladder_id(options) && options_fit(options, line))
		return -1;
	print_hint();
	return REPLAY_USAGE;
}

/* -1: go on; else the exit code. */
static int load_config(struct settings *settings, struct services *services, const char *path,
		       const char *const *set, size_t sets)
{
	struct config_errors errors = { .count = 0 };
	int result = config_load(settings, services, path, set, sets, &errors);

	for (size_t i = 0; i < errors.count; i++)
		fprintf(stderr, "%s\n", errors.line[i]);
	config_errors_fini(&errors);
	if (result == 0)
		return -1;
	return result == -ENOENT ? REPLAY_SYSTEM : REPLAY_USAGE;
}

/* The first configuration as the command line says it; the caller frees it. NULL: no memory. */
static char *settings_name(const struct command_line *line)
{
	char *name = NULL;
	size_t size;
	FILE *out = open_memstream(&name, &size);

	if (out == NULL)
		return NULL;
	fputs(line->config != NULL ? line->config : "defaults", out);
	for (size_t i = 0; i < line->sets; i++)
		fprintf(out, " --set %s", line->set[i]);
	return fclose(out) == 0 ? name : NULL;
}

/* -1: go on; else the exit code. */
static int load_settings(struct replay_options *options, const struct command_line *line)
{
	int result = load_config(&options->settings, &options->services, line->config, line->set, line->sets);

	if (result >= 0 || options->mode != REPLAY_DIFF)
		return result;
	options->name = settings_name(line);
	if (options->name == NULL) {
		log_error("no memory");
		return REPLAY_SYSTEM;
	}
	return load_config(&options->other, &options->other_services, options->other_config, NULL, 0);
}

/* The files to be written. False: the user was told. */
static bool open_outputs(struct replay_options *options, const struct command_line *line, FILE **picture)
{
	if (line->dropped != NULL) {
		options->dropped = replay_dropped_open(line->dropped, options->file, options->files);
		if (options->dropped == NULL)
			return false;
	}
	if (line->svg == NULL)
		return true;
	*picture = replay_output_open(line->svg, options->file, options->files);
	if (*picture == NULL)
		return false;
	options->svg = ladder_svg_new();
	if (options->svg == NULL)
		log_error("no memory");
	return options->svg != NULL;
}

/* False: something is not complete, the user was told. */
static bool close_outputs(struct replay_options *options, const struct command_line *line, FILE *picture)
{
	bool fine = replay_dropped_close(options->dropped);

	if (options->svg != NULL && !ladder_svg_finish(options->svg, picture)) {
		log_error("%s: the picture is not complete", line->svg);
		fine = false;
	}
	if (picture != NULL)
		fine &= replay_output_close(picture, line->svg);
	return fine;
}

static int replay_all(struct replay_options *options, const struct command_line *line)
{
	enum replay_exit worst = REPLAY_OK;
	FILE *picture = NULL;
	bool ready;

	if (options->mode == REPLAY_CHECK)
		return (int)replay_check(options);
	ready = open_outputs(options, line, &picture);
	for (int i = 0; ready && i < options->files; i++) {
		enum replay_exit result = replay_file(options, options->file[i]);

		if (result > worst)
			worst = result;
	}
	return close_outputs(options, line, picture) && ready ? (int)worst : REPLAY_SYSTEM;
}

int main(int argc, char **argv)
{
	struct replay_options options = { .mode = REPLAY_SUMMARY };
	struct command_line line = { .set = calloc((size_t)argc, sizeof(*line.set)) };
	int result;

	log_init("tcpwarden-replay");
	if (line.set == NULL) {
		log_error("no memory");
		return REPLAY_SYSTEM;
	}
	result = parse_options(argc, argv, &options, &line);
	if (result < 0)
		result = load_settings(&options, &line);
	if (result < 0)
		result = replay_all(&options, &line);
	free(options.name);
	free(line.set);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		log_error("standard output: %s", strerror(errno));
		return REPLAY_SYSTEM;
	}
	return result;
}
