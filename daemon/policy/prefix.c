/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/prefix.h"

#include <string.h>

bool prefix_is_ipv4(const uint8_t address[16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return memcmp(address, mapped, sizeof mapped) == 0;
}

static struct subject subject_of_prefix(const uint8_t address[16], int64_t bits4, int64_t bits6)
{
	struct subject subject = { .port = 0 };

	subject.bits = (uint8_t)(prefix_is_ipv4(address) ? PREFIX_IPV4_BITS + bits4 : bits6);
	prefix_mask(subject.address, address, subject.bits);
	return subject;
}

void prefix_mask(uint8_t masked[16], const uint8_t address[16], unsigned bits)
{
	unsigned whole = bits / 8;

	memmove(masked, address, whole);
	if (whole == 16)
		return;
	masked[whole] = (uint8_t)(address[whole] & (0xff00u >> (bits % 8)));
	memset(masked + whole + 1, 0, 15 - whole);
}

bool prefix_contains(const struct prefix *prefix, const uint8_t address[16])
{
	unsigned whole = prefix->bits / 8;
	unsigned rest = 0xff00u >> (prefix->bits % 8) & 0xffu;

	if (memcmp(prefix->address, address, whole) != 0)
		return false;
	return whole == 16 || ((prefix->address[whole] ^ address[whole]) & rest) == 0;
}

bool prefix_list_contains(const struct setting_list *list, const uint8_t address[16])
{
	for (unsigned i = 0; i < list->count; i++)
		if (prefix_contains(&list->prefix[i], address))
			return true;
	return false;
}

struct subject subject_of_source(const struct settings *settings, const uint8_t address[16])
{
	return subject_of_prefix(address, settings->syn_flood_source_prefix4,
				 settings->syn_flood_source_prefix6);
}

struct subject subject_of_network(const struct settings *settings, const uint8_t address[16])
{
	return subject_of_prefix(address, settings->syn_flood_network_prefix4,
				 settings->syn_flood_network_prefix6);
}

struct subject subject_of_destination(const uint8_t address[16], uint16_t port)
{
	struct subject subject = { .port = port, .bits = 128 };

	memcpy(subject.address, address, sizeof subject.address);
	return subject;
}
