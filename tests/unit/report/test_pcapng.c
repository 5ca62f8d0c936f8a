/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pcapng file as libpcap reads it back, and its comments byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input/capture.h"
#include "report/pcapng.h"

#define TIME_NS UINT64_C(1700000000123456789)

static const uint8_t sample[41] = { 0x45, [3] = 41, [9] = 6, [40] = 0x77 };

struct fixture {
	char path[32];
	FILE *file;
};

static int setup(void **state)
{
	static struct fixture fixture;
	int fd;

	strcpy(fixture.path, "/tmp/pcapng.XXXXXX");
	fd = mkstemp(fixture.path);
	fixture.file = fd >= 0 ? fdopen(fd, "w+b") : NULL;
	*state = &fixture;
	return fixture.file != NULL ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	fclose(f->file);
	unlink(f->path);
	return 0;
}

static struct pcapng_packet packet_with(const char *comment)
{
	return (struct pcapng_packet){ .time_ns = TIME_NS, .data = sample, .captured = sizeof(sample),
				       .length = 1500, .comment = comment };
}

static void write_one(struct fixture *f, const struct pcapng_packet *packet)
{
	long before;

	assert_true(pcapng_begin(f->file, "test 1"));
	before = ftell(f->file);
	assert_true(pcapng_packet(f->file, packet));
	assert_int_equal(ftell(f->file) - before, pcapng_packet_size(packet));
	assert_int_equal(ftell(f->file) % 4, 0);
	assert_int_equal(fflush(f->file), 0);
}

static struct capture *open_again(struct fixture *f)
{
	char error[512];
	struct capture *capture = capture_open(f->path, error, sizeof(error));

	if (capture == NULL)
		fail_msg("%s", error);
	return capture;
}

static void read_back(void **state)
{
	struct fixture *f = *state;
	struct pcapng_packet packet = packet_with("why");
	struct capture_frame frame;
	struct capture *capture;

	write_one(f, &packet);
	packet.comment = NULL;
	packet.time_ns++;
	assert_true(pcapng_packet(f->file, &packet));
	fflush(f->file);
	capture = open_again(f);
	for (uint64_t n = 0; n < 2; n++) {
		assert_int_equal(capture_next(capture, &frame), CAPTURE_FRAME);
		assert_true(frame.time_ns == TIME_NS + n);
		assert_true(frame.is_ip);
		assert_int_equal(frame.bytes.captured, sizeof(sample));
		assert_int_equal(frame.bytes.length, 1500);
		assert_memory_equal(frame.bytes.data, sample, sizeof(sample));
	}
	assert_int_equal(capture_next(capture, &frame), CAPTURE_END);
	capture_close(capture);
}

static void an_empty_one(void **state)
{
	struct fixture *f = *state;
	struct capture_frame frame;
	struct capture *capture;

	assert_true(pcapng_begin(f->file, "test"));
	fflush(f->file);
	capture = open_again(f);
	assert_int_equal(capture_next(capture, &frame), CAPTURE_END);
	capture_close(capture);
}

/* The options of the last packet: code, length, text, padding, the end. */
static void comment_at_end(struct fixture *f, const char *expected, size_t size)
{
	static char bytes[4096];
	size_t padded = (size + 3) / 4 * 4, at;
	uint16_t word;
	long length;

	length = ftell(f->file);
	rewind(f->file);
	assert_int_equal(fread(bytes, 1, sizeof(bytes), f->file), length);
	at = (size_t)length - 4 - 4 - padded - 4;
	memcpy(&word, bytes + at, 2);
	assert_int_equal(word, 1);
	memcpy(&word, bytes + at + 2, 2);
	assert_int_equal(word, size);
	assert_memory_equal(bytes + at + 4, expected, size);
	memset(bytes, 0, 8);
	assert_memory_equal(bytes + length - 8, bytes, 4);
}

static void comments(void **state)
{
	struct pcapng_packet packet = packet_with("ack-high: 5 bytes");

	write_one(*state, &packet);
	comment_at_end(*state, packet.comment, strlen(packet.comment));
}

/* Cut at the limit, and never in the middle of a character. */
static void long_comments(void **state)
{
	static char text[PCAPNG_COMMENT + 64];
	struct pcapng_packet packet = packet_with(text);

	memset(text, 'x', sizeof(text) - 1);
	memcpy(text + PCAPNG_COMMENT - 1, "\xe2\x80\xa6", 3);
	write_one(*state, &packet);
	comment_at_end(*state, text, PCAPNG_COMMENT - 1);
}

static void a_full_disk(void **state)
{
	FILE *full = fopen("/dev/full", "wb");
	struct pcapng_packet packet = packet_with(NULL);

	(void)state;
	assert_non_null(full);
	setvbuf(full, NULL, _IONBF, 0);
	assert_false(pcapng_begin(full, "test"));
	clearerr(full);
	assert_false(pcapng_packet(full, &packet));
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(read_back, setup, teardown),
		cmocka_unit_test_setup_teardown(an_empty_one, setup, teardown),
		cmocka_unit_test_setup_teardown(comments, setup, teardown),
		cmocka_unit_test_setup_teardown(long_comments, setup, teardown),
		cmocka_unit_test(a_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
