/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "input/nfqueue_parse.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <string.h>

#include "base/units.h"
#include "tables/settings.h"

/* What one message says about its packet. */
struct packet_info {
	const struct nfqnl_msg_packet_hdr *header; /* NULL: not a packet */
	const struct nfqnl_msg_packet_hw *station; /* NULL: unknown */
	const struct nlattr *payload;
	uint32_t length, marks, in, out, vlan;
	bool tagged;
};

static uint32_t attribute_u32(const struct nlattr *attribute)
{
	return mnl_attr_get_payload_len(attribute) < sizeof(uint32_t) ? 0
								      : ntohl(mnl_attr_get_u32(attribute));
}

/* The VLAN id, 12 bits; 0: none. */
static uint32_t attribute_vlan(const struct nlattr *nest)
{
	const struct nlattr *attribute = mnl_attr_get_payload(nest);
	const char *end = (const char *)attribute + mnl_attr_get_payload_len(nest);

	for (; mnl_attr_ok(attribute, (int)(end - (const char *)attribute));
	     attribute = mnl_attr_next(attribute))
		if (mnl_attr_get_type(attribute) == NFQA_VLAN_TCI &&
		    mnl_attr_get_payload_len(attribute) >= sizeof(uint16_t))
			return ntohs(mnl_attr_get_u16(attribute)) & 0xfff;
	return 0;
}

static void attribute_read(struct packet_info *info, const struct nlattr *attribute)
{
	switch (mnl_attr_get_type(attribute)) {
	case NFQA_PACKET_HDR:
		if (mnl_attr_get_payload_len(attribute) >= sizeof *info->header)
			info->header = mnl_attr_get_payload(attribute);
		break;
	case NFQA_HWADDR:
		if (mnl_attr_get_payload_len(attribute) >= sizeof *info->station)
			info->station = mnl_attr_get_payload(attribute);
		break;
	case NFQA_PAYLOAD: info->payload = attribute; break;
	case NFQA_CAP_LEN: info->length = attribute_u32(attribute); break;
	case NFQA_SKB_INFO: info->marks = attribute_u32(attribute); break;
	case NFQA_IFINDEX_INDEV: info->in = attribute_u32(attribute); break;
	case NFQA_IFINDEX_OUTDEV: info->out = attribute_u32(attribute); break;
	case NFQA_VLAN:
		info->vlan = attribute_vlan(attribute);
		info->tagged = true;
		break;
	}
}

static struct packet_info message_read(const struct nlmsghdr *message)
{
	struct packet_info info = { 0 };
	const struct nlattr *attribute = mnl_nlmsg_get_payload_offset(message, sizeof(struct nfgenmsg));
	const char *end = (const char *)message + message->nlmsg_len; /* mnl would round it up */

	for (; mnl_attr_ok(attribute, (int)(end - (const char *)attribute));
	     attribute = mnl_attr_next(attribute))
		attribute_read(&info, attribute);
	return info;
}

static uint16_t zone_of_interfaces(uint32_t a, uint32_t b)
{
	uint32_t hash = (uint32_t)min_u64(a, b) * UINT32_C(0x9e3779b1) ^
			(uint32_t)max_u64(a, b) * UINT32_C(0x85ebca77);

	return (uint16_t)(hash ^ hash >> 16);
}

static uint16_t zone_of(const struct packet_info *info, int zone, uint16_t queue)
{
	switch (zone) {
	case ZONE_QUEUE: return queue;
	case ZONE_INTERFACE: return zone_of_interfaces(info->in, info->out);
	case ZONE_VLAN: return (uint16_t)info->vlan;
	}
	return 0;
}

bool nfqueue_parse(const struct nlmsghdr *message, int zone, uint16_t queue, struct packet_bytes *bytes,
		   uint32_t *id)
{
	struct packet_info info = message_read(message);

	if (info.header == NULL)
		return false;
	*id = ntohl(info.header->packet_id);
	/* A packet without a payload is an empty one: the engine says what is wrong with it. */
	bytes->data =
		info.payload != NULL ? mnl_attr_get_payload(info.payload) : (const uint8_t *)info.header;
	bytes->captured = info.payload != NULL ? mnl_attr_get_payload_len(info.payload) : 0;
	bytes->length = (size_t)max_u64(info.length, bytes->captured);
	bytes->marks = 0;
	if (info.marks & NFQA_SKB_GSO)
		bytes->marks |= PACKET_MARK_GSO;
	if (info.marks & NFQA_SKB_CSUMNOTREADY)
		bytes->marks |= PACKET_MARK_CSUM_NOT_READY;
	bytes->zone = zone_of(&info, zone, queue);
	return true;
}

/* One that may be sent to: not nobody's, as on the loopback, and no group's. */
static bool is_station(const uint8_t *address)
{
	static const uint8_t nobody[sizeof((struct nfqueue_hop *)0)->station];

	return !(address[0] & 1) && memcmp(address, nobody, sizeof nobody) != 0;
}

bool nfqueue_parse_hop(const struct nlmsghdr *message, struct nfqueue_hop *hop)
{
	struct packet_info info = message_read(message);

	if (info.station == NULL || ntohs(info.station->hw_addrlen) != sizeof hop->station || info.in == 0 ||
	    info.tagged || !is_station(info.station->hw_addr))
		return false;
	hop->interface = (int)info.in;
	memcpy(hop->station, info.station->hw_addr, sizeof hop->station);
	return true;
}
