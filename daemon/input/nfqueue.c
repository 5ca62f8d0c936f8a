/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "input/nfqueue.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/units.h"
#include "input/nfqueue_explain.h"
#include "input/nfqueue_parse.h"

#define ATTRIBUTES_SIZE 512 /* room for all attributes of a packet besides its payload, bytes */

/* A verdict as the kernel reads it; prepared once, a packet sets the last two fields only. */
struct verdict_message {
	struct nlmsghdr header;
	struct nfgenmsg general;
	struct nlattr attribute;
	struct nfqnl_msg_verdict_hdr verdict; /* both in network order */
};
_Static_assert(sizeof(struct verdict_message) == 32, "no holes: many of them make one send");

struct nfqueue {
	struct mnl_socket *socket;
	int fd;
	int table_fd; /* NFQUEUE_TABLE, opened while we may; -1: not readable */
	uint16_t number;
	int zone;
	bool fail_open;
	uint32_t length;
	int early; /* messages that came while the queue was being set up: the next batch */
	int count; /* packets of the batch */
	uint32_t next_id;
	uint32_t run;        /* packets since the socket was last seen empty */
	uint32_t run_looked; /* of these at the last look for a full queue */
	bool unjudged;
	struct nfqueue_counters counters;
	size_t slot_size;
	uint8_t *slots; /* NFQUEUE_BATCH * slot_size */
	struct mmsghdr messages[NFQUEUE_BATCH];
	struct iovec vectors[NFQUEUE_BATCH];
	struct packet_bytes packets[NFQUEUE_BATCH];
	const struct nlmsghdr *sources[NFQUEUE_BATCH]; /* messages of the packets, in slots */
	struct verdict_message verdicts[NFQUEUE_BATCH];
};

static const struct sockaddr_nl kernel_address = { .nl_family = AF_NETLINK };

/* Ids rise by one; the kernel takes one for a packet that then finds no room in the socket buffer. */
static void follow_id(struct nfqueue *queue, uint32_t id)
{
	int32_t gap = (int32_t)(id - queue->next_id);

	if (gap < 0)
		return;
	if (gap > 0) {
		queue->counters.lost += (uint64_t)gap;
		queue->unjudged |= queue->fail_open;
	}
	queue->next_id = id + 1;
}

static void take_packet(struct nfqueue *queue, const struct nlmsghdr *message)
{
	uint32_t id;

	if (!nfqueue_parse(message, queue->zone, queue->number, &queue->packets[queue->count], &id)) {
		queue->counters.damaged++;
		return;
	}
	follow_id(queue, id);
	queue->sources[queue->count] = message;
	queue->verdicts[queue->count].verdict.id = htonl(id);
	queue->count++;
}

/* One datagram holds one message: a packet, or the kernel's answer to one of ours. */
static void take_message(struct nfqueue *queue, const void *data, size_t size)
{
	const struct nlmsghdr *message = data;

	if (size > queue->slot_size)
		size = queue->slot_size;
	if (!mnl_nlmsg_ok(message, (int)size)) {
		queue->counters.damaged++;
	} else if (message->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *answer = mnl_nlmsg_get_payload(message);
		if (mnl_nlmsg_get_payload_len(message) >= sizeof *answer && answer->error != 0)
			queue->counters.verdict_errors++;
	} else if (message->nlmsg_type == (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET)) {
		take_packet(queue, message);
	}
}

/*
 * B-1: fail_open lets packets pass while the queue is full, and no counter tells. A full queue of `length`
 * packets is then read in one run that never finds the socket empty; a look each eighth of it comes early
 * enough to see how full.
 */
static void look_for_full(struct nfqueue *queue, int received)
{
	uint32_t near_full = queue->length - queue->length / 8 - NFQUEUE_BATCH;
	struct nfqueue_kernel kernel;

	if (received < NFQUEUE_BATCH) {
		queue->run = queue->run_looked = 0;
		return;
	}
	queue->run += NFQUEUE_BATCH;
	if (queue->run - queue->run_looked < queue->length / 8)
		return;
	queue->run_looked = queue->run;
	if (nfqueue_kernel(queue, &kernel) ? kernel.waiting >= near_full : queue->run >= near_full)
		queue->unjudged = true;
}

static int receive_failed(struct nfqueue *queue, int cause)
{
	switch (cause) {
	case ENOBUFS:
		queue->counters.no_buffers++;
		queue->unjudged |= queue->fail_open;
		return 0;
	case EAGAIN: queue->run = queue->run_looked = 0; return 0;
	case EINTR:
	case ENOMEM: return 0;
	}
	return -cause;
}

/*
 * Sends one configuration message and waits for the kernel's answer. Packets that come in between are kept
 * for the first batch; when they fill it, the queue evidently works and the answer is read later.
 */
static int configure(struct nfqueue *queue, struct nlmsghdr *message)
{
	message->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(queue->socket, message, message->nlmsg_len) < 0)
		return -errno;
	while (queue->early < NFQUEUE_BATCH) {
		uint8_t *slot = queue->slots + (size_t)queue->early * queue->slot_size;
		const struct nlmsghdr *answer = (const void *)slot;
		ssize_t n = recv(queue->fd, slot, queue->slot_size, 0);

		if (n < 0 && errno != EINTR && errno != ENOBUFS)
			return -errno;
		if (n < 0 || !mnl_nlmsg_ok(answer, (int)n))
			continue;
		if (answer->nlmsg_type == NLMSG_ERROR)
			return ((const struct nlmsgerr *)mnl_nlmsg_get_payload(answer))->error;
		queue->messages[queue->early++].msg_len = (unsigned)n;
	}
	return 0;
}

/* One message, so that no packet meets a queue that is bound but not set up. */
static int configure_bind(struct nfqueue *queue, const struct nfqueue_config *config)
{
	char buffer[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *message = nfq_nlmsg_put(buffer, NFQNL_MSG_CONFIG, config->number);

	nfq_nlmsg_cfg_put_cmd(message, AF_UNSPEC, NFQNL_CFG_CMD_BIND);
	nfq_nlmsg_cfg_put_params(message, NFQNL_COPY_PACKET, (int)config->copy_range);
	nfq_nlmsg_cfg_put_qmaxlen(message, config->length);
	mnl_attr_put_u32(message, NFQA_CFG_FLAGS, htonl(NFQA_CFG_F_GSO));
	mnl_attr_put_u32(message, NFQA_CFG_MASK, htonl(NFQA_CFG_F_GSO));
	return configure(queue, message);
}

static int configure_fail_open(struct nfqueue *queue)
{
	char buffer[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *message = nfq_nlmsg_put(buffer, NFQNL_MSG_CONFIG, queue->number);

	mnl_attr_put_u32(message, NFQA_CFG_FLAGS, htonl(NFQA_CFG_F_FAIL_OPEN));
	mnl_attr_put_u32(message, NFQA_CFG_MASK, htonl(NFQA_CFG_F_FAIL_OPEN));
	return configure(queue, message);
}

static void buffers_init(struct nfqueue *queue)
{
	for (size_t i = 0; i < NFQUEUE_BATCH; i++) {
		struct nlmsghdr *message =
			nfq_nlmsg_put((char *)&queue->verdicts[i], NFQNL_MSG_VERDICT, queue->number);
		nfq_nlmsg_verdict_put(message, 0, NF_DROP);
		assert(message->nlmsg_len == sizeof queue->verdicts[i]);
		queue->vectors[i] = (struct iovec){ queue->slots + i * queue->slot_size, queue->slot_size };
		queue->messages[i].msg_hdr =
			(struct msghdr){ .msg_iov = &queue->vectors[i], .msg_iovlen = 1 };
	}
}

static int socket_open(struct nfqueue *queue, uint32_t receive_buffer)
{
	int bytes = (int)receive_buffer;
	int one = 1;

	queue->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (queue->socket == NULL || mnl_socket_bind(queue->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	queue->fd = mnl_socket_get_fd(queue->socket);
	if (setsockopt(queue->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
		setsockopt(queue->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
	/* Gaps in the ids say the same as ENOBUFS, and exactly. */
	setsockopt(queue->fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &one, sizeof one);
	return 0;
}

static void queue_free(struct nfqueue *queue)
{
	if (queue->socket != NULL)
		mnl_socket_close(queue->socket);
	if (queue->table_fd >= 0)
		close(queue->table_fd);
	free(queue->slots);
	free(queue);
}

static struct nfqueue *queue_new(const struct nfqueue_config *config)
{
	struct nfqueue *queue = calloc(1, sizeof *queue);

	if (queue == NULL)
		return NULL;
	queue->number = config->number;
	queue->zone = config->zone;
	queue->fail_open = config->fail_open;
	queue->length = config->length;
	queue->next_id = 1;
	queue->slot_size = (config->copy_range + ATTRIBUTES_SIZE + 63) & ~(size_t)63;
	queue->slots = aligned_alloc(64, NFQUEUE_BATCH * queue->slot_size);
	queue->table_fd = open(NFQUEUE_TABLE, O_RDONLY | O_CLOEXEC);
	if (queue->slots == NULL) {
		queue_free(queue);
		return NULL;
	}
	buffers_init(queue);
	return queue;
}

struct nfqueue *nfqueue_open(const struct nfqueue_config *config, char *error, size_t size)
{
	struct nfqueue *queue = queue_new(config);

	if (queue == NULL) {
		snprintf(error, size, "queue %u: out of memory: lower queue.copy_range", config->number);
		return NULL;
	}
	int result = socket_open(queue, config->receive_buffer);
	if (result == 0)
		result = configure_bind(queue, config);
	if (result == 0 && config->fail_open)
		result = configure_fail_open(queue);
	if (result == 0)
		return queue;
	nfqueue_explain(config->number, -result, error, size);
	queue_free(queue);
	return NULL;
}

void nfqueue_close(struct nfqueue *queue)
{
	char buffer[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *message = nfq_nlmsg_put(buffer, NFQNL_MSG_CONFIG, queue->number);

	nfq_nlmsg_cfg_put_cmd(message, AF_UNSPEC, NFQNL_CFG_CMD_UNBIND);
	mnl_socket_sendto(queue->socket, message, message->nlmsg_len);
	queue_free(queue);
}

uint16_t nfqueue_number(const struct nfqueue *queue)
{
	return queue->number;
}

int nfqueue_fd(const struct nfqueue *queue)
{
	return queue->fd;
}

int nfqueue_receive(struct nfqueue *queue)
{
	int received = queue->early;

	queue->early = 0;
	queue->count = 0;
	if (received == 0)
		received = recvmmsg(queue->fd, queue->messages, NFQUEUE_BATCH, MSG_DONTWAIT, NULL);
	if (received < 0)
		return receive_failed(queue, errno);
	for (int i = 0; i < received; i++)
		take_message(queue, queue->vectors[i].iov_base, queue->messages[i].msg_len);
	if (queue->fail_open)
		look_for_full(queue, received);
	queue->counters.packets += (unsigned)queue->count;
	return queue->count;
}

const struct packet_bytes *nfqueue_packet(const struct nfqueue *queue, int index)
{
	return &queue->packets[index];
}

bool nfqueue_hop(const struct nfqueue *queue, int index, struct nfqueue_hop *hop)
{
	return nfqueue_parse_hop(queue->sources[index], hop);
}

void nfqueue_verdict(struct nfqueue *queue, int index, enum verdict verdict)
{
	queue->verdicts[index].verdict.verdict = htonl(verdict == VERDICT_ACCEPT ? NF_ACCEPT : NF_DROP);
}

void nfqueue_send(struct nfqueue *queue)
{
	size_t size = (size_t)queue->count * sizeof queue->verdicts[0];

	/*
	 * a packet without a verdict would stay in the kernel, so lack of memory is worth another try.
	 */
	for (int attempt = 0; queue->count > 0 && attempt < 3; attempt++)
		if (sendto(queue->fd, queue->verdicts, size, 0, (const void *)&kernel_address,
			   sizeof kernel_address) >= 0)
			return;
	queue->counters.verdict_errors += (unsigned)queue->count;
}

bool nfqueue_passed_unjudged(struct nfqueue *queue)
{
	bool unjudged = queue->unjudged;

	queue->unjudged = false;
	return unjudged;
}

const struct nfqueue_counters *nfqueue_counters(const struct nfqueue *queue)
{
	return &queue->counters;
}

/* The kernel answers with twice what was asked for: its own bookkeeping counts too. */
uint32_t nfqueue_receive_buffer(const struct nfqueue *queue)
{
	int bytes = 0;
	socklen_t length = sizeof bytes;

	if (getsockopt(queue->fd, SOL_SOCKET, SO_RCVBUF, &bytes, &length) < 0 || bytes < 0)
		return 0;
	return (uint32_t)bytes / 2;
}

bool nfqueue_kernel(const struct nfqueue *queue, struct nfqueue_kernel *kernel)
{
	char table[16384];

	nfqueue_table_read(queue->table_fd, table, sizeof table);
	return nfqueue_kernel_parse(table, queue->number, kernel);
}
