/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks and options as draft-ietf-opsawg-pcapng has them, in the byte order of this machine: a reader sees which. */
#include "report/pcapng.h"

#include <string.h>

enum block_type { BLOCK_INTERFACE = 1, BLOCK_PACKET = 6, BLOCK_SECTION = 0x0a0d0d0a };

enum option_code { OPTION_END = 0, OPTION_COMMENT = 1, OPTION_USER_PROGRAM = 4, OPTION_TIME_RESOLUTION = 9 };

enum {
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	LINK_RAW_IP = 101,
	NANOSECONDS = 9, /* negative power of ten */
	BLOCK_FRAME = 12, /* type and length before the body, length again behind it */
	OPTION_HEAD = 4, /* code and length */
	PACKET_HEAD = 20, /* interface, time, both lengths */
	PROGRAM_MOST = 64,
};

static size_t padded(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

static size_t option_size(size_t size)
{
	return OPTION_HEAD + padded(size);
}

static void put16(FILE *out, unsigned value)
{
	const uint16_t word = (uint16_t)value;

	fwrite(&word, sizeof(word), 1, out);
}

static void put32(FILE *out, uint32_t word)
{
	fwrite(&word, sizeof(word), 1, out);
}

static void put_padded(FILE *out, const void *data, size_t size)
{
	static const char zeros[4];

	if (size > 0)
		fwrite(data, 1, size, out);
	fwrite(zeros, 1, padded(size) - size, out);
}

static void put_option(FILE *out, enum option_code code, const void *value, size_t size)
{
	put16(out, code);
	put16(out, (unsigned)size);
	put_padded(out, value, size);
}

/* Type and length of a block whose body has `size` bytes. The length stands behind the body again. */
static void begin_block(FILE *out, enum block_type type, size_t size)
{
	put32(out, type);
	put32(out, (uint32_t)(size + BLOCK_FRAME));
}

static void end_block(FILE *out, size_t size)
{
	put32(out, (uint32_t)(size + BLOCK_FRAME));
}

static size_t captured_of(const struct pcapng_packet *packet)
{
	return packet->captured < PCAPNG_SNAPLEN ? packet->captured : PCAPNG_SNAPLEN;
}

/* Bytes of the comment, a character of UTF-8 whole or not at all. */
static size_t comment_of(const struct pcapng_packet *packet)
{
	size_t size = packet->comment != NULL ? strnlen(packet->comment, PCAPNG_COMMENT + 1) : 0;

	if (size <= PCAPNG_COMMENT)
		return size;
	for (size = PCAPNG_COMMENT; size > 0 && ((unsigned char)packet->comment[size] & 0xc0) == 0x80; size--)
		;
	return size;
}

/* Of the body of a packet's block. */
static size_t body_size(const struct pcapng_packet *packet)
{
	size_t comment = comment_of(packet), size = PACKET_HEAD + padded(captured_of(packet));

	return comment > 0 ? size + option_size(comment) + OPTION_HEAD : size;
}

bool pcapng_begin(FILE *out, const char *program)
{
	const uint8_t resolution = NANOSECONDS;
	size_t name = strnlen(program, PROGRAM_MOST);
	size_t section = 16 + option_size(name) + OPTION_HEAD;
	size_t interface = 8 + option_size(sizeof(resolution)) + OPTION_HEAD;

	begin_block(out, BLOCK_SECTION, section);
	put32(out, BYTE_ORDER_MAGIC);
	put16(out, 1); /* version 1.0 */
	put16(out, 0);
	put32(out, UINT32_MAX); /* length of the section: not known, 64 bits */
	put32(out, UINT32_MAX);
	put_option(out, OPTION_USER_PROGRAM, program, name);
	put_option(out, OPTION_END, "", 0);
	end_block(out, section);
	begin_block(out, BLOCK_INTERFACE, interface);
	put16(out, LINK_RAW_IP);
	put16(out, 0);
	put32(out, PCAPNG_SNAPLEN);
	put_option(out, OPTION_TIME_RESOLUTION, &resolution, sizeof(resolution));
	put_option(out, OPTION_END, "", 0);
	end_block(out, interface);
	return !ferror(out);
}

bool pcapng_packet(FILE *out, const struct pcapng_packet *packet)
{
	size_t captured = captured_of(packet), comment = comment_of(packet), body = body_size(packet);

	begin_block(out, BLOCK_PACKET, body);
	put32(out, 0); /* the interface */
	put32(out, (uint32_t)(packet->time_ns >> 32));
	put32(out, (uint32_t)packet->time_ns);
	put32(out, (uint32_t)captured);
	put32(out, packet->length < UINT32_MAX ? (uint32_t)packet->length : UINT32_MAX);
	put_padded(out, packet->data, captured);
	if (comment > 0) {
		put_option(out, OPTION_COMMENT, packet->comment, comment);
		put_option(out, OPTION_END, "", 0);
	}
	end_block(out, body);
	return !ferror(out);
}

size_t pcapng_packet_size(const struct pcapng_packet *packet)
{
	return BLOCK_FRAME + body_size(packet);
}
