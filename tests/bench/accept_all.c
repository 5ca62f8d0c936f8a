/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The yardstick of `make bench`: an NFQUEUE program that accepts every packet and does nothing else, in the fastest
 * form known: recvmmsg of up to 64 messages, all their verdicts in one sendto, GSO packets whole.
 *
 *   accept_all [QUEUE]      prints "ready", runs until SIGTERM, then prints packets, receives and sends
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <libnetfilter_queue/libnetfilter_queue.h>

#define BATCH        64
#define COPY_RANGE   128
#define MESSAGE_SIZE 1024 /* COPY_RANGE and all attributes */
#define VERDICT_SIZE 64   /* header, nfgenmsg, one attribute: 32 bytes */
#define QUEUE_LENGTH 65536
#define SOCKET_BYTES (64 << 20)

struct tally {
	unsigned long packets, receives, sends, lost; /* lost: ENOBUFS seen */
};

static volatile sig_atomic_t stopping;

static void on_signal(int number)
{
	(void)number;
	stopping = 1;
}

static void fail(const char *what)
{
	fprintf(stderr, "accept_all: %s: %s\n", what, strerror(errno));
	exit(3);
}

/* Sends one configuration message and waits for the kernel's answer. */
static void configure(struct mnl_socket *nl, struct nlmsghdr *message, const char *what)
{
	char answer[1024];
	ssize_t got;

	message->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(nl, message, message->nlmsg_len) < 0)
		fail(what);
	got = mnl_socket_recvfrom(nl, answer, sizeof(answer));
	if (got < 0 || mnl_cb_run(answer, (size_t)got, 0, 0, NULL, NULL) < 0)
		fail(what);
}

static struct mnl_socket *queue_open(uint16_t queue)
{
	char buffer[512];
	struct mnl_socket *nl = mnl_socket_open(NETLINK_NETFILTER);
	struct nlmsghdr *message;
	struct timeval patience = {.tv_sec = 1};
	int size = SOCKET_BYTES, on = 1;

	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		fail("netlink socket");
	message = nfq_nlmsg_put(buffer, NFQNL_MSG_CONFIG, queue);
	nfq_nlmsg_cfg_put_cmd(message, AF_UNSPEC, NFQNL_CFG_CMD_BIND);
	configure(nl, message, "bind to the queue");
	message = nfq_nlmsg_put(buffer, NFQNL_MSG_CONFIG, queue);
	nfq_nlmsg_cfg_put_params(message, NFQNL_COPY_PACKET, COPY_RANGE);
	nfq_nlmsg_cfg_put_qmaxlen(message, QUEUE_LENGTH);
	mnl_attr_put_u32(message, NFQA_CFG_FLAGS, htonl(NFQA_CFG_F_GSO));
	mnl_attr_put_u32(message, NFQA_CFG_MASK, htonl(NFQA_CFG_F_GSO));
	configure(nl, message, "configure the queue");
	setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	mnl_socket_setsockopt(nl, NETLINK_NO_ENOBUFS, &on, sizeof(on));
	return nl;
}

/* Id of the packet in a message (network order); false if it carries none. */
static bool packet_id(const struct nlmsghdr *message, uint32_t *id)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, message, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attr) == NFQA_PACKET_HDR) {
			const struct nfqnl_msg_packet_hdr *header = mnl_attr_get_payload(attr);

			*id = header->packet_id;
			return true;
		}
	}
	return false;
}

static size_t put_accept(char *at, uint16_t queue, uint32_t id)
{
	struct nfqnl_msg_verdict_hdr verdict = {.verdict = htonl(NF_ACCEPT), .id = id};
	struct nlmsghdr *message = nfq_nlmsg_put(at, NFQNL_MSG_VERDICT, queue);

	mnl_attr_put(message, NFQA_VERDICT_HDR, sizeof(verdict), &verdict);
	return message->nlmsg_len;
}

static void judge(const struct mnl_socket *nl, uint16_t queue, struct mmsghdr *messages, int count, struct tally *tally)
{
	static char verdicts[BATCH * VERDICT_SIZE];
	size_t used = 0;
	uint32_t id;

	for (int i = 0; i < count; i++) {
		const struct nlmsghdr *message = messages[i].msg_hdr.msg_iov->iov_base;

		if (mnl_nlmsg_ok(message, (int)messages[i].msg_len) && packet_id(message, &id)) {
			used += put_accept(verdicts + used, queue, id);
			tally->packets++;
		}
	}
	if (used && mnl_socket_sendto(nl, verdicts, used) < 0)
		fail("verdict");
	tally->sends++;
}

static void run(const struct mnl_socket *nl, uint16_t queue, struct tally *tally)
{
	static char buffers[BATCH][MESSAGE_SIZE];
	static struct iovec parts[BATCH];
	static struct mmsghdr messages[BATCH];

	for (int i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec){buffers[i], MESSAGE_SIZE};
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	while (!stopping) {
		int count = recvmmsg(mnl_socket_get_fd(nl), messages, BATCH, MSG_WAITFORONE, NULL);

		if (count > 0) {
			tally->receives++;
			judge(nl, queue, messages, count, tally);
		} else if (errno == ENOBUFS) {
			tally->lost++;
		} else if (errno != EINTR && errno != EAGAIN) {
			fail("receive");
		}
	}
}

int main(int argc, char **argv)
{
	uint16_t queue = argc > 1 ? (uint16_t)strtoul(argv[1], NULL, 10) : 0;
	struct sigaction action = {.sa_handler = on_signal};
	struct mnl_socket *nl = queue_open(queue);
	struct tally tally = {0};

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	puts("ready");
	fflush(stdout);
	run(nl, queue, &tally);
	printf("packets=%lu receives=%lu sends=%lu enobufs=%lu\n", tally.packets, tally.receives, tally.sends,
	       tally.lost);
	mnl_socket_close(nl);
	return 0;
}
