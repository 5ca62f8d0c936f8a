/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The drop capture's two files: bounded, the older one kept, begun anew where they were moved away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../folder.h"
#include "report/drop_file.h"

#define SIZE 4096 /* of both files */

static struct drop_file *open_file(void)
{
	char error[256] = "";
	struct drop_file *file = drop_file_open(path, SIZE, error, sizeof error);

	assert_string_equal(error, "");
	assert_non_null(file);
	return file;
}

static void write_packet(struct drop_file *file, uint8_t number)
{
	const uint8_t data[40] = { 0x45, number };
	const struct pcapng_packet packet = { number, data, sizeof data, 1500, "drop ack-high" };

	assert_true(drop_file_write(file, &packet));
}

static off_t size_of(const char *name)
{
	struct stat status;

	return stat(name, &status) == 0 ? status.st_size : -1;
}

/* Packets of a file as libpcap reads it; *first: the number of the first one. */
static unsigned read_file(const char *name, unsigned *first)
{
	char error[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const unsigned char *data;
	pcap_t *pcap = pcap_open_offline(name, error);
	unsigned count = 0;

	assert_non_null(pcap);
	while (pcap_next_ex(pcap, &header, &data) == 1) {
		assert_int_equal(header->caplen, 40);
		assert_int_equal(header->len, 1500);
		if (count++ == 0)
			*first = data[1];
	}
	pcap_close(pcap);
	return count;
}

static void both_files_stay_within_the_size(void **state)
{
	struct drop_file *file = open_file();
	unsigned first = 0, older = 0;

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		write_packet(file, (uint8_t)i);
		assert_true(drop_file_flush(file));
		assert_true(size_of(path) <= SIZE / 2);
		assert_true(size_of(moved) <= SIZE / 2);
	}
	unsigned count = read_file(path, &first), before = read_file(moved, &older);
	assert_true(count > 0 && before > 10);
	assert_int_equal(first + count, 200);
	assert_int_equal(older + before, first);
	drop_file_close(file);
}

static void an_earlier_file_is_kept(void **state)
{
	struct drop_file *file = open_file();
	unsigned first;

	(void)state;
	write_packet(file, 7);
	drop_file_close(file);
	drop_file_close(open_file());
	assert_int_equal(read_file(path, &first), 0);
	assert_int_equal(read_file(moved, &first), 1);
	assert_int_equal(first, 7);
}

static void a_file_that_was_moved_away_begins_anew(void **state)
{
	struct drop_file *file = open_file();
	char error[256];
	unsigned first;

	(void)state;
	write_packet(file, 1);
	assert_true(drop_file_reopen(file, error, sizeof error));
	write_packet(file, 2); /* the same file */
	assert_true(drop_file_flush(file));
	assert_int_equal(rename(path, moved), 0);
	assert_true(drop_file_reopen(file, error, sizeof error));
	write_packet(file, 3);
	drop_file_close(file);
	assert_int_equal(read_file(moved, &first), 2);
	assert_int_equal(read_file(path, &first), 1);
	assert_int_equal(first, 3);
}

static void errors_name_the_path(void **state)
{
	char error[256], expected[256];

	(void)state;
	snprintf(expected, sizeof expected,
		 "drop_capture.path: cannot write %s/none/drops as user id %u: No such file or directory", folder,
		 (unsigned)geteuid());
	snprintf(path, sizeof path, "%s/none/drops", folder);
	assert_null(drop_file_open(path, SIZE, error, sizeof error));
	assert_string_equal(error, expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(both_files_stay_within_the_size, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(an_earlier_file_is_kept, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_file_that_was_moved_away_begins_anew, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(errors_name_the_path, make_folder, remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
