/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Completion of tcpwardenctl for shells, from the table of commands. */
#include <ctype.h>
#include <string.h>

#include "control/filter.h"
#include "main/dump_parts.h"
#include "tables/commands.h"
#include "tables/tables.h"

#define WORD_SIZE 64

/* What stands between the words of a usage line. */
static const char separators[] = " []|.";

/* A word of a usage line as what may be typed: FILTER and LEVEL by what they stand for, other capitals by nothing. */
static void print_word(FILE *out, const char *word, const char *quote)
{
	const char *sign = strchr(word, '=');

	if (strcmp(word, "FILTER") == 0)
		for (unsigned i = 0; filter_key(i) != NULL; i++)
			fprintf(out, " %s%s%s", quote, filter_key(i), quote);
	else if (strcmp(word, "LEVEL") == 0)
		for (int i = SEVERITY_ERR; i <= SEVERITY_DEBUG; i++)
			fprintf(out, " %s", severity_word((enum severity)i));
	else if (sign != NULL && isupper((unsigned char)sign[1])) /* --option=VALUE */
		fprintf(out, " %.*s", (int)(sign + 1 - word), word);
	else if (!isupper((unsigned char)word[0]))
		fprintf(out, " %s", word);
}

/* The arguments of a command, each after a blank, filters between quotes; first the one option that all have. */
static void print_arguments(FILE *out, const struct command_info *command, const char *quote)
{
	const char *at = command->arguments + strspn(command->arguments, separators);
	char word[WORD_SIZE];

	fprintf(out, "--json");
	while (*at != '\0') {
		size_t length = strcspn(at, separators);

		snprintf(word, sizeof word, "%.*s", (int)length, at);
		print_word(out, word, quote);
		at += length;
		at += strspn(at, separators);
	}
}

static void print_phases(FILE *out)
{
	for (int i = 0; i < PHASE_COUNT; i++)
		fprintf(out, "%s%s", i == 0 ? "" : " ", phase_word((enum phase)i));
}

static void print_reasons(FILE *out)
{
	for (int i = 0; i < REASON_COUNT; i++)
		fprintf(out, "%s%s", i == 0 ? "" : " ", reason_word((enum reason)i));
	for (int i = 0; i < CLOSE_COUNT; i++)
		fprintf(out, " %s", close_word((enum close_reason)i));
}

static const char bash_head[] = "# bash completion of tcpwardenctl, printed by tcpwardend --dump=bash.\n"
				"# SPDX-License-Identifier: GPL-2.0-or-later\n"
				"_tcpwardenctl()\n"
				"{\n"
				"\tlocal word=${COMP_WORDS[COMP_CWORD]} key='' verb='' words i\n"
				"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
				"\t\tcase ${COMP_WORDS[i]} in\n"
				"\t\t-s) i=$((i + 1)) ;;\n"
				"\t\t-*) ;;\n"
				"\t\t*) verb=${COMP_WORDS[i]}; break ;;\n"
				"\t\tesac\n"
				"\tdone\n"
				"\tif [[ $word == '=' ]]; then\n"
				"\t\tkey=${COMP_WORDS[COMP_CWORD - 1]} word=''\n"
				"\telif [[ ${COMP_WORDS[COMP_CWORD - 1]} == '=' ]]; then\n"
				"\t\tkey=${COMP_WORDS[COMP_CWORD - 2]}\n"
				"\tfi\n"
				"\tcase $key/$verb in\n";

static const char bash_tail[] = "\t*) words='' ;;\n"
				"\tesac\n"
				"\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
				"\tif [[ ${COMPREPLY[0]} == *= ]]; then\n"
				"\t\tcompopt -o nospace 2>/dev/null\n"
				"\tfi\n"
				"}\n"
				"complete -F _tcpwardenctl tcpwardenctl\n";

void dump_bash(FILE *out)
{
	fputs(bash_head, out);
	fprintf(out, "\tphase/*) words='");
	print_phases(out);
	fprintf(out, "' ;;\n\treason/*) words='");
	print_reasons(out);
	fprintf(out, "' ;;\n\t/) words='-s --json -V -h");
	for (int i = 0; i < COMMAND_COUNT; i++)
		fprintf(out, " %s", command_table[i].word);
	fprintf(out, "' ;;\n");
	for (int i = 0; i < COMMAND_COUNT; i++) {
		fprintf(out, "\t/%s) words='", command_table[i].word);
		print_arguments(out, &command_table[i], "");
		fprintf(out, "' ;;\n");
	}
	fputs(bash_tail, out);
}

/* A help text inside single quotes, its colons kept from _describe. */
static void print_quoted(FILE *out, const char *text)
{
	for (; *text != '\0'; text++)
		if (*text == '\'')
			fputs("'\\''", out);
		else if (*text == ':')
			fputs("\\:", out);
		else
			fputc(*text, out);
}

void dump_zsh(FILE *out)
{
	fprintf(out, "#compdef tcpwardenctl\n"
		     "# zsh completion of tcpwardenctl, printed by tcpwardend --dump=zsh.\n"
		     "# SPDX-License-Identifier: GPL-2.0-or-later\n"
		     "_tcpwardenctl()\n"
		     "{\n"
		     "\tlocal -a verbs\n"
		     "\tverbs=(\n");
	for (int i = 0; i < COMMAND_COUNT; i++) {
		fprintf(out, "\t\t'%s:", command_table[i].word);
		print_quoted(out, command_table[i].help);
		fprintf(out, "'\n");
	}
	fprintf(out, "\t)\n\tif ((CURRENT == 2)); then\n\t\t_describe verb verbs\n\t\treturn\n\tfi\n"
		     "\tcase $PREFIX in\n\tphase=*) compset -P 'phase='; compadd -- ");
	print_phases(out);
	fprintf(out, "; return ;;\n\treason=*) compset -P 'reason='; compadd -- ");
	print_reasons(out);
	fprintf(out, "; return ;;\n\tesac\n\tcase $words[2] in\n");
	for (int i = 0; i < COMMAND_COUNT; i++) {
		fprintf(out, "\t%s) compadd -- ", command_table[i].word);
		print_arguments(out, &command_table[i], "'"); /* idle>= and idle<= are redirections */
		fprintf(out, " ;;\n");
	}
	fprintf(out, "\tesac\n}\n_tcpwardenctl \"$@\"\n");
}
