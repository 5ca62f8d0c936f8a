/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcpwarden-replay --check: scenario scripts, results as TAP or JSON. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "input/script_check.h"
#include "log/log.h"
#include "main/replay.h"

struct tap {
	bool json;
	const char *file;
	unsigned long number; /* of the last test */
	unsigned long failed;
};

static void print_json(const struct tap *tap, unsigned line, const char *problem)
{
	bool passed = problem[0] == '\0';
	json_t *object =
		json_pack("{s:I, s:s, s:I, s:b, s:s?}", "test", (json_int_t)tap->number, "file", tap->file,
			  "line", (json_int_t)line, "ok", passed, "problem", passed ? NULL : problem);

	if (object != NULL)
		json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

static void print_result(void *context, unsigned line, const char *problem)
{
	struct tap *tap = context;
	bool passed = problem[0] == '\0';

	tap->number++;
	tap->failed += !passed;
	if (tap->json) {
		print_json(tap, line, problem);
		return;
	}
	printf("%s %lu - %s:%u\n", passed ? "ok" : "not ok", tap->number, tap->file, line);
	if (!passed)
		printf("# %s:%u: %s\n", tap->file, line, problem);
}

static enum replay_exit check_script(const struct script *script, struct tap *tap)
{
	struct script_check check = { .script = script };
	struct replay_engine host;
	int result;

	if (!replay_engine_open(&host, &script->settings, &script->services, script_check_sink(&check), true))
		return REPLAY_SYSTEM;
	check.engine = host.engine;
	result = script_check_run(&check, print_result, tap);
	replay_engine_close(&host);
	if (result == 0)
		return REPLAY_OK;
	log_error("%s: %s", tap->file, strerror(-result));
	return REPLAY_SYSTEM;
}

/* Reads all scripts: the plan needs them. A script that cannot be read stays NULL. */
static enum replay_exit read_scripts(const struct replay_options *options, struct script **scripts,
				     size_t *tests)
{
	enum replay_exit worst = REPLAY_OK;

	for (int i = 0; i < options->files; i++) {
		scripts[i] = script_read(options->file[i], &options->settings, &options->services, config_set);
		if (scripts[i] == NULL) {
			log_error("%s: %s", options->file[i], strerror(errno));
			worst = REPLAY_SYSTEM;
			continue;
		}
		*tests += scripts[i]->tests;
	}
	return worst;
}

enum replay_exit replay_check(const struct replay_options *options)
{
	struct script **scripts = calloc((size_t)options->files, sizeof(*scripts));
	struct tap tap = { .json = options->json };
	enum replay_exit worst;
	size_t tests = 0;

	if (scripts == NULL) {
		log_error("no memory");
		return REPLAY_SYSTEM;
	}
	worst = read_scripts(options, scripts, &tests);
	if (!options->json)
		printf("1..%zu\n", tests);
	for (int i = 0; i < options->files; i++) {
		tap.file = options->file[i];
		if (scripts[i] != NULL && check_script(scripts[i], &tap) != REPLAY_OK)
			worst = REPLAY_SYSTEM;
		script_free(scripts[i]);
	}
	free(scripts);
	if (worst == REPLAY_OK && tap.failed > 0)
		worst = REPLAY_FAILED;
	return worst;
}
