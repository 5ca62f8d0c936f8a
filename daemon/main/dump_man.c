/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "config/describe.h"
#include "main/dump_parts.h"
#include "tables/commands.h"
#include "tables/settings.h"
#include "tables/tables.h"

#define FIELD_SIZE 512

#define TEXT_WIDTH 78 /* columns of a line of text */

/* One word of a line of text: no macro at its beginning, no escape in it. */
static void text_word(FILE *out, const char *word, size_t length)
{
	if (*word == '.' || *word == '\'')
		fprintf(out, "\\&");
	for (size_t i = 0; i < length; i++)
		if (word[i] == '\\')
			fprintf(out, "\\e");
		else
			fputc(word[i], out);
}

/* Does the text begin with a word of letters only, not with a key or a name? */
static bool begins_with_word(const char *text)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz");

	return length > 0 && (text[length] == ' ' || text[length] == '\0');
}

/* A sentence as the tables write it, without capital and full stop, in lines of its own. */
static void sentence(FILE *out, const char *words)
{
	char copy[FIELD_SIZE];
	const char *text = copy;
	size_t column = 0;

	snprintf(copy, sizeof copy, "%s", words);
	if (begins_with_word(copy))
		copy[0] = (char)(copy[0] - 'a' + 'A');
	while (*text != '\0') {
		size_t length = strcspn(text, " ");

		if (column > 0 && column + 1 + length >= TEXT_WIDTH) {
			fputc('\n', out);
			column = 0;
		} else if (column > 0) {
			fputc(' ', out);
			column++;
		}
		text_word(out, text, length);
		column += length;
		text += length + (text[length] == ' ');
	}
	fprintf(out, ".\n");
}

/* A text as one argument of a macro: in quotes, quotes inside doubled, no macro name taken for one. */
static void argument(FILE *out, const char *text)
{
	fprintf(out, " \"");
	for (const char *p = text; *p != '\0'; p++)
		if (*p == '"')
			fprintf(out, "\\(dq");
		else if (*p == '\\')
			fprintf(out, "\\e");
		else
			fputc(*p, out);
	fputc('"', out);
}

static void begin(FILE *out, const char *part, const char *list)
{
	fprintf(out, ".\\\" BEGIN %s\n.Bl -tag -width %s\n", part, list);
}

static void end(FILE *out, const char *part)
{
	fprintf(out, ".El\n.\\\" END %s\n", part);
}

static void item(FILE *out, const char *macro, const char *word)
{
	fprintf(out, ".It %s %s\n", macro, word);
}

static void print_option(FILE *out, const struct option_info *option)
{
	char text[FIELD_SIZE];
	struct text field;

	fprintf(out, ".It Ic %s No =", option->path);
	text_init(&field, text, sizeof text);
	describe_default(&field, option);
	fprintf(out, " Li");
	argument(out, text);
	fputc('\n', out);
	sentence(out, option->help);
	text_init(&field, text, sizeof text);
	text_str(&field, "Allowed: ");
	describe_allowed(&field, option);
	sentence(out, text);
	if (option->when == OPTION_START)
		sentence(out, "Needs a restart");
}

static void part_options(FILE *out)
{
	begin(out, "options", "Ds");
	for (int i = 0; i < OPTION_COUNT; i++)
		print_option(out, &option_table[i]);
	end(out, "options");
}

static void part_phases(FILE *out)
{
	begin(out, "phases", "ESTABLISHED");
	for (int i = 0; i < PHASE_COUNT; i++) {
		item(out, "Li", phase_word((enum phase)i));
		sentence(out, phase_help((enum phase)i));
	}
	end(out, "phases");
}

static void part_reasons(FILE *out)
{
	begin(out, "reasons", "Ds");
	for (int i = 0; i < REASON_COUNT; i++) {
		const struct reason_info *reason = &reason_table[i];

		fprintf(out, ".It Li %s Pq %s, %s\n", reason->word, reason_class_word(reason->class),
			verdict_word(reason->verdict));
		sentence(out, reason->help);
		if (strcmp(reason->setting, "-") != 0)
			fprintf(out, "Setting:\n.Ic %s .\n", reason->setting);
	}
	end(out, "reasons");
}

static void part_events(FILE *out)
{
	begin(out, "events", "Ds");
	for (int i = 0; i < EVENT_COUNT; i++) {
		fprintf(out, ".It Li %s Pq %s\n", event_table[i].word,
			severity_word(event_table[i].severity));
		sentence(out, event_table[i].help);
	}
	end(out, "events");
}

static void part_closes(FILE *out)
{
	begin(out, "closes", "unreachable");
	for (int i = 0; i < CLOSE_COUNT; i++) {
		item(out, "Li", close_word((enum close_reason)i));
		sentence(out, close_help((enum close_reason)i));
	}
	end(out, "closes");
}

static void part_conn_states(FILE *out)
{
	begin(out, "conn_states", "RSTOS0");
	for (int i = 0; i < CONN_STATE_COUNT; i++) {
		item(out, "Li", conn_state_word((enum conn_state)i));
		sentence(out, conn_state_help((enum conn_state)i));
	}
	end(out, "conn_states");
}

static void part_counters(FILE *out)
{
	begin(out, "counters", "would-drop");
	for (int i = 0; i < COUNTER_COUNT; i++) {
		item(out, "Li", counter_word((enum counter)i));
		sentence(out, counter_help((enum counter)i));
	}
	end(out, "counters");
}

static void part_metrics(FILE *out)
{
	begin(out, "metrics", "Ds");
	for (int i = 0; i < METRIC_COUNT; i++) {
		const struct metric_info *metric = &metric_table[i];

		fprintf(out, ".It Li %s Pq %s", metric->name, metric_type_word(metric->type));
		if (metric->labels[0] != '\0')
			fprintf(out, " No by %s", metric->labels);
		fputc('\n', out);
		sentence(out, metric->help);
	}
	end(out, "metrics");
}

static void part_causes(FILE *out)
{
	begin(out, "causes", "Ds");
	for (int i = 0; i < CAUSE_COUNT; i++) {
		item(out, "Li", cause_table[i].word);
		sentence(out, cause_table[i].help);
		if (strcmp(cause_table[i].setting, "-") != 0)
			fprintf(out, "Setting:\n.Ic %s .\n", cause_table[i].setting);
	}
	end(out, "causes");
}

static void part_commands(FILE *out)
{
	begin(out, "commands", "Ds");
	for (int i = 0; i < COMMAND_COUNT; i++) {
		const struct command_info *command = &command_table[i];

		fprintf(out, ".It Ic %s", command->word);
		if (*command->arguments != '\0')
			argument(out, command->arguments);
		fputc('\n', out);
		sentence(out, command->help);
		if (command->access == COMMAND_CHANGE)
			sentence(out, "Only for root and the user of the daemon");
	}
	end(out, "commands");
}

void dump_man(FILE *out)
{
	part_options(out);
	part_phases(out);
	part_reasons(out);
	part_events(out);
	part_closes(out);
	part_conn_states(out);
	part_counters(out);
	part_causes(out);
	part_commands(out);
	part_metrics(out);
}
