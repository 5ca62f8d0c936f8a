/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control client's command line: options and wiring only. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "control/client.h"
#include "control/exporter.h"
#include "control/top.h"

enum long_option { LONG_JSON = 256 };

static const struct option long_options[] = {
	{ "socket", required_argument, NULL, 's' },
	{ "json", no_argument, NULL, LONG_JSON },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *out)
{
	fprintf(out, "usage: tcpwardenctl [-s SOCKET] [--json] VERB [ARG...]\n"
		     "       tcpwardenctl -V | -h\n"
		     "  -s SOCKET          of the daemon (default " CONTROL_DEFAULT_SOCKET ")\n"
		     "  --json             one JSON object a line\n"
		     "  -V                 print the version and end\n"
		     "  -h                 print this and end\n"
		     "\n");
	for (int i = 0; i < COMMAND_COUNT; i++)
		fprintf(out, "  %s%s%s\n        %s%s\n", command_table[i].word,
			*command_table[i].arguments != '\0' ? " " : "", command_table[i].arguments,
			command_table[i].help,
			command_table[i].access == COMMAND_CHANGE ? " (root or the user of tcpwardend)" : "");
}

/* --json is taken behind the verb as well; what else begins with -- there is the verb's own. */
static int take_json(char **args, int count, bool *json)
{
	int kept = 0;

	for (int i = 0; i < count; i++)
		if (strcmp(args[i], "--json") == 0)
			*json = true;
		else
			args[kept++] = args[i];
	return kept;
}

/* exporter --listen ADDR:PORT, or --listen=ADDR:PORT. */
static enum client_exit export_metrics(const struct client_config *config)
{
	static const char listen[] = "--listen";
	size_t size = strlen(listen);

	if (config->count == 2 && strcmp(config->args[0], listen) == 0)
		return exporter_run(config->socket, config->args[1]);
	if (config->count == 1 && strncmp(config->args[0], listen, size) == 0 && config->args[0][size] == '=')
		return exporter_run(config->socket, config->args[0] + size + 1);
	fprintf(stderr, "usage: tcpwardenctl exporter --listen ADDR:PORT\n");
	return CLIENT_USAGE;
}

static enum client_exit run(struct client_config *config)
{
	int command = command_find(config->args[0]);

	if (command < 0) {
		fprintf(stderr, "tcpwardenctl: there is no verb '%s'\n", config->args[0]);
		return CLIENT_USAGE;
	}
	config->command = (enum command)command;
	config->args++;
	config->count = take_json(config->args, config->count - 1, &config->json);
	if (config->count < (int)command_table[command].least ||
	    config->count > (int)command_table[command].most) {
		fprintf(stderr, "usage: tcpwardenctl %s %s\n", command_table[command].word,
			command_table[command].arguments);
		return CLIENT_USAGE;
	}
	if (config->command == COMMAND_TOP)
		return top_run(config);
	return config->command == COMMAND_EXPORTER ? export_metrics(config) : client_run(config);
}

/* What was printed must have arrived. */
static int finish_output(enum client_exit code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return (int)code;
	fprintf(stderr, "tcpwardenctl: standard output cannot be written: %s\n", strerror(errno));
	return CLIENT_NO_DAEMON;
}

int main(int argc, char **argv)
{
	struct client_config config = { .socket = CONTROL_DEFAULT_SOCKET };
	int option;

	while ((option = getopt_long(argc, argv, "+s:Vh", long_options, NULL)) != -1) {
		switch (option) {
		case 's': config.socket = optarg; break;
		case LONG_JSON: config.json = true; break;
		case 'V': printf("tcpwardenctl %s\n", PACKAGE_VERSION); return finish_output(CLIENT_DONE);
		case 'h': usage(stdout); return finish_output(CLIENT_DONE);
		default: usage(stderr); return CLIENT_USAGE;
		}
	}
	config.args = argv + optind;
	config.count = argc - optind;
	if (config.count == 0) {
		usage(stderr);
		return CLIENT_USAGE;
	}
	return finish_output(run(&config));
}
