/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small packets for `make bench`: opens FLOWS connections between hosts that do not exist, then sends data segments of
 * 10 bytes and their acknowledgements through the gateway as fast as it takes them, from raw sockets in the client's
 * and the server's namespace. Closed loop: at most WINDOW frames are under way, so nothing is lost by overflow; what
 * stays away for STALL_NS was dropped and is counted as lost.
 *
 *   flood CLIENT-NAMESPACE SERVER-NAMESPACE SECONDS FLOWS
 *
 * It says "open" when all connections are, and in the end what it counted.
 *
 * Addresses and links are those of tests/netns/gateway.py: c0 and s0, the router's MACs 02:00:00:00:0N:01, hosts
 * 10.9.N.99, whose MACs on the router belong to nobody: their frames are counted on the link and then discarded.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/units.h"

#define BATCH      32
#define WINDOW     1024
#define STALL_NS   (200 * NS_PER_MS)
#define PAYLOAD    10
#define HEADERS    54 /* Ethernet 14, IPv4 20, TCP 20 */
#define ACK_EVERY  4  /* data segments that one acknowledgement answers */
#define CLIENT_ISN 1000
#define SERVER_ISN 5000

enum { CLIENT, SERVER, HOSTS };
enum { FLAG_SYN = 0x02, FLAG_PUSH = 0x08, FLAG_ACK = 0x10 };

struct host {
	int sock;      /* AF_PACKET, bound to the link */
	int counters;  /* /proc/net/dev of the namespace */
	const char *link;
	uint64_t base; /* frames received before the run */
	uint8_t frames[BATCH][HEADERS + PAYLOAD];
	struct iovec parts[BATCH];
	struct mmsghdr messages[BATCH];
	unsigned int filled;
};

struct flow {
	uint32_t sent; /* next sequence number of the client */
	uint32_t segments;
};

struct flood {
	struct host hosts[HOSTS];
	uint64_t sent, lost;
	uint64_t seen; /* delivered or lost, when last looked */
};

static void fail(const char *what)
{
	fprintf(stderr, "flood: %s: %s\n", what, strerror(errno));
	exit(3);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* Frames that a host's link has received since its namespace began. */
static uint64_t received(const struct host *host)
{
	char text[4096];
	ssize_t size = pread(host->counters, text, sizeof(text) - 1, 0);
	const char *at;
	uint64_t frames = 0;

	text[size > 0 ? size : 0] = '\0';
	at = strstr(text, host->link);
	if (!at || sscanf(at + strlen(host->link), ": %*u %lu", &frames) != 1)
		fail("read /proc/net/dev");
	return frames;
}

static uint64_t delivered(const struct flood *flood)
{
	uint64_t sum = 0;

	for (int i = 0; i < HOSTS; i++)
		sum += received(&flood->hosts[i]) - flood->hosts[i].base;
	return sum;
}

static void host_open(struct host *host, const char *name, const char *link)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET};
	char path[256];
	int space, on = 1;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	space = open(path, O_RDONLY | O_CLOEXEC);
	if (space < 0 || setns(space, CLONE_NEWNET))
		fail(path);
	close(space);
	host->sock = socket(AF_PACKET, SOCK_RAW, 0);
	at.sll_ifindex = (int)if_nametoindex(link);
	if (host->sock < 0 || bind(host->sock, (struct sockaddr *)&at, sizeof(at)))
		fail(link);
	setsockopt(host->sock, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on));
	host->counters = open("/proc/thread-self/net/dev", O_RDONLY | O_CLOEXEC);
	host->link = link;
	for (int i = 0; i < BATCH; i++) {
		host->parts[i].iov_base = host->frames[i];
		host->messages[i].msg_hdr.msg_iov = &host->parts[i];
		host->messages[i].msg_hdr.msg_iovlen = 1;
	}
}

/* Waits until at most `most` frames are under way; what never comes is lost. */
static void wait_for_room(struct flood *flood, uint64_t most)
{
	uint64_t since = now_ns();

	while (flood->sent > flood->seen + most) {
		uint64_t seen = delivered(flood) + flood->lost;

		if (seen != flood->seen) {
			flood->seen = seen;
			since = now_ns();
		} else if (now_ns() - since > STALL_NS) {
			flood->lost += flood->sent - seen;
			flood->seen = flood->sent;
		}
		nanosleep(&(struct timespec){.tv_nsec = 20 * NS_PER_US}, NULL);
	}
}

static void flush_host(struct flood *flood, struct host *host)
{
	unsigned int done = 0;

	while (done < host->filled) {
		int n = sendmmsg(host->sock, host->messages + done, host->filled - done, 0);

		if (n > 0)
			done += (unsigned int)n;
		else if (errno != ENOBUFS && errno != EAGAIN)
			fail("sendmmsg");
	}
	flood->sent += host->filled;
	host->filled = 0;
}

static uint32_t add_words(const uint8_t *data, size_t size, uint32_t sum)
{
	for (size_t i = 0; i + 1 < size; i += 2)
		sum += load_be16(data + i);
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* Writes one frame from host `from` of flow `index`; PAYLOAD is even, so sums need no odd byte. */
static size_t write_frame(uint8_t *frame, int from, uint32_t index, uint32_t seq, uint32_t ack, uint8_t flags, size_t data)
{
	const uint8_t near = (uint8_t)(from + 1), far = (uint8_t)(2 - from);
	uint8_t *ip = frame + 14, *tcp = ip + 20;
	uint16_t client_port = (uint16_t)(1024 + index % 60000), server_port = (uint16_t)(80 + index / 60000);

	memset(frame, 0, HEADERS);
	memcpy(frame, (const uint8_t[]){2, 0, 0, 0, near, 1, 2, 0, 0, 0, near, 2, 8, 0}, 14);
	memcpy(ip, (const uint8_t[]){0x45, 0, 0, 0, 0, 1, 0x40, 0, 64, 6, 0, 0, 10, 9, near, 99, 10, 9, far, 99}, 20);
	store_be16(ip + 2, (uint16_t)(40 + data));
	store_be16(ip + 10, fold(add_words(ip, 20, 0)));
	store_be16(tcp, from == CLIENT ? client_port : server_port);
	store_be16(tcp + 2, from == CLIENT ? server_port : client_port);
	store_be32(tcp + 4, seq);
	store_be32(tcp + 8, ack);
	tcp[12] = 0x50;
	tcp[13] = flags;
	store_be16(tcp + 14, 65000);
	memset(tcp + 20, 'x', data);
	store_be16(tcp + 16, fold(add_words(tcp, 20 + data, add_words(ip + 12, 8, (uint32_t)(6 + 20 + data)))));
	return HEADERS + data;
}

static void emit(struct flood *flood, int from, uint32_t index, uint32_t seq, uint32_t ack, uint8_t flags, size_t data)
{
	struct host *host = &flood->hosts[from];
	unsigned int slot = host->filled++;

	host->parts[slot].iov_len = write_frame(host->frames[slot], from, index, seq, ack, flags, data);
	if (host->filled == BATCH) {
		flush_host(flood, host);
		if (flood->sent > flood->seen + WINDOW)
			wait_for_room(flood, WINDOW / 2);
	}
}

static void settle(struct flood *flood)
{
	for (int i = 0; i < HOSTS; i++)
		flush_host(flood, &flood->hosts[i]);
	wait_for_room(flood, 0);
}

/* Three-way handshakes, a batch of flows at a time, each step only when the one before has arrived. */
static void open_flows(struct flood *flood, struct flow *flows, uint32_t count)
{
	for (uint32_t first = 0; first < count; first += BATCH) {
		uint32_t end = (uint32_t)min_u64(count, first + BATCH);

		for (uint32_t i = first; i < end; i++)
			emit(flood, CLIENT, i, CLIENT_ISN, 0, FLAG_SYN, 0);
		settle(flood);
		for (uint32_t i = first; i < end; i++)
			emit(flood, SERVER, i, SERVER_ISN, CLIENT_ISN + 1, FLAG_SYN | FLAG_ACK, 0);
		settle(flood);
		for (uint32_t i = first; i < end; i++) {
			emit(flood, CLIENT, i, CLIENT_ISN + 1, SERVER_ISN + 1, FLAG_ACK, 0);
			flows[i].sent = CLIENT_ISN + 1;
		}
		settle(flood);
	}
}

/* One data segment of a flow; after ACK_EVERY, an acknowledgement of those that came before them. */
static void send_segment(struct flood *flood, struct flow *flow, uint32_t index)
{
	emit(flood, CLIENT, index, flow->sent, SERVER_ISN + 1, FLAG_PUSH | FLAG_ACK, PAYLOAD);
	flow->sent += PAYLOAD;
	if (++flow->segments % ACK_EVERY == 0)
		emit(flood, SERVER, index, SERVER_ISN + 1, flow->sent - ACK_EVERY * PAYLOAD, FLAG_ACK, 0);
}

static void send_data(struct flood *flood, struct flow *flows, uint32_t count, uint64_t duration_ns)
{
	const uint64_t end = now_ns() + duration_ns;

	for (uint32_t i = 0, n = 0;; i = i + 1 == count ? 0 : i + 1) {
		send_segment(flood, &flows[i], i);
		if (++n % 64 == 0 && now_ns() >= end)
			break;
	}
	settle(flood);
}

int main(int argc, char **argv)
{
	static struct flood flood;
	struct flow *flows;
	uint32_t count;
	uint64_t start, opened_lost;
	double seconds;

	if (argc != 5 || (count = (uint32_t)strtoul(argv[4], NULL, 10)) == 0) {
		fputs("usage: flood CLIENT-NAMESPACE SERVER-NAMESPACE SECONDS FLOWS\n", stderr);
		return 2;
	}
	flows = calloc(count, sizeof(*flows));
	if (!flows)
		fail("memory");
	host_open(&flood.hosts[CLIENT], argv[1], "c0");
	host_open(&flood.hosts[SERVER], argv[2], "s0");
	for (int i = 0; i < HOSTS; i++)
		flood.hosts[i].base = received(&flood.hosts[i]);
	open_flows(&flood, flows, count);
	opened_lost = flood.lost;
	puts("open");
	fflush(stdout);

	flood.sent = flood.lost = flood.seen = 0;
	for (int i = 0; i < HOSTS; i++)
		flood.hosts[i].base = received(&flood.hosts[i]);
	start = now_ns();
	send_data(&flood, flows, count, (uint64_t)(strtod(argv[3], NULL) * 1e9));
	seconds = (double)(now_ns() - start) / 1e9;
	printf("sent=%lu delivered=%lu lost=%lu handshake_lost=%lu seconds=%.6f pps=%.0f\n", flood.sent,
	       flood.sent - flood.lost, flood.lost, opened_lost, seconds, (double)(flood.sent - flood.lost) / seconds);
	free(flows);
	return 0;
}
