/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/prefix.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define MAPPED_BITS 96 /* in front of an IPv4 address */

/* Decimal, 0..most, nothing behind it. */
static bool parse_bits(const char *text, unsigned most, unsigned *bits)
{
	size_t length = strlen(text);

	*bits = 0;
	if (length == 0 || length > 3 || strspn(text, "0123456789") != length)
		return false;
	for (const char *p = text; *p != '\0'; p++)
		*bits = *bits * 10 + (unsigned)(*p - '0');
	return *bits <= most;
}

/* Into 16 bytes; *most becomes the length of the family's addresses in bits. */
static bool parse_address(const char *text, uint8_t address[16], unsigned *most)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (inet_pton(AF_INET6, text, address) == 1) {
		*most = 128;
		return true;
	}
	memcpy(address, mapped, sizeof mapped);
	*most = 32;
	return inet_pton(AF_INET, text, address + sizeof mapped) == 1;
}

static bool has_host_bits(const struct prefix *prefix)
{
	for (unsigned bit = prefix->bits; bit < 128; bit++)
		if (prefix->address[bit / 8] & (0x80u >> bit % 8))
			return true;
	return false;
}

const char *prefix_parse(const char *text, struct prefix *prefix)
{
	const char *slash = strchr(text, '/');
	size_t length = slash != NULL ? (size_t)(slash - text) : strlen(text);
	char address[INET6_ADDRSTRLEN];
	unsigned most, bits;

	if (length >= sizeof address)
		return "is no address prefix";
	memcpy(address, text, length);
	address[length] = '\0';
	if (!parse_address(address, prefix->address, &most))
		return "is no address prefix";
	bits = most;
	if (slash != NULL && !parse_bits(slash + 1, most, &bits))
		return most == 32 ? "has a prefix length beyond 0..32" : "has a prefix length beyond 0..128";
	prefix->bits = (uint8_t)(most == 32 ? MAPPED_BITS + bits : bits);
	if (has_host_bits(prefix))
		return "has bits set behind its prefix length";
	return NULL;
}
