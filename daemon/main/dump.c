/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "main/dump.h"

#include <string.h>

#include "base/text.h"
#include "config/describe.h"
#include "main/dump_parts.h"
#include "tables/commands.h"
#include "tables/settings.h"
#include "tables/tables.h"

#define FIELD_SIZE 512

/* All tables are lines of fields with tabs between them, the names of the fields first. */

static void dump_options(FILE *out)
{
	fprintf(out, "option\tdefault\tallowed\tchange\trule\tmeaning\n");
	for (int i = 0; i < OPTION_COUNT; i++) {
		const struct option_info *option = &option_table[i];
		char allowed_text[FIELD_SIZE], default_text[FIELD_SIZE];
		struct text allowed, def;

		text_init(&allowed, allowed_text, sizeof allowed_text);
		text_init(&def, default_text, sizeof default_text);
		describe_allowed(&allowed, option);
		describe_default(&def, option);
		fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\n", option->path, default_text, allowed_text,
			option->when == OPTION_START ? "restart" : "reload", option->rule, option->help);
	}
}

static void dump_phases(FILE *out)
{
	fprintf(out, "phase\tmeaning\n");
	for (int i = 0; i < PHASE_COUNT; i++)
		fprintf(out, "%s\t%s\n", phase_word((enum phase)i), phase_help((enum phase)i));
}

static void dump_reasons(FILE *out)
{
	fprintf(out, "reason\tclass\tdefault\tsetting\trule\tmeaning\n");
	for (int i = 0; i < REASON_COUNT; i++) {
		const struct reason_info *reason = &reason_table[i];

		fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\n", reason->word, reason_class_word(reason->class),
			verdict_word(reason->verdict), reason->setting, reason->rule, reason->help);
	}
}

static void dump_events(FILE *out)
{
	fprintf(out, "event\tseverity\tmeaning\n");
	for (int i = 0; i < EVENT_COUNT; i++)
		fprintf(out, "%s\t%s\t%s\n", event_table[i].word, severity_word(event_table[i].severity),
			event_table[i].help);
}

static void dump_counters(FILE *out)
{
	fprintf(out, "counter\tmeaning\n");
	for (int i = 0; i < COUNTER_COUNT; i++)
		fprintf(out, "%s\t%s\n", counter_word((enum counter)i), counter_help((enum counter)i));
}

static void dump_metrics(FILE *out)
{
	fprintf(out, "metric\ttype\tlabels\tmeaning\n");
	for (int i = 0; i < METRIC_COUNT; i++)
		fprintf(out, "%s\t%s\t%s\t%s\n", metric_table[i].name, metric_type_word(metric_table[i].type),
			metric_table[i].labels, metric_table[i].help);
}

static void dump_rules(FILE *out)
{
	fprintf(out, "rule\tsource\tmeaning\n");
	for (int i = 0; i < RULE_COUNT; i++)
		fprintf(out, "%s\t%s\t%s\n", rule_table[i].id, rule_table[i].source, rule_table[i].help);
}

static void dump_commands(FILE *out)
{
	fprintf(out, "command\targuments\taccess\tmeaning\n");
	for (int i = 0; i < COMMAND_COUNT; i++)
		fprintf(out, "%s\t%s\t%s\t%s\n", command_table[i].word, command_table[i].arguments,
			command_access_word(command_table[i].access), command_table[i].help);
}

/* In the order of dump_words(). */
static const struct dump {
	const char *word;
	void (*print)(FILE *out);
} dumps[] = {
	{ "options", dump_options }, { "phases", dump_phases },     { "reasons", dump_reasons },
	{ "events", dump_events },   { "counters", dump_counters }, { "metrics", dump_metrics },
	{ "rules", dump_rules },     { "commands", dump_commands }, { "dot", dump_dot },
	{ "conf", dump_conf },       { "man", dump_man },           { "bash", dump_bash },
	{ "zsh", dump_zsh },
};

bool dump_print(const char *word, FILE *out)
{
	for (size_t i = 0; i < sizeof dumps / sizeof dumps[0]; i++)
		if (strcmp(dumps[i].word, word) == 0) {
			dumps[i].print(out);
			return true;
		}
	return false;
}

const char *dump_words(void)
{
	return "options|phases|reasons|events|counters|metrics|rules|commands|dot|conf|man|bash|zsh";
}
