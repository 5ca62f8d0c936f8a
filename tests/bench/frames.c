/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "frames.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/units.h"

static uint32_t add_words(const uint8_t *data, size_t size, uint32_t sum)
{
	for (size_t i = 0; i + 1 < size; i += 2)
		sum += load_be16(data + i);
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static size_t write_tcp(uint8_t *tcp, const uint8_t *addresses, const struct segment *segment)
{
	size_t header = 20 + segment->option_bytes, size = header + segment->payload;

	store_be16(tcp, segment->source_port);
	store_be16(tcp + 2, segment->target_port);
	store_be32(tcp + 4, segment->seq);
	store_be32(tcp + 8, segment->ack);
	tcp[12] = (uint8_t)(header << 2);
	tcp[13] = segment->flags;
	store_be16(tcp + 14, 65000);
	if (segment->option_bytes)
		memcpy(tcp + 20, segment->options, segment->option_bytes);
	memset(tcp + header, 'x', segment->payload);
	store_be16(tcp + 16, fold(add_words(tcp, size, add_words(addresses, 8, (uint32_t)(6 + size)))));
	return size;
}

void sender_put(struct sender *sender, const struct segment *segment)
{
	const uint8_t net = (uint8_t)(sender->side + 1);
	struct iovec *part = &sender->parts[sender->filled];
	uint8_t *frame = sender->frames[sender->filled++], *ip = frame + 14;

	memset(frame, 0, FRAME_HEADERS);
	memcpy(frame, (const uint8_t[]){2, 0, 0, 0, net, 1, 2, 0, 0, 0, net, 2, 8, 0}, 14);
	memcpy(ip, (const uint8_t[]){0x45, 0, 0, 0, 0, 1, 0x40, 0, 64, 6}, 10);
	store_be32(ip + 12, segment->source);
	store_be32(ip + 16, segment->target);
	part->iov_len = 34 + write_tcp(ip + 20, ip + 12, segment);
	store_be16(ip + 2, (uint16_t)(part->iov_len - 14));
	store_be16(ip + 10, fold(add_words(ip, 20, 0)));
}

void sender_flush(struct sender *sender)
{
	unsigned int done = 0;

	while (done < sender->filled) {
		int n = sendmmsg(sender->sock, sender->messages + done, sender->filled - done, 0);

		if (n > 0)
			done += (unsigned int)n;
		else if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
			fail("sendmmsg");
	}
	sender->sent += sender->filled;
	sender->filled = 0;
}

void sender_open(struct sender *sender, int side, const char *link)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET};
	int on = 1;

	sender->side = side;
	sender->sock = socket(AF_PACKET, SOCK_RAW, 0);
	at.sll_ifindex = (int)if_nametoindex(link);
	if (sender->sock < 0 || bind(sender->sock, (struct sockaddr *)&at, sizeof(at)))
		fail(link);
	setsockopt(sender->sock, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on));
	for (int i = 0; i < FRAME_BATCH; i++) {
		sender->parts[i].iov_base = sender->frames[i];
		sender->messages[i].msg_hdr.msg_iov = &sender->parts[i];
		sender->messages[i].msg_hdr.msg_iovlen = 1;
	}
}

uint64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

void fail(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
	exit(3);
}
