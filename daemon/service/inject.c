/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/inject.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/units.h"
#include "packet/checksum.h"
#include "service/ipsec.h"

#define BATCH	    64
#define SEND_BUFFER (4 << 20) /* bytes: thousands of answers that a link has not sent yet */
#define TCP_SIZE    20
#define IPV4_SIZE   20
#define IPV6_SIZE   40
#define HOP_LIMIT   64
#define ASK_NS	    NS_PER_S
#define MAPPED_SIZE 12 /* ::ffff: before an IPv4 address */

enum way { WAY_LINK, WAY_IPV4, WAY_IPV6, WAY_COUNT };

/* Answers of one way that wait to be sent together. */
struct batch {
	int fd; /* -1: the kernel, or the unit, has no such family */
	unsigned count;
	struct mmsghdr message[BATCH];
	struct iovec piece[BATCH];
	union {
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_ll link;
	} to[BATCH];
	uint8_t packet[BATCH][INJECT_PACKET_SIZE];
};

struct inject {
	struct batch batch[WAY_COUNT];
	struct mnl_socket *ipsec; /* NULL: none in the kernel */
	uint64_t asked_ns;        /* when it was asked for policies last, 0: never */
	bool routed;              /* the station that a packet came from need not be its sender's */
	struct inject_counters counters;
};

/*
 * None of them ever receives anything: IPPROTO_RAW, where the packet brings its own IP header, and a packet socket of
 * protocol 0, whose link header the kernel makes.
 */
static const struct socket_kind {
	int family, type, protocol;
	bool optional;
} kinds[WAY_COUNT] = {
	[WAY_LINK] = { AF_PACKET, SOCK_DGRAM, 0, true }, /* a drop-in may not allow it */
	[WAY_IPV4] = { AF_INET, SOCK_RAW, IPPROTO_RAW, false },
	[WAY_IPV6] = { AF_INET6, SOCK_RAW, IPPROTO_RAW, true }, /* a kernel without IPv6 */
};

static size_t build_ipv4(const struct answer *answer, uint8_t *packet)
{
	memset(packet, 0, IPV4_SIZE);
	packet[0] = 0x45;
	store_be16(packet + 2, IPV4_SIZE + TCP_SIZE);
	store_be16(packet + 6, 0x4000); /* don't fragment */
	packet[8] = HOP_LIMIT;
	packet[9] = IPPROTO_TCP;
	memcpy(packet + 12, answer->src + MAPPED_SIZE, 4);
	memcpy(packet + 16, answer->dst + MAPPED_SIZE, 4);
	store_be16(packet + 10, (uint16_t)~checksum_fold(checksum_add(0, packet, IPV4_SIZE)));
	return IPV4_SIZE;
}

static size_t build_ipv6(const struct answer *answer, uint8_t *packet)
{
	memset(packet, 0, 8);
	packet[0] = 0x60;
	store_be16(packet + 4, TCP_SIZE);
	packet[6] = IPPROTO_TCP;
	packet[7] = HOP_LIMIT;
	memcpy(packet + 8, answer->src, 16);
	memcpy(packet + 24, answer->dst, 16);
	return IPV6_SIZE;
}

static void build_tcp(const struct answer *answer, uint8_t *segment)
{
	uint64_t sum = checksum_pseudo(answer->family, answer->src, answer->dst, IPPROTO_TCP, TCP_SIZE);

	memset(segment, 0, TCP_SIZE);
	store_be16(segment, answer->src_port);
	store_be16(segment + 2, answer->dst_port);
	store_be32(segment + 4, answer->seq);
	store_be32(segment + 8, answer->ack);
	store_be16(segment + 12, (TCP_SIZE / 4) << 12 | TCP_SYN | TCP_ACK);
	store_be16(segment + 14, UINT16_MAX); /* an unsuspicious window */
	store_be16(segment + 16, (uint16_t)~checksum_fold(checksum_add(sum, segment, TCP_SIZE)));
}

size_t inject_build(const struct answer *answer, uint8_t packet[INJECT_PACKET_SIZE])
{
	size_t header = answer->family == 4 ? build_ipv4(answer, packet) : build_ipv6(answer, packet);

	build_tcp(answer, packet + header);
	return header + TCP_SIZE;
}

static int batch_open(struct batch *batch, const struct socket_kind *kind)
{
	int bytes = SEND_BUFFER, cause;

	batch->fd = socket(kind->family, kind->type | SOCK_CLOEXEC, kind->protocol);
	cause = errno;
	if (batch->fd >= 0 && setsockopt(batch->fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) < 0)
		setsockopt(batch->fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
	for (unsigned i = 0; i < BATCH; i++) {
		batch->piece[i].iov_base = batch->packet[i];
		batch->message[i].msg_hdr = (struct msghdr){
			.msg_name = &batch->to[i],
			.msg_iov = &batch->piece[i],
			.msg_iovlen = 1,
		};
	}
	return batch->fd >= 0 || (kind->optional && cause == EAFNOSUPPORT) ? 0 : -cause;
}

static void batch_send(struct batch *batch, struct inject_counters *counters)
{
	unsigned done = 0;

	while (done < batch->count) {
		int sent = sendmmsg(batch->fd, batch->message + done, batch->count - done, MSG_DONTWAIT);

		if (sent > 0) {
			counters->sent += (unsigned)sent;
			done += (unsigned)sent;
		} else if (errno == EAGAIN || errno == ENOBUFS) { /* no room, for the next one neither */
			counters->failed += batch->count - done;
			done = batch->count;
		} else if (errno != EINTR) { /* the first one cannot be sent, the next may */
			counters->failed++;
			done++;
		}
	}
	batch->count = 0;
}

static void explain(int cause, char *error, size_t size)
{
	if (cause == -EPERM || cause == -EACCES || cause == -EAFNOSUPPORT)
		snprintf(error, size,
			 "policy.inject needs the capability CAP_NET_RAW and internet and packet sockets: start as "
			 "root, or put tcpwardend-inject.conf into /etc/systemd/system/tcpwardend.service.d");
	else
		snprintf(error, size, "policy.inject: cannot open a raw socket: %s", strerror(-cause));
}

struct inject *inject_open(char *error, size_t size)
{
	struct inject *inject = calloc(1, sizeof *inject);
	int result = 0;

	if (inject == NULL) {
		snprintf(error, size, "policy.inject: out of memory");
		return NULL;
	}
	for (unsigned i = 0; i < WAY_COUNT; i++)
		inject->batch[i].fd = -1;
	for (unsigned i = 0; i < WAY_COUNT && result == 0; i++)
		result = batch_open(&inject->batch[i], &kinds[i]);
	if (result == 0) {
		inject->ipsec = ipsec_open();
		return inject;
	}
	explain(result, error, size);
	inject_close(inject);
	return NULL;
}

void inject_close(struct inject *inject)
{
	for (unsigned i = 0; i < WAY_COUNT; i++)
		if (inject->batch[i].fd >= 0)
			close(inject->batch[i].fd);
	if (inject->ipsec != NULL)
		mnl_socket_close(inject->ipsec);
	free(inject);
}

/* Where answer number `at` of the batch goes; returns the size of the address. */
static socklen_t address_put(struct batch *batch, unsigned at, enum way way, const struct answer *answer,
			     const struct nfqueue_hop *hop)
{
	switch (way) {
	case WAY_LINK:
		batch->to[at].link = (struct sockaddr_ll){
			.sll_family = AF_PACKET,
			.sll_protocol = htons(answer->family == 4 ? ETH_P_IP : ETH_P_IPV6),
			.sll_ifindex = hop->interface,
			.sll_halen = sizeof hop->station,
		};
		memcpy(batch->to[at].link.sll_addr, hop->station, sizeof hop->station);
		return sizeof batch->to[at].link;
	case WAY_IPV4:
		batch->to[at].v4 = (struct sockaddr_in){ .sin_family = AF_INET };
		memcpy(&batch->to[at].v4.sin_addr, answer->dst + MAPPED_SIZE, 4);
		return sizeof batch->to[at].v4;
	case WAY_IPV6:
		batch->to[at].v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6 };
		memcpy(&batch->to[at].v6.sin6_addr, answer->dst, 16);
		return sizeof batch->to[at].v6;
	case WAY_COUNT: break;
	}
	return 0;
}

void inject_look(struct inject *inject, uint64_t now_ns)
{
	if (inject->ipsec == NULL || (inject->asked_ns != 0 && now_ns - inject->asked_ns < ASK_NS))
		return;
	inject->asked_ns = now_ns;
	inject->routed = ipsec_forwards(inject->ipsec);
}

void inject_add(struct inject *inject, const struct answer *answer, const struct nfqueue_hop *hop)
{
	bool back = hop != NULL && !inject->routed && inject->batch[WAY_LINK].fd >= 0;
	enum way way = back ? WAY_LINK
		       : answer->family == 4			      ? WAY_IPV4
								      : WAY_IPV6;
	struct batch *batch = &inject->batch[way];
	unsigned at = batch->count++;

	batch->piece[at].iov_len = inject_build(answer, batch->packet[at]);
	batch->message[at].msg_hdr.msg_namelen = address_put(batch, at, way, answer, hop);
	if (batch->count == BATCH)
		batch_send(batch, &inject->counters);
}

void inject_send(struct inject *inject)
{
	for (unsigned i = 0; i < WAY_COUNT; i++)
		batch_send(&inject->batch[i], &inject->counters);
}

const struct inject_counters *inject_counters(const struct inject *inject)
{
	return &inject->counters;
}
