/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capture files (pcap, pcapng) as a source of packets: takes the link-layer header off and hands over the IP packet of
 * each frame, with the time as it stands in the file. Judges nothing and decodes nothing above the link layer.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet/packet.h"

struct capture;

struct capture_frame {
	uint64_t number;  /* counts all frames of the file, from 1 */
	uint64_t time_ns; /* since the epoch, as in the file: may run backwards; fits in an int64_t */
	uint16_t vlan;    /* outermost VLAN id, 0 without a tag */
	bool is_ip;       /* false: bytes hold nothing */
	/*
	 * With is_ip the IP packet: PACKET_MARK_CAPTURE set, zone 0. The data belongs to the capture and is good until
	 * the next call. Padding of the link layer may follow the packet.
	 */
	struct packet_bytes bytes;
};

enum capture_result {
	CAPTURE_FRAME,   /* *frame is filled */
	CAPTURE_END,     /* no frame is left */
	CAPTURE_DAMAGED, /* the file cannot be read on: capture_error() says why, every frame before was delivered */
};

/*
 * Opens a file, packed with gzip or not, "-" for standard input. NULL: `error` (of `size` bytes) says why, without the
 * name of the file; errno is EBADMSG where the file opens and is no capture.
 */
struct capture *capture_open(const char *path, char *error, size_t size);

enum capture_result capture_next(struct capture *capture, struct capture_frame *frame);

/* After CAPTURE_DAMAGED: "frame N: reason", N being the frame that could not be read. Owned by the capture. */
const char *capture_error(const struct capture *capture);

/* Bytes of the file read so far: how far through it one is. */
uint64_t capture_offset(const struct capture *capture);

void capture_close(struct capture *capture); /* NULL is fine */
