/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ethernet frames with IPv4 and TCP, written and sent in batches from a raw socket on one link; for the generators of
 * this folder. Links and MACs are those of tests/netns/gateway.py: side 0 (the client's) is net 1, side 1 net 2.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define FRAME_BATCH   32
#define FRAME_HEADERS 54 /* Ethernet 14, IPv4 20, TCP 20 */
#define FRAME_MOST    (FRAME_HEADERS + 16)

enum { FLAG_FIN = 0x01, FLAG_SYN = 0x02, FLAG_RST = 0x04, FLAG_PUSH = 0x08, FLAG_ACK = 0x10 };

/* One segment; addresses and ports in host order. */
struct segment {
	uint32_t source, target;
	uint16_t source_port, target_port;
	uint32_t seq, ack;
	uint8_t flags;
	const uint8_t *options; /* option_bytes of them, a multiple of 4 */
	size_t option_bytes;
	size_t payload; /* bytes of 'x', even; at most 16 with the options */
};

struct sender {
	int sock; /* AF_PACKET, bound to the link */
	int side;
	uint64_t sent;
	uint8_t frames[FRAME_BATCH][FRAME_MOST];
	struct iovec parts[FRAME_BATCH];
	struct mmsghdr messages[FRAME_BATCH];
	unsigned int filled;
};

/* In the network namespace of the calling thread; ends the program where that fails. */
void sender_open(struct sender *sender, int side, const char *link);

/* Writes a segment as the next frame; a full batch is to be sent with sender_flush() before the next. */
void sender_put(struct sender *sender, const struct segment *segment);
void sender_flush(struct sender *sender);

uint64_t clock_ns(void);
/* Prints what, and errno's text, and ends the program. */
void fail(const char *what) __attribute__((noreturn));
