/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of captures on any file: what it hands over decodes; a damaged file ends with a word. */
#include "input/capture.h"
#include "memory_file.h"

#define FRAMES_MOST 1000

static void check_frame(const struct capture_frame *frame, uint64_t number)
{
	struct packet packet;

	REQUIRE(frame->number == number, "frame %llu is called %llu", (unsigned long long)number,
		(unsigned long long)frame->number);
	REQUIRE(frame->vlan <= 0xfff, "VLAN %u", frame->vlan);
	if (!frame->is_ip)
		return;
	REQUIRE(frame->bytes.captured <= frame->bytes.length, "%zu of %zu bytes", frame->bytes.captured,
		frame->bytes.length);
	packet_decode(&frame->bytes, true, &packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum capture_result result = CAPTURE_FRAME;
	struct capture_frame frame;
	struct memory_file file;
	struct capture *capture;
	char error[256] = "";

	memory_file_open(&file, data, size);
	capture = capture_open(file.path, error, sizeof error);
	REQUIRE(capture != NULL || error[0] != '\0', "refused without a word");
	for (uint64_t n = 1; capture != NULL && n <= FRAMES_MOST && result == CAPTURE_FRAME; n++) {
		result = capture_next(capture, &frame);
		if (result == CAPTURE_FRAME)
			check_frame(&frame, n);
		REQUIRE(result != CAPTURE_DAMAGED || capture_error(capture)[0] != '\0',
			"damaged without a word");
	}
	capture_close(capture);
	memory_file_close(&file);
	return 0;
}
