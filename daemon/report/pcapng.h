/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets as a pcapng capture with a comment each: raw IP, nanoseconds. For the drops of replay and of the daemon; the
 * caller owns the file. What is written may end after any packet: a new file begins with pcapng_begin() again.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct pcapng_packet {
	uint64_t time_ns;    /* since 1970 */
	const uint8_t *data; /* from the first byte of the IP header */
	size_t captured;     /* bytes at data; more than PCAPNG_SNAPLEN are cut off */
	size_t length;       /* true length, at least captured */
	const char *comment; /* UTF-8; NULL: none; more than PCAPNG_COMMENT bytes are cut off */
};

#define PCAPNG_SNAPLEN 262144
#define PCAPNG_COMMENT 1024

/* Section and interface, first in every file; program: who wrote it. Both: false: the file cannot be written, errno. */
bool pcapng_begin(FILE *out, const char *program);
bool pcapng_packet(FILE *out, const struct pcapng_packet *packet);

/* Bytes that pcapng_packet() will write. */
size_t pcapng_packet_size(const struct pcapng_packet *packet);
