/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses as people write them. IPv4-mapped addresses are written as IPv4; IPv6 stands in brackets only
 * before a port.
 */
#pragma once

#include <stdint.h>

#include "base/text.h"

#define ADDRESS_SIZE      46 /* of an address with NUL */
#define ADDRESS_PORT_SIZE 56 /* with brackets and port, or with a prefix length */

void address_text(struct text *out, const uint8_t address[16]);
void address_port_text(struct text *out, const uint8_t address[16], uint16_t port);
/* bits: of the 128 of the address as stored; an IPv4 prefix is written with bits - 96. */
void address_prefix_text(struct text *out, const uint8_t address[16], unsigned bits);
