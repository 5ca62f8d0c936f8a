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
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"
#include "frames.h"

#define WINDOW     1024
#define STALL_NS   (200 * NS_PER_MS)
#define PAYLOAD    10
#define ACK_EVERY  4  /* data segments that one acknowledgement answers */
#define CLIENT_ISN 1000
#define SERVER_ISN 5000

enum { CLIENT, SERVER, HOSTS };

struct host {
	struct sender sender;
	int counters;  /* /proc/net/dev of the namespace */
	const char *link;
	uint64_t base; /* frames received before the run */
};

/* 10.9.1.99 and 10.9.2.99 */
static const uint32_t hosts[HOSTS] = {0x0a090163, 0x0a090263};

struct flow {
	uint32_t sent; /* next sequence number of the client */
	uint32_t segments;
};

struct flood {
	struct host hosts[HOSTS];
	uint64_t sent, lost;
	uint64_t seen; /* delivered or lost, when last looked */
};

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

static void host_open(struct host *host, int side, const char *name, const char *link)
{
	char path[256];
	int space;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	space = open(path, O_RDONLY | O_CLOEXEC);
	if (space < 0 || setns(space, CLONE_NEWNET))
		fail(path);
	close(space);
	sender_open(&host->sender, side, link);
	host->counters = open("/proc/thread-self/net/dev", O_RDONLY | O_CLOEXEC);
	host->link = link;
}

/* Waits until at most `most` frames are under way; what never comes is lost. */
static void wait_for_room(struct flood *flood, uint64_t most)
{
	uint64_t since = clock_ns();

	while (flood->sent > flood->seen + most) {
		uint64_t seen = delivered(flood) + flood->lost;

		if (seen != flood->seen) {
			flood->seen = seen;
			since = clock_ns();
		} else if (clock_ns() - since > STALL_NS) {
			flood->lost += flood->sent - seen;
			flood->seen = flood->sent;
		}
		nanosleep(&(struct timespec){.tv_nsec = 20 * NS_PER_US}, NULL);
	}
}

static void flush_host(struct flood *flood, struct host *host)
{
	flood->sent += host->sender.filled;
	sender_flush(&host->sender);
}

static void emit(struct flood *flood, int from, uint32_t index, uint32_t seq, uint32_t ack, uint8_t flags, size_t data)
{
	struct host *host = &flood->hosts[from];
	const uint16_t ports[HOSTS] = {(uint16_t)(1024 + index % 60000), (uint16_t)(80 + index / 60000)};

	sender_put(&host->sender, &(struct segment){
		.source = hosts[from], .target = hosts[!from], .source_port = ports[from], .target_port = ports[!from],
		.seq = seq, .ack = ack, .flags = flags, .payload = data,
	});
	if (host->sender.filled == FRAME_BATCH) {
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
	for (uint32_t first = 0; first < count; first += FRAME_BATCH) {
		uint32_t end = (uint32_t)min_u64(count, first + FRAME_BATCH);

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
	const uint64_t end = clock_ns() + duration_ns;

	for (uint32_t i = 0, n = 0;; i = i + 1 == count ? 0 : i + 1) {
		send_segment(flood, &flows[i], i);
		if (++n % 64 == 0 && clock_ns() >= end)
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
	host_open(&flood.hosts[CLIENT], CLIENT, argv[1], "c0");
	host_open(&flood.hosts[SERVER], SERVER, argv[2], "s0");
	for (int i = 0; i < HOSTS; i++)
		flood.hosts[i].base = received(&flood.hosts[i]);
	open_flows(&flood, flows, count);
	opened_lost = flood.lost;
	puts("open");
	fflush(stdout);

	flood.sent = flood.lost = flood.seen = 0;
	for (int i = 0; i < HOSTS; i++)
		flood.hosts[i].base = received(&flood.hosts[i]);
	start = clock_ns();
	send_data(&flood, flows, count, (uint64_t)(strtod(argv[3], NULL) * 1e9));
	seconds = (double)(clock_ns() - start) / 1e9;
	printf("sent=%lu delivered=%lu lost=%lu handshake_lost=%lu seconds=%.6f pps=%.0f\n", flood.sent,
	       flood.sent - flood.lost, flood.lost, opened_lost, seconds, (double)(flood.sent - flood.lost) / seconds);
	free(flows);
	return 0;
}
