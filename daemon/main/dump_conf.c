/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "config/describe.h"
#include "main/dump_parts.h"
#include "tables/settings.h"

#define FIELD_SIZE 512

static void indent(FILE *out, size_t depth)
{
	for (size_t i = 0; i < depth; i++)
		fputc('\t', out);
}

/* Length of the group of a path with its last dot: 9 for "tracking.window", 0 outside all groups. */
static size_t group_length(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot != NULL ? (size_t)(dot - path) + 1 : 0;
}

static size_t group_depth(const char *path, size_t length)
{
	size_t depth = 0;

	for (size_t i = 0; i < length; i++)
		depth += path[i] == '.';
	return depth;
}

/* How much of the group of `path` is open already: whole names that both begin with. */
static size_t common_group(const char *open, size_t open_length, const char *path, size_t length)
{
	size_t common = 0;

	for (size_t i = 0; i < open_length && i < length && open[i] == path[i]; i++)
		if (path[i] == '.')
			common = i + 1;
	return common;
}

static void close_groups(FILE *out, size_t from, size_t to)
{
	while (from > to) {
		indent(out, --from);
		fprintf(out, "};\n");
	}
}

static void open_groups(FILE *out, const char *path, size_t from, size_t to)
{
	while (from < to) {
		size_t name = strcspn(path + from, ".");

		fputc('\n', out);
		indent(out, group_depth(path, from));
		fprintf(out, "%.*s = {\n", (int)name, path + from);
		from += name + 1;
	}
}

static void print_option(FILE *out, const struct option_info *option, size_t depth)
{
	char text[FIELD_SIZE];
	struct text field;

	text_init(&field, text, sizeof text);
	describe_allowed(&field, option);
	indent(out, depth);
	fprintf(out, "# %s\n", option->help);
	indent(out, depth);
	fprintf(out, "# %s%s\n", text, option->when == OPTION_START ? "; needs a restart" : "");
	text_init(&field, text, sizeof text);
	describe_default(&field, option);
	indent(out, depth);
	fprintf(out, "#%s = %s;\n", option->path + group_length(option->path), text);
}

static const char head[] =
	"# Configuration of tcpwardend, see tcpwardend.conf(5). An empty file is a working configuration.\n"
	"#\n"
	"# Every option stands here with what it is, what it allows and its default; remove the # in front\n"
	"# of its name to set it. A plain number is in the unit named; a string may bring its own unit:\n"
	"# \"90s\", \"500ms\", \"2h4m\", \"16MiB\", \"100/s\", \"50%\".\n"
	"# Check with: tcpwardend -t -c FILE. SIGHUP reads the file again.\n"
	"\n";

static const char services[] =
	"\n"
	"# Servers for which some of this is different: the first service whose addresses and ports match the\n"
	"# server wins. Without addresses or ports: any. Besides them a service may set mode, window, pickup, events,\n"
	"# remarks, sample, every option of syn_flood that is not the gateway's as a whole, and reserve, the\n"
	"# percentage of the flow table that is kept free for it. What it does not set is as above.\n"
	"#\n"
	"# services = (\n"
	"#       { name = \"web\"; addresses = (\"192.0.2.0/24\"); ports = (80, \"8000-8099\"); source_rate = 100; },\n"
	"#       { name = \"new\"; addresses = (\"192.0.2.7\", \"2001:db8::7\"); mode = \"monitor\"; reserve = 5; },\n"
	"#       { name = \"check\"; ports = (8081); events = (\"packet-dropped\"); }\n"
	"# );\n"
	"#services = ();\n";

void dump_conf(FILE *out)
{
	const char *open = "";
	size_t open_length = 0;

	fputs(head, out);
	for (int i = 0; i < OPTION_COUNT; i++) {
		const char *path = option_table[i].path;
		size_t length = group_length(path);
		size_t common = common_group(open, open_length, path, length);

		close_groups(out, group_depth(open, open_length), group_depth(open, common));
		open_groups(out, path, common, length);
		print_option(out, &option_table[i], group_depth(path, length));
		open = path;
		open_length = length;
	}
	close_groups(out, group_depth(open, open_length), 0);
	fputs(services, out);
}
