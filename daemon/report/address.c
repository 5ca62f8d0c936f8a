/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/address.h"

#include <arpa/inet.h>
#include <string.h>

static const uint8_t mapped_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static bool is_mapped(const uint8_t address[16])
{
	return memcmp(address, mapped_prefix, sizeof(mapped_prefix)) == 0;
}

void address_text(struct text *out, const uint8_t address[16])
{
	char word[INET6_ADDRSTRLEN];

	if (is_mapped(address))
		inet_ntop(AF_INET, address + 12, word, sizeof(word));
	else
		inet_ntop(AF_INET6, address, word, sizeof(word));
	text_str(out, word);
}

void address_port_text(struct text *out, const uint8_t address[16], uint16_t port)
{
	bool brackets = !is_mapped(address);

	if (brackets)
		text_char(out, '[');
	address_text(out, address);
	if (brackets)
		text_char(out, ']');
	text_fmt(out, ":%u", (unsigned)port);
}

void address_prefix_text(struct text *out, const uint8_t address[16], unsigned bits)
{
	address_text(out, address);
	text_fmt(out, "/%u", is_mapped(address) && bits >= 96 ? bits - 96 : bits);
}
