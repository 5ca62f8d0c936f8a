/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of the kernel made by hand, and its table of queues. */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "input/nfqueue.h"
#include "input/nfqueue_explain.h"
#include "input/nfqueue_parse.h"
#include "tables/settings.h"

#define QUEUE 5

static const uint8_t payload[60] = { 0x45, [59] = 0xee };

/* Good until the next one. */
static struct nlmsghdr *message_begin(void)
{
	static char buffer[1024] __attribute__((aligned(8)));
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);

	message->nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET;
	mnl_nlmsg_put_extra_header(message, sizeof(struct nfgenmsg));
	return message;
}

static void put_id(struct nlmsghdr *message, uint32_t id)
{
	struct nfqnl_msg_packet_hdr header = { .packet_id = htonl(id) };

	mnl_attr_put(message, NFQA_PACKET_HDR, sizeof header, &header);
}

static void put_interfaces(struct nlmsghdr *message, uint32_t in, uint32_t out)
{
	mnl_attr_put_u32(message, NFQA_IFINDEX_INDEV, htonl(in));
	mnl_attr_put_u32(message, NFQA_IFINDEX_OUTDEV, htonl(out));
}

static void reads_a_packet(void **state)
{
	struct nlmsghdr *message = message_begin();
	struct packet_bytes bytes;
	uint32_t id;

	(void)state;
	put_id(message, 77);
	mnl_attr_put_u32(message, NFQA_CAP_LEN, htonl(100000));
	mnl_attr_put_u32(message, NFQA_SKB_INFO, htonl(NFQA_SKB_GSO | NFQA_SKB_CSUMNOTREADY));
	mnl_attr_put(message, NFQA_PAYLOAD, sizeof payload, payload);
	assert_true(nfqueue_parse(message, ZONE_NONE, QUEUE, &bytes, &id));
	assert_int_equal(id, 77);
	assert_int_equal(bytes.captured, sizeof payload);
	assert_memory_equal(bytes.data, payload, sizeof payload);
	assert_int_equal(bytes.length, 100000);
	assert_int_equal(bytes.marks, PACKET_MARK_GSO | PACKET_MARK_CSUM_NOT_READY);
	assert_int_equal(bytes.zone, 0);
}

static void a_whole_packet_has_its_own_length(void **state)
{
	struct nlmsghdr *message = message_begin();
	struct packet_bytes bytes;
	uint32_t id;

	(void)state;
	put_id(message, 1);
	mnl_attr_put(message, NFQA_PAYLOAD, sizeof payload, payload);
	assert_true(nfqueue_parse(message, ZONE_QUEUE, QUEUE, &bytes, &id));
	assert_int_equal(bytes.length, sizeof payload);
	assert_int_equal(bytes.marks, 0);
	assert_int_equal(bytes.zone, QUEUE);
}

static uint16_t zone_between(uint32_t in, uint32_t out)
{
	struct nlmsghdr *message = message_begin();
	struct packet_bytes bytes;
	uint32_t id;

	put_id(message, 1);
	put_interfaces(message, in, out);
	assert_true(nfqueue_parse(message, ZONE_INTERFACE, QUEUE, &bytes, &id));
	return bytes.zone;
}

/* Key: both directions of a connection are in one zone, two places in two. */
static void zone_by_interfaces(void **state)
{
	(void)state;
	assert_int_equal(zone_between(2, 3), zone_between(3, 2));
	assert_int_not_equal(zone_between(2, 3), zone_between(2, 4));
	assert_int_not_equal(zone_between(2, 3), zone_between(4, 5));
}

static void zone_by_vlan(void **state)
{
	struct nlmsghdr *message = message_begin();
	struct packet_bytes bytes;
	uint32_t id;

	(void)state;
	put_id(message, 1);
	struct nlattr *nest = mnl_attr_nest_start(message, NFQA_VLAN);
	mnl_attr_put_u16(message, NFQA_VLAN_TCI, htons(0x6000 | 42));
	mnl_attr_put_u16(message, NFQA_VLAN_PROTO, htons(0x8100));
	mnl_attr_nest_end(message, nest);
	assert_true(nfqueue_parse(message, ZONE_VLAN, QUEUE, &bytes, &id));
	assert_int_equal(bytes.zone, 42);
}

static bool hop_of(uint8_t first, uint16_t address_size, uint32_t in, bool tagged, struct nfqueue_hop *hop)
{
	struct nlmsghdr *message = message_begin();
	struct nfqnl_msg_packet_hw station = {
		.hw_addrlen = htons(address_size),
		.hw_addr = { first, [4] = first / 2, [5] = first },
	};

	put_id(message, 1);
	put_interfaces(message, in, 9);
	if (address_size != 0)
		mnl_attr_put(message, NFQA_HWADDR, sizeof station, &station);
	if (tagged)
		mnl_attr_nest_end(message, mnl_attr_nest_start(message, NFQA_VLAN));
	return nfqueue_parse_hop(message, hop);
}

static void knows_who_handed_it_over(void **state)
{
	struct nfqueue_hop hop;

	(void)state;
	assert_true(hop_of(2, 6, 3, false, &hop));
	assert_int_equal(hop.interface, 3);
	assert_memory_equal(hop.station, "\2\0\0\0\1\2", 6);
	assert_false(hop_of(2, 0, 3, false, &hop)); /* a point-to-point link */
	assert_false(hop_of(2, 8, 3, false, &hop)); /* not Ethernet */
	assert_false(hop_of(2, 6, 0, false, &hop)); /* made here */
	assert_false(hop_of(2, 6, 3, true, &hop));  /* the tag would be lost */
	assert_false(hop_of(0, 6, 3, false, &hop)); /* the loopback */
	assert_false(hop_of(3, 6, 3, false, &hop)); /* a group */
}

static void without_an_id_there_is_no_verdict(void **state)
{
	struct nlmsghdr *message = message_begin();
	struct packet_bytes bytes;
	uint32_t id;

	(void)state;
	mnl_attr_put(message, NFQA_PAYLOAD, sizeof payload, payload);
	assert_false(nfqueue_parse(message, ZONE_NONE, QUEUE, &bytes, &id));
}

/* However a message is cut, nothing behind its end is read (the sanitizer looks) and a packet stays inside it. */
static void any_cut_is_read_within_bounds(void **state)
{
	struct nlmsghdr *message = message_begin();

	(void)state;
	put_id(message, 1);
	put_interfaces(message, 1, 2);
	struct nlattr *nest = mnl_attr_nest_start(message, NFQA_VLAN);
	mnl_attr_put_u16(message, NFQA_VLAN_TCI, htons(42));
	mnl_attr_nest_end(message, nest);
	mnl_attr_put(message, NFQA_PAYLOAD, sizeof payload, payload);
	for (uint32_t size = NLMSG_HDRLEN; size < message->nlmsg_len; size++) {
		struct packet_bytes bytes;
		uint32_t id;
		struct nlmsghdr *cut = malloc(size);
		memcpy(cut, message, size);
		cut->nlmsg_len = size;
		if (nfqueue_parse(cut, ZONE_VLAN, QUEUE, &bytes, &id))
			assert_true(bytes.data + bytes.captured <= (const uint8_t *)cut + size);
		free(cut);
	}
}

static const char table[] = "    0   4711     3 2   128     7     8       15  1\n"
			    "   10 -99999     0 2   128     0     0        0  1\n"
			    "    1  18962   128 2   128   272     1      128  1\n";

static void finds_its_line_in_the_table(void **state)
{
	struct nfqueue_kernel kernel;

	(void)state;
	assert_true(nfqueue_kernel_parse(table, 1, &kernel));
	assert_int_equal(kernel.port_id, 18962);
	assert_int_equal(kernel.waiting, 128);
	assert_int_equal(kernel.queue_dropped, 272);
	assert_int_equal(kernel.user_dropped, 1);
	assert_true(nfqueue_kernel_parse(table, 0, &kernel));
	assert_int_equal(kernel.port_id, 4711);
	assert_false(nfqueue_kernel_parse(table, 2, &kernel));
	assert_false(nfqueue_kernel_parse("", 0, &kernel));
}

static void explains_a_kernel_without_queues(void **state)
{
	char error[256];

	(void)state;
	nfqueue_explain(3, EPROTONOSUPPORT, error, sizeof error);
	assert_non_null(
		strstr(error, "queue 3: this kernel has no NFQUEUE: load the module nfnetlink_queue"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_packet),
		cmocka_unit_test(a_whole_packet_has_its_own_length),
		cmocka_unit_test(zone_by_interfaces),
		cmocka_unit_test(zone_by_vlan),
		cmocka_unit_test(knows_who_handed_it_over),
		cmocka_unit_test(without_an_id_there_is_no_verdict),
		cmocka_unit_test(any_cut_is_read_within_bounds),
		cmocka_unit_test(finds_its_line_in_the_table),
		cmocka_unit_test(explains_a_kernel_without_queues),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
