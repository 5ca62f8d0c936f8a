/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/header_record.h"

#include <stddef.h>

#include "base/bytes.h"

#define IPV4_SIZE 20
#define IPV6_SIZE 40
#define TCP_SIZE 20
#define ICMP_SIZE 8
#define PROTOCOL_ICMP 1
#define PROTOCOL_TCP 6
#define PROTOCOL_ICMPV6 58
#define FRAGMENT_OFFSET 0x1fff

static void read_tcp(struct header_record *header, const uint8_t *data, size_t size)
{
	if (size < TCP_SIZE)
		return;
	header->has_tcp = true;
	header->reserved = data[12] & 0x0f;
	header->window = load_be16(data + 14);
	header->urgent = load_be16(data + 18);
}

static void read_icmp(struct header_record *header, const uint8_t *data, size_t size)
{
	if (size < ICMP_SIZE)
		return;
	header->has_icmp = true;
	header->icmp_type = data[0];
	header->icmp_code = data[1];
}

static void read_next(struct header_record *header, uint8_t protocol, const uint8_t *data, size_t size)
{
	if (protocol == PROTOCOL_TCP)
		read_tcp(header, data, size);
	else if (protocol == (header->version == 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6))
		read_icmp(header, data, size);
}

static void read_ipv4(struct header_record *header, const uint8_t *data, size_t size)
{
	size_t own;

	if (size < IPV4_SIZE)
		return;
	own = (data[0] & 0x0fu) * 4;
	header->version = 4;
	header->tos = data[1];
	header->length = load_be16(data + 2);
	header->id = load_be16(data + 4);
	header->ttl = data[8];
	if ((load_be16(data + 6) & FRAGMENT_OFFSET) == 0 && own >= IPV4_SIZE && own <= size)
		read_next(header, data[9], data + own, size - own);
}

/* What follows is looked for right behind the fixed header only. */
static void read_ipv6(struct header_record *header, const uint8_t *data, size_t size)
{
	if (size < IPV6_SIZE)
		return;
	header->version = 6;
	header->tos = (uint8_t)((data[0] & 0x0f) << 4 | data[1] >> 4);
	header->flow_label = (uint32_t)(data[1] & 0x0f) << 16 | load_be16(data + 2);
	header->length = load_be16(data + 4);
	header->ttl = data[7];
	read_next(header, data[6], data + IPV6_SIZE, size - IPV6_SIZE);
}

void header_record_read(struct header_record *header, const struct packet_bytes *packet)
{
	*header = (struct header_record){ .version = 0 };
	if (packet == NULL || packet->captured == 0)
		return;
	if (packet->data[0] >> 4 == 4)
		read_ipv4(header, packet->data, packet->captured);
	else if (packet->data[0] >> 4 == 6)
		read_ipv6(header, packet->data, packet->captured);
}
