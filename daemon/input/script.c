/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "input/script.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "input/script_fields.h"
#include "input/script_text.h"

#define REPEAT_MOST       10000000
#define CLOCK_MOST        (UINT64_C(2000000000) * NS_PER_S) /* where the clock of a script ends */

struct parser {
	struct script *script;
	script_set_function *set;
	size_t step_room, flow_room; /* allocated */
	bool f1_given;               /* a `flow f1` line was there; else it is the default one */
	uint64_t clock_ns;           /* after the line before */
	unsigned line;
	char error[SCRIPT_ERROR_SIZE];
};

/* Room for one more element. NULL: no memory. */
static void *grow(void *array, size_t count, size_t *room, size_t size)
{
	size_t more = *room == 0 ? 16 : *room * 2;
	void *grown;

	if (count < *room)
		return array;
	grown = reallocarray(array, more, size);
	if (grown != NULL)
		*room = more;
	return grown;
}

static bool add_step(struct parser *parser, const struct script_step *step)
{
	struct script *script = parser->script;
	struct script_step *grown = grow(script->step, script->steps, &parser->step_room, sizeof(*step));

	if (grown == NULL)
		return false;
	script->step = grown;
	script->step[script->steps++] = *step;
	script->tests += step->expects > 0 || step->kind == SCRIPT_BROKEN;
	script->broken += step->kind == SCRIPT_BROKEN;
	return true;
}

static bool add_flow(struct parser *parser, const struct script_flow *flow)
{
	struct script *script = parser->script;
	struct script_flow *grown = grow(script->flow, script->flows, &parser->flow_room, sizeof(*flow));

	if (grown == NULL)
		return false;
	script->flow = grown;
	script->flow[script->flows++] = *flow;
	return true;
}

/* Index of the flow, or -1. */
static int find_flow(const struct script *script, const char *name)
{
	for (size_t i = 0; i < script->flows; i++)
		if (strcmp(script->flow[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* flow NAME CLIENT SERVER */
static bool parse_flow(struct parser *parser, char *rest)
{
	const char *name = script_word(&rest);
	const char *client = script_word(&rest);
	const char *server = script_word(&rest);
	struct script_flow flow = { .name = "" };
	uint8_t family;

	if (server == NULL || script_word(&rest) != NULL)
		return script_fail(parser->error, "not of the form: flow NAME CLIENT:PORT SERVER:PORT");
	if (!script_name_fits(name))
		return script_fail(parser->error,
				   "'%s' cannot name a flow (allowed: up to %d letters, digits, _ and -)",
				   name, SCRIPT_NAME_SIZE - 1);
	strcpy(flow.name, name);
	if (!script_endpoint(client, flow.at.client, &flow.at.client_port, &flow.at.family, parser->error) ||
	    !script_endpoint(server, flow.at.server, &flow.at.server_port, &family, parser->error))
		return false;
	if (family != flow.at.family)
		return script_fail(parser->error, "one end is IPv4, the other IPv6");
	if (strcmp(name, "f1") == 0 && !parser->f1_given) {
		parser->f1_given = true;
		parser->script->flow[0] = flow;
		return true;
	}
	if (find_flow(parser->script, name) >= 0)
		return script_fail(parser->error, "flow %s is there already", name);
	return add_flow(parser, &flow) || script_fail(parser->error, "no memory");
}

/* set PATH = VALUE */
static bool parse_set(struct parser *parser, char *rest)
{
	char *equals = strchr(rest, '=');
	const char *path;
	char *value, *end;

	if (equals == NULL)
		return script_fail(parser->error, "not of the form: set PATH = VALUE");
	*equals = '\0';
	value = equals + 1 + strspn(equals + 1, " \t");
	end = value + strlen(value);
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	path = script_word(&rest);
	if (path == NULL || script_word(&rest) != NULL || *value == '\0')
		return script_fail(parser->error, "not of the form: set PATH = VALUE");
	return parser->set(&parser->script->settings, &parser->script->services, path, value, parser->error,
			   sizeof(parser->error));
}

/* "@T" or "@+T" */
static bool parse_time(struct parser *parser, const char *word, struct script_step *step)
{
	bool relative = word[1] == '+';
	uint64_t ns;

	if (!script_seconds("time ", word + 1 + relative, &ns, parser->error))
		return false;
	step->at_ns = relative ? parser->clock_ns + ns : ns;
	step->gap_ns = relative ? ns : 0;
	if (step->at_ns < parser->clock_ns)
		return script_fail(parser->error, "%s runs backwards: the clock is at %.9g s", word,
				   (double)parser->clock_ns / (double)NS_PER_S);
	return true;
}

static bool parse_repeat(struct parser *parser, const char *word, struct script_step *step)
{
	uint64_t repeat;

	if (!script_number("*", word + 1, 1, REPEAT_MOST, &repeat, parser->error))
		return false;
	step->repeat = (unsigned)repeat;
	return true;
}

/* The flow's name where `word` is one: *word moves on. The default is f1. */
static bool parse_flow_name(struct parser *parser, char **word, char **rest, struct script_step *step)
{
	int flow;

	if (*word == NULL || strcmp(*word, ">") == 0 || strcmp(*word, "<") == 0 || strcmp(*word, "wait") == 0)
		return true;
	flow = find_flow(parser->script, *word);
	if (flow < 0 && !script_name_fits(*word))
		return script_fail(parser->error,
				   "'%s' is no direction and no flow (allowed: >, <, wait, a flow's name)",
				   *word);
	if (flow < 0)
		return script_fail(parser->error, "there is no flow %s", *word);
	step->flow = (unsigned)flow;
	*word = script_word(rest);
	return true;
}

static bool parse_wait(struct parser *parser, char *rest, const char *repeat, struct script_step *step)
{
	const char *word = script_word(&rest);

	step->kind = SCRIPT_WAIT;
	if (repeat != NULL)
		return script_fail(parser->error, "wait cannot be repeated");
	if (word != NULL)
		return script_fail(parser->error, "unknown field '%s' of wait", word);
	return true;
}

/* TIME [*N] [FLOW] > FLAGS FIELDS [=> EXPECTATIONS] */
static bool parse_timed(struct parser *parser, char *line, struct script_step *step)
{
	char *expects = strstr(line, "=>");
	char *rest = line;
	char *word, *repeat = NULL;

	if (expects != NULL) {
		*expects = '\0';
		expects += 2;
	}
	if (!parse_time(parser, script_word(&rest), step))
		return false;
	word = script_word(&rest);
	if (word != NULL && word[0] == '*') {
		repeat = word;
		if (!parse_repeat(parser, repeat, step))
			return false;
		word = script_word(&rest);
	}
	if (!parse_flow_name(parser, &word, &rest, step))
		return false;
	if (word == NULL)
		return script_fail(parser->error, "nothing happens (allowed: >, < or wait after the time)");
	step->from = word[0] == '<' ? SIDE_SERVER : SIDE_CLIENT;
	if (strcmp(word, "wait") == 0) {
		if (!parse_wait(parser, rest, repeat, step))
			return false;
	} else if (word[1] != '\0' || (word[0] != '<' && word[0] != '>')) {
		return script_fail(parser->error, "'%s' is no direction (allowed: >, <, wait)", word);
	} else if (!script_parse_sent(rest, parser->script->flow[step->flow].at.family, step,
				      parser->error)) {
		return false;
	}
	if (step->at_ns > CLOCK_MOST || step->gap_ns > CLOCK_MOST / step->repeat)
		return script_fail(parser->error, "the clock would go beyond %llu s",
				   (unsigned long long)(CLOCK_MOST / NS_PER_S));
	return expects == NULL || script_parse_expects(expects, step, parser->error);
}

/* expect [FLOW] EXPECTATIONS */
static bool parse_expect(struct parser *parser, char *rest, struct script_step *step)
{
	char *first = rest + strspn(rest, " \t");
	size_t length = strcspn(first, " \t");
	char name[SCRIPT_NAME_SIZE];
	int flow;

	step->kind = SCRIPT_EXPECT;
	step->at_ns = parser->clock_ns;
	if (length > 0 && length < sizeof(name)) {
		memcpy(name, first, length);
		name[length] = '\0';
		flow = find_flow(parser->script, name);
		if (flow >= 0) {
			step->flow = (unsigned)flow;
			rest = first + length;
		}
	}
	return script_parse_expects(rest, step, parser->error);
}

/* One line without its comment. *is_step: it is one. */
static bool parse_words(struct parser *parser, char *line, struct script_step *step, bool *is_step)
{
	char *rest = line + strspn(line, " \t");
	const char *word;

	*is_step = rest[0] == '@';
	if (*is_step)
		return parse_timed(parser, rest, step);
	word = script_word(&rest);
	if (word == NULL || strcmp(word, "title") == 0 || strcmp(word, "cite") == 0)
		return true;
	if (strcmp(word, "set") == 0)
		return parse_set(parser, rest);
	if (strcmp(word, "flow") == 0)
		return parse_flow(parser, rest);
	*is_step = true;
	if (strcmp(word, "expect") == 0)
		return parse_expect(parser, rest, step);
	step->kind = SCRIPT_BLIND;
	step->at_ns = parser->clock_ns;
	if (strcmp(word, "blind") != 0)
		return script_fail(
			parser->error,
			"unknown word '%s' (allowed: title, cite, set, flow, blind, expect, @TIME)", word);
	word = script_word(&rest);
	return word == NULL || script_fail(parser->error, "unknown field '%s' of blind", word);
}

/* Cuts off the comment, and the carriage return of a foreign editor. */
static void cut_comment(char *line)
{
	bool quoted = false;
	char *p;

	for (p = line; *p != '\0' && (quoted || *p != '#'); p++)
		if (*p == '"')
			quoted = !quoted;
	while (p > line && (p[-1] == '\r' || p[-1] == ' ' || p[-1] == '\t'))
		p--;
	*p = '\0';
}

/* The line is broken, parser->error says why. False: no memory. */
static bool add_broken(struct parser *parser)
{
	struct script_step step = { .kind = SCRIPT_BROKEN, .line = parser->line, .repeat = 1,
				    .at_ns = parser->clock_ns };

	script_printable(parser->error);
	step.error = strdup(parser->error);
	if (step.error != NULL && add_step(parser, &step))
		return true;
	free(step.error);
	return false;
}

/* False: no memory. */
static bool parse_line(struct parser *parser, char *line)
{
	struct script_step step = { .line = parser->line, .repeat = 1 };
	bool is_step;

	cut_comment(line);
	if (!parse_words(parser, line, &step, &is_step))
		return add_broken(parser);
	if (!is_step)
		return true;
	parser->clock_ns = step.at_ns + step.gap_ns * (step.repeat - 1);
	return add_step(parser, &step);
}

struct script *script_parse(const char *text, size_t size, const struct settings *settings,
			    const struct services *services, script_set_function *set)
{
	static const struct script_flow f1 = {
		.name = "f1",
		.at = { .client = { [10] = 0xff, 0xff, 10, 0, 0, 1 },
			.server = { [10] = 0xff, 0xff, 10, 0, 0, 2 },
			.client_port = 40000,
			.server_port = 80,
			.family = 4 },
	};
	struct parser parser = { .set = set };
	bool fine;

	parser.script = calloc(1, sizeof(*parser.script));
	if (parser.script == NULL)
		return NULL;
	parser.script->settings = *settings;
	parser.script->services = *services;
	fine = add_flow(&parser, &f1);
	if (fine && memchr(text, '\0', size) != NULL) {
		parser.line = 1;
		script_fail(parser.error, "not a scenario script: there are bytes of 0 in it");
		fine = add_broken(&parser);
		size = 0;
	}
	for (size_t at = 0; fine && at < size;) {
		const char *newline = memchr(text + at, '\n', size - at);
		size_t length = newline != NULL ? (size_t)(newline - text) - at : size - at;
		char *line = strndup(text + at, length);

		parser.line++;
		fine = line != NULL && parse_line(&parser, line);
		free(line);
		at += length + 1;
	}
	if (!fine) {
		script_free(parser.script);
		return NULL;
	}
	return parser.script;
}

void script_free(struct script *script)
{
	if (script == NULL)
		return;
	for (size_t i = 0; i < script->steps; i++)
		if (script->step[i].kind == SCRIPT_BROKEN)
			free(script->step[i].error);
	free(script->step);
	free(script->flow);
	free(script);
}
