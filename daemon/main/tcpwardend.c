/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's command line: options and wiring only. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "log/log.h"
#include "main/dump.h"
#include "service/service.h"

enum exit_code { EXIT_DONE = 0, EXIT_CONFIGURATION = 1, EXIT_USAGE = 2 }; /* 3: SERVICE_SYSTEM_ERROR */

enum long_option { LONG_SET = 256, LONG_DUMP };

struct command_line {
	struct service_source source;
	const char **sets; /* of argv; room for all of them */
	const char *dump;
	bool test, version, help;
};

static const struct option long_options[] = {
	{ "set", required_argument, NULL, LONG_SET },
	{ "dump", required_argument, NULL, LONG_DUMP },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *out)
{
	fprintf(out,
		"usage: tcpwardend [-c FILE] [-t] [--set PATH=VALUE]... [--dump=%s] [-V] [-h]\n"
		"  -c FILE            configuration (default " CONFIG_DEFAULT_PATH ")\n"
		"  -t                 check the configuration and end\n"
		"  --set PATH=VALUE   set an option, or services, after the file; may repeat\n"
		"  --dump=WORD        print what the program knows about itself and end\n"
		"  -V                 print the version and end\n"
		"  -h                 print this and end\n",
		dump_words());
}

/* False: a usage error, already told by getopt. */
static bool parse(struct command_line *line, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "c:tVh", long_options, NULL)) != -1) {
		switch (option) {
		case 'c': line->source.path = optarg; break;
		case 't': line->test = true; break;
		case 'V': line->version = true; break;
		case 'h': line->help = true; break;
		case LONG_SET: line->sets[line->source.set_count++] = optarg; break;
		case LONG_DUMP: line->dump = optarg; break;
		default: return false;
		}
	}
	if (optind < argc)
		fprintf(stderr, "%s: unexpected argument '%s'\n", argv[0], argv[optind]);
	return optind == argc;
}

static int print_dump(const char *word)
{
	if (!dump_print(word, stdout)) {
		log_error("there is no dump '%s' (allowed: %s)", word, dump_words());
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

static bool load(const struct service_source *source, struct settings *settings, struct services *services)
{
	struct config_errors errors = { 0 };
	bool loaded = service_load(source, settings, services, &errors);

	for (size_t i = 0; i < errors.count; i++)
		fprintf(stderr, "%s\n", errors.line[i]);
	config_errors_fini(&errors);
	return loaded;
}

static int run(const struct command_line *line, bool *stuck)
{
	struct settings settings;
	struct services services;

	if (line->help) {
		usage(stdout);
		return EXIT_DONE;
	}
	if (line->version) {
		printf("tcpwardend %s\n", PACKAGE_VERSION);
		return EXIT_DONE;
	}
	if (line->dump != NULL)
		return print_dump(line->dump);
	if (!load(&line->source, &settings, &services))
		return EXIT_CONFIGURATION;
	if (line->test) {
		if (service_mute_advice(&settings, &services) != NULL)
			log_warn("%s", service_mute_advice(&settings, &services));
		puts("configuration OK");
		return EXIT_DONE;
	}
	return (int)service_run(&line->source, &settings, &services, stuck);
}

/*
 * Whoever starts us with standard descriptors closed must not find messages in a queue's socket or in the
 * flow table. Read-only: writing fails as on a closed one.
 */
static bool occupy_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	return fd >= 0 && close(fd) == 0;
}

/* What was printed must have arrived. */
static int finish_output(int code)
{
	if (code != EXIT_DONE || (fflush(stdout) == 0 && !ferror(stdout)))
		return code;
	log_error("standard output cannot be written: %s", strerror(errno));
	return SERVICE_SYSTEM_ERROR;
}

int main(int argc, char **argv)
{
	struct command_line line = { 0 };
	bool stuck = false;
	int code = EXIT_USAGE;

	log_init("tcpwardend");
	line.sets = calloc((size_t)argc, sizeof *line.sets);
	if (!occupy_standard_descriptors() || line.sets == NULL) {
		log_error("out of memory or descriptors");
		return SERVICE_SYSTEM_ERROR;
	}
	line.source.sets = line.sets;
	if (parse(&line, argc, argv))
		code = run(&line, &stuck);
	else
		usage(stderr);
	/* A thread that hangs in a write may hold the locks that an orderly exit wants. */
	if (stuck)
		_exit(code);
	free(line.sets);
	return finish_output(code);
}
