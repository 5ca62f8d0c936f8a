/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a fuzz target over its corpus where there is no libFuzzer: the files named as arguments, or all of the
 * folder tests/fuzz/corpus/<name of the program> below top_srcdir. TAP; the target ends the program where it
 * finds something.
 */
#include <dirent.h>

#include "input.h"

#define FILE_MOST (1 << 20)

static unsigned count;

static void run_file(const char *path)
{
	uint8_t *data = malloc(FILE_MOST);
	FILE *file = fopen(path, "rb");
	size_t size = 0;
	uint8_t *exact;

	if (file == NULL || data == NULL) {
		printf("not ok %u - %s cannot be read\n", ++count, path);
	} else {
		size = fread(data, 1, FILE_MOST, file);
		exact = malloc(size > 0 ? size : 1); /* a byte too far is seen */
		memcpy(exact, data, size);
		printf("# %s\n", path);
		fflush(stdout);
		LLVMFuzzerTestOneInput(exact, size);
		free(exact);
		printf("ok %u - %s\n", ++count, path);
	}
	if (file != NULL)
		fclose(file);
	free(data);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void run_folder(const char *folder)
{
	struct dirent **entry;
	char *path;
	int entries = scandir(folder, &entry, is_visible, alphasort);

	for (int i = 0; i < entries; i++) {
		REQUIRE(asprintf(&path, "%s/%s", folder, entry[i]->d_name) >= 0, "no memory");
		run_file(path);
		free(path);
		free(entry[i]);
	}
	if (entries >= 0)
		free(entry);
	if (entries <= 0)
		printf("not ok %u - %s holds no corpus\n", ++count, folder);
}

int main(int argc, char **argv)
{
	const char *top = getenv("top_srcdir"), *name = strrchr(argv[0], '/');
	char *folder;

	REQUIRE(asprintf(&folder, "%s/tests/fuzz/corpus/%s", top != NULL ? top : ".",
			 name != NULL ? name + 1 : argv[0]) >= 0,
		"no memory");
	for (int i = 1; i < argc; i++)
		run_file(argv[i]);
	if (argc == 1)
		run_folder(folder);
	free(folder);
	printf("1..%u\n", count);
	return 0;
}
