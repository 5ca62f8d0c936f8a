/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Captures: every link type, VLAN tags, times, and files that are damaged or no captures at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "input/capture.h"

/* 40 bytes: an IPv4 header and a SYN. */
#define PACKET4 "4500002800010000400600000a0000010a000002" "9c400050000003e8000000005002ffff00000000"
#define PACKET6 "6000000000000640" "fd000000000000000000000000000001" "fd000000000000000000000000000002"
#define MAC "020000000001020000000002"
#define COOKED "0000000100060200000000010000"

struct file {
	uint8_t data[4096];
	size_t size;
	char path[64];
};

static void put_hex(struct file *file, const char *hex)
{
	unsigned value;

	for (; sscanf(hex, "%2x", &value) == 1; hex += 2)
		file->data[file->size++] = (uint8_t)value;
}

static void put_be32(struct file *file, uint32_t value)
{
	store_be32(file->data + file->size, value);
	file->size += 4;
}

/* The header of a pcap file in network byte order: microseconds or nanoseconds. */
static void begin_pcap(struct file *file, uint32_t link_type, bool nano)
{
	memset(file, 0, sizeof(*file));
	put_hex(file, nano ? "a1b23c4d" : "a1b2c3d4");
	put_hex(file, "00020004" "00000000" "00000000" "00040000");
	put_be32(file, link_type);
}

static void put_frame(struct file *file, uint32_t seconds, uint32_t fraction, uint32_t length, const char *hex)
{
	const size_t captured = strlen(hex) / 2;

	put_be32(file, seconds);
	put_be32(file, fraction);
	put_be32(file, (uint32_t)captured);
	put_be32(file, length > 0 ? length : (uint32_t)captured);
	put_hex(file, hex);
}

static void write_file(struct file *file)
{
	int fd;

	snprintf(file->path, sizeof(file->path), "/tmp/test_capture.XXXXXX");
	fd = mkstemp(file->path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, file->data, file->size), file->size);
	close(fd);
}

static struct capture *open_file(struct file *file)
{
	char error[256] = "";
	struct capture *capture;

	write_file(file);
	capture = capture_open(file->path, error, sizeof(error));
	unlink(file->path);
	if (!capture)
		fail_msg("%s", error);
	return capture;
}

static void takes_every_link_header_off(void **state)
{
	static const struct {
		uint32_t link_type;
		const char *frame;
		bool is_ip;
		uint16_t vlan;
		size_t captured;
	} frames[] = {
		{ 1, MAC "0800" PACKET4, true, 0, 40 },
		{ 1, MAC "86dd" PACKET6, true, 0, 40 },
		{ 1, MAC "0806" PACKET4, false, 0, 0 },
		{ 1, MAC "0026" PACKET4, false, 0, 0 },
		{ 1, MAC "8100" "6064" "0800" PACKET4, true, 100, 40 },
		{ 1, MAC "8100" "6000" "0800" PACKET4, true, 0, 40 },
		{ 1, MAC "8100" "6064" "0806" PACKET4, false, 100, 0 },
		{ 1, MAC "88a8" "00c8" "8100" "0064" "86dd" PACKET6, true, 200, 40 },
		{ 1, MAC "9100" "0000" "8100" "0064" "0800" PACKET4, true, 100, 40 },
		{ 1, MAC "0800", true, 0, 0 },
		{ 1, MAC "08", false, 0, 0 },
		{ 1, MAC "8100" "0064" "08", false, 0, 0 },
		{ 101, PACKET4, true, 0, 40 },
		{ 12, PACKET6, true, 0, 40 },
		{ 14, PACKET4, true, 0, 40 },
		{ 228, PACKET4, true, 0, 40 },
		{ 229, PACKET6, true, 0, 40 },
		{ 113, COOKED "0800" PACKET4, true, 0, 40 },
		{ 113, COOKED "8100" "0064" "0800" PACKET4, true, 100, 40 },
		{ 113, COOKED "0806" PACKET4, false, 0, 0 },
		{ 276, "0800000000000002000100060200000000010000" PACKET4, true, 0, 40 },
		{ 276, "86dd000000000002000100060200000000010000" PACKET6, true, 0, 40 },
		{ 276, "0806000000000002000100060200000000010000" PACKET4, false, 0, 0 },
		{ 0, "02000000" PACKET4, true, 0, 40 },
		{ 0, "00000002" PACKET4, true, 0, 40 },
		{ 0, "1e000000" PACKET6, true, 0, 40 },
		{ 0, "0000001c" PACKET6, true, 0, 40 },
		{ 0, "07000000" PACKET4, false, 0, 0 },
		{ 0, "0200", false, 0, 0 },
		{ 108, "00000002" PACKET4, true, 0, 40 },
		{ 108, "00000018" PACKET6, true, 0, 40 },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(frames) / sizeof(frames[0]); n++) {
		struct file file;
		struct capture *capture;
		struct capture_frame frame;

		begin_pcap(&file, frames[n].link_type, false);
		put_frame(&file, 1, 0, 0, frames[n].frame);
		capture = open_file(&file);
		assert_int_equal(capture_next(capture, &frame), CAPTURE_FRAME);
		if (frame.is_ip != frames[n].is_ip || frame.vlan != frames[n].vlan ||
		    frame.bytes.captured != frames[n].captured)
			fail_msg("row %zu: is_ip %d vlan %d captured %zu", n, frame.is_ip, frame.vlan,
				 frame.bytes.captured);
		if (frame.is_ip) {
			assert_int_equal(frame.bytes.length, frame.bytes.captured);
			assert_int_equal(frame.bytes.marks, PACKET_MARK_CAPTURE);
			assert_int_equal(frame.bytes.zone, 0);
		}
		if (frames[n].captured > 0)
			assert_true(frame.bytes.data[0] == 0x45 || frame.bytes.data[0] == 0x60);
		assert_int_equal(capture_next(capture, &frame), CAPTURE_END);
		capture_close(capture);
	}
}

static void tells_number_time_and_true_length(void **state)
{
	struct file file;
	struct capture *capture;
	struct capture_frame frame;

	(void)state;
	for (int nano = 0; nano < 2; nano++) {
		begin_pcap(&file, 1, nano);
		put_frame(&file, 1700000000, 412, 1514, MAC "0800" PACKET4);
		put_frame(&file, 1699999999, 999999, 0, MAC "0806" "0001");
		put_frame(&file, 4000000000, 0, 60, MAC "0800" PACKET4);
		capture = open_file(&file);
		assert_int_equal(capture_next(capture, &frame), CAPTURE_FRAME);
		assert_true(frame.number == 1);
		assert_true(frame.time_ns == UINT64_C(1700000000000000000) + (nano ? 412 : 412000));
		assert_int_equal(frame.bytes.length, 1500);
		assert_int_equal(frame.bytes.captured, 40);
		assert_int_equal(capture_next(capture, &frame), CAPTURE_FRAME);
		assert_true(frame.number == 2);
		assert_false(frame.is_ip);
		assert_true(frame.time_ns == UINT64_C(1699999999000000000) + (nano ? 999999 : 999999000));
		assert_int_equal(capture_next(capture, &frame), CAPTURE_FRAME);
		assert_true(frame.number == 3);
		assert_true(frame.time_ns == UINT64_C(4000000000000000000));
		assert_int_equal(capture_next(capture, &frame), CAPTURE_END);
		capture_close(capture);
	}
}

/* A section header, an interface with nanoseconds (if_tsresol 9), one packet. */
static void reads_pcapng(void **state)
{
	struct file file = { .size = 0 };
	struct capture *capture;
	struct capture_frame frame;

	(void)state;
	put_hex(&file, "0a0d0d0a" "0000001c" "1a2b3c4d" "00010000" "ffffffffffffffff" "0000001c");
	put_hex(&file, "00000001" "00000020" "00650000" "00040000" "0009000109000000" "00000000" "00000020");
	put_hex(&file, "00000006" "00000048" "00000000" "17979cfe" "362a0001" "00000028" "000005dc" PACKET4 "00000048");
	capture = open_file(&file);
	assert_int_equal(capture_next(capture, &frame), CAPTURE_FRAME);
	assert_true(frame.is_ip);
	assert_true(frame.time_ns == UINT64_C(1700000000000000001));
	assert_int_equal(frame.bytes.captured, 40);
	assert_int_equal(frame.bytes.length, 1500);
	assert_int_equal(capture_next(capture, &frame), CAPTURE_END);
	capture_close(capture);
}

/* if_tsresol 0: whole seconds, 64 bits of them. What no clock shows is cut to what one can. */
static void hostile_times_are_cut(void **state)
{
	static const struct {
		const char *seconds; /* high word first */
		uint64_t time_ns;
	} cases[] = {
		{ "00000000" "6553f100", UINT64_C(1700000000000000000) },
		{ "00000002" "25c17d03", UINT64_C(9223372035000000000) },
		{ "00000002" "25c17d05", UINT64_C(9223372035000000000) },
		{ "7fffffff" "ffffffff", UINT64_C(9223372035000000000) },
		{ "80000000" "00000000", 0 },
		{ "ffffffff" "ffffffff", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct file file = { .size = 0 };
		struct capture_frame frame;
		struct capture *capture;

		put_hex(&file, "0a0d0d0a" "0000001c" "1a2b3c4d" "00010000" "ffffffffffffffff" "0000001c");
		put_hex(&file, "00000001" "00000020" "00650000" "00040000" "0009000100000000" "00000000" "00000020");
		put_hex(&file, "00000006" "00000048" "00000000");
		put_hex(&file, cases[i].seconds);
		put_hex(&file, "00000028" "00000028" PACKET4 "00000048");
		capture = open_file(&file);
		assert_int_equal(capture_next(capture, &frame), CAPTURE_FRAME);
		assert_true(frame.time_ns == cases[i].time_ns);
		capture_close(capture);
	}
}

/* Cut at every byte of the second frame: the first is delivered, then the damage is named. */
static void names_the_frame_that_is_damaged(void **state)
{
	struct file whole;
	size_t first;

	(void)state;
	begin_pcap(&whole, 101, false);
	put_frame(&whole, 1, 0, 0, PACKET4);
	first = whole.size;
	put_frame(&whole, 2, 0, 0, PACKET4);
	for (size_t size = first + 1; size < whole.size; size++) {
		struct file file = whole;
		struct capture *capture;
		struct capture_frame frame;

		file.size = size;
		capture = open_file(&file);
		assert_int_equal(capture_next(capture, &frame), CAPTURE_FRAME);
		assert_true(frame.number == 1);
		assert_int_equal(capture_next(capture, &frame), CAPTURE_DAMAGED);
		assert_true(strncmp(capture_error(capture), "frame 2: ", 9) == 0);
		assert_true(strlen(capture_error(capture)) > 9);
		capture_close(capture);
	}
}

static void names_an_absurd_length(void **state)
{
	struct file file;
	struct capture *capture;
	struct capture_frame frame;

	(void)state;
	begin_pcap(&file, 101, false);
	put_hex(&file, "00000001" "00000000" "ffffffff" "ffffffff");
	capture = open_file(&file);
	assert_int_equal(capture_next(capture, &frame), CAPTURE_DAMAGED);
	assert_true(strncmp(capture_error(capture), "frame 1: ", 9) == 0);
	capture_close(capture);
}

static void expect_refusal(struct file *file, const char *words)
{
	char error[256] = "";

	write_file(file);
	assert_null(capture_open(file->path, error, sizeof(error)));
	unlink(file->path);
	if (!strstr(error, words))
		fail_msg("\"%s\" lacks \"%s\"", error, words);
}

static void refuses_what_it_cannot_read(void **state)
{
	char error[256] = "";
	struct file file;

	(void)state;
	begin_pcap(&file, 105, false);
	expect_refusal(&file, "link type 105 (IEEE802_11) is not supported");
	begin_pcap(&file, 1, false);
	file.size = 10;
	expect_refusal(&file, "truncated");
	file.size = 0;
	expect_refusal(&file, "truncated");
	put_hex(&file, "6e6f742061206361707475726521212121212121212121212121");
	expect_refusal(&file, "format");
	assert_null(capture_open("/nonexistent/file", error, sizeof(error)));
	assert_string_equal(error, "No such file or directory");
	assert_null(capture_open("/tmp", error, sizeof(error)));
	assert_string_equal(error, "Is a directory");
	assert_int_equal(errno, EISDIR);
	capture_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_every_link_header_off),
		cmocka_unit_test(tells_number_time_and_true_length),
		cmocka_unit_test(reads_pcapng),
		cmocka_unit_test(hostile_times_are_cut),
		cmocka_unit_test(names_the_frame_that_is_damaged),
		cmocka_unit_test(names_an_absurd_length),
		cmocka_unit_test(refuses_what_it_cannot_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
