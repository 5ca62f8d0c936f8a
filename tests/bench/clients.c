/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The legitimate clients of `make bench-flood`: each connects, sends a request, reads the answer to its end, closes,
 * pauses and begins again, from addresses of the namespace that it runs in.
 *
 *   clients SERVER PORT SECONDS TIMEOUT PAUSE COUNT:FIRST:ADDRESSES...
 *
 * Each group has COUNT clients on the ADDRESSES addresses from FIRST on, and goes round through them: client k has
 * address FIRST + (k + attempt * COUNT) % ADDRESSES, so with ADDRESSES == COUNT always the same. PAUSE is the mean in
 * seconds; an attempt that did not connect within TIMEOUT seconds failed, and so did a transfer that took as long.
 * After SECONDS nobody begins; the program ends when all attempts have. Connect times are those of connect() until the
 * socket is writable, on CLOCK_MONOTONIC. "new_" figures are those of the first attempt from an address, "answer_"
 * those of all that connected, from connect() to the end of the answer.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/units.h"
#include "frames.h"

#define REQUEST_BYTES 64
#define EVENTS        256
#define FILES_MOST    65536
#define TIMES_MOST    (1u << 22)

enum step { PAUSE, CONNECT, TRANSFER };

struct group {
	uint32_t count, first, addresses;
};

struct client {
	const struct group *group;
	uint32_t index;   /* in its group */
	uint32_t attempt;
	enum step step;
	int sock;
	uint64_t begin_ns; /* connect() of the current attempt */
	uint64_t since_ns; /* when the step began */
	uint64_t until_ns; /* PAUSE: when it ends */
};

struct tally {
	uint64_t tried, good, timed_out, failed;
	uint32_t *times; /* microseconds of the good ones, TIMES_MOST at most */
};

struct crowd {
	struct sockaddr_in server;
	int poll;
	uint64_t timeout_ns, pause_ns, stop_ns;
	struct client *clients;
	uint32_t count;
	struct tally all, fresh, answers;
};

static bool is_fresh(const struct client *client)
{
	return (uint64_t)client->attempt * client->group->count + client->index < client->group->addresses;
}

static void tally_end(struct tally *tally, int error, uint64_t took_ns)
{
	tally->tried++;
	if (error == 0 && tally->good < TIMES_MOST)
		tally->times[tally->good++] = (uint32_t)(took_ns / NS_PER_US);
	else if (error == ETIMEDOUT)
		tally->timed_out++;
	else
		tally->failed++;
}

/* Closes what is open; the next attempt comes after a pause, random around the mean. */
static void pause_client(struct crowd *crowd, struct client *client, uint64_t now)
{
	if (client->sock >= 0)
		close(client->sock);
	client->sock = -1;
	client->step = PAUSE;
	client->since_ns = now;
	client->until_ns = now + (uint64_t)((double)crowd->pause_ns * 2 * drand48());
}

/* The attempt to connect is over. */
static void end_connect(struct crowd *crowd, struct client *client, int error, uint64_t now)
{
	tally_end(&crowd->all, error, now - client->since_ns);
	if (is_fresh(client))
		tally_end(&crowd->fresh, error, now - client->since_ns);
	client->attempt++;
	client->step = TRANSFER;
	client->since_ns = now;
	if (error)
		pause_client(crowd, client, now);
}

/* So is the transfer. */
static void end_answer(struct crowd *crowd, struct client *client, int error, uint64_t now)
{
	tally_end(&crowd->answers, error, now - client->begin_ns);
	pause_client(crowd, client, now);
}

static void start_connect(struct crowd *crowd, struct client *client)
{
	const struct group *group = client->group;
	uint32_t place = (uint32_t)(((uint64_t)client->attempt * group->count + client->index) % group->addresses);
	struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(group->first + place)};
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = client};
	int on = 1;

	client->sock = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (client->sock < 0 || setsockopt(client->sock, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)) ||
	    bind(client->sock, (struct sockaddr *)&own, sizeof(own)) ||
	    epoll_ctl(crowd->poll, EPOLL_CTL_ADD, client->sock, &event))
		fail("socket of a client");
	client->step = CONNECT;
	client->begin_ns = client->since_ns = clock_ns();
	if (connect(client->sock, (struct sockaddr *)&crowd->server, sizeof(crowd->server)) && errno != EINPROGRESS)
		end_connect(crowd, client, errno, clock_ns());
}

static void ask(struct crowd *crowd, struct client *client, uint64_t now)
{
	static const char request[REQUEST_BYTES] = "please";

	if (send(client->sock, request, sizeof(request), MSG_NOSIGNAL) != sizeof(request))
		end_answer(crowd, client, errno, now);
}

/* Reads what is there; the server closes after its answer. */
static void read_answer(struct crowd *crowd, struct client *client, uint64_t now)
{
	char answer[4096];
	ssize_t size;

	do
		size = recv(client->sock, answer, sizeof(answer), 0);
	while (size > 0);
	if (size == 0 || errno != EAGAIN)
		end_answer(crowd, client, size == 0 ? 0 : errno, now);
}

static void on_event(struct crowd *crowd, struct client *client)
{
	uint64_t now = clock_ns();
	int error = 0;
	socklen_t size = sizeof(error);

	if (client->step == CONNECT) {
		getsockopt(client->sock, SOL_SOCKET, SO_ERROR, &error, &size);
		end_connect(crowd, client, error, now);
		if (client->step == TRANSFER)
			ask(crowd, client, now);
	} else if (client->step == TRANSFER) {
		read_answer(crowd, client, now);
	}
}

/* What time alone moves: the end of pauses and of patience. Counts the clients that are not yet done. */
static uint32_t pass_time(struct crowd *crowd)
{
	uint64_t now = clock_ns();
	uint32_t busy = 0;

	for (struct client *client = crowd->clients; client < crowd->clients + crowd->count; client++) {
		if (client->step != PAUSE && now - client->since_ns >= crowd->timeout_ns) {
			if (client->step == CONNECT)
				end_connect(crowd, client, ETIMEDOUT, now);
			else
				end_answer(crowd, client, ETIMEDOUT, now);
		}
		if (client->step == PAUSE && client->until_ns <= now && now < crowd->stop_ns)
			start_connect(crowd, client);
		busy += client->step != PAUSE;
	}
	return now < crowd->stop_ns ? crowd->count : busy;
}

static void run(struct crowd *crowd)
{
	struct epoll_event events[EVENTS];

	while (pass_time(crowd)) {
		int count = epoll_wait(crowd->poll, events, EVENTS, 1);

		for (int i = 0; i < count; i++)
			on_event(crowd, events[i].data.ptr);
	}
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Nearest-rank percentile in milliseconds; 0 of none. */
static double percentile(const struct tally *tally, double share)
{
	uint64_t rank = (uint64_t)(share * (double)tally->good + 0.999999);

	return tally->good ? tally->times[rank ? rank - 1 : 0] / 1000.0 : 0;
}

static void print_tally(const char *prefix, struct tally *tally)
{
	qsort(tally->times, tally->good, sizeof(*tally->times), by_value);
	printf("%stried=%lu %sgood=%lu %stimed_out=%lu %sfailed=%lu %sp50=%.3f %sp99=%.3f %smost=%.3f ", prefix,
	       tally->tried, prefix, tally->good, prefix, tally->timed_out, prefix, tally->failed, prefix,
	       percentile(tally, 0.5), prefix, percentile(tally, 0.99), prefix, percentile(tally, 1));
}

static uint32_t add_group(struct crowd *crowd, struct group *group, const char *text)
{
	char address[INET_ADDRSTRLEN];
	struct in_addr first;

	if (sscanf(text, "%u:%15[0-9.]:%u", &group->count, address, &group->addresses) != 3 || group->count == 0 ||
	    group->addresses < group->count || inet_pton(AF_INET, address, &first) != 1) {
		fprintf(stderr, "clients: %s: not COUNT:FIRST:ADDRESSES\n", text);
		exit(2);
	}
	group->first = ntohl(first.s_addr);
	crowd->clients = realloc(crowd->clients, (crowd->count + group->count) * sizeof(*crowd->clients));
	if (!crowd->clients)
		fail("memory");
	for (uint32_t i = 0; i < group->count; i++)
		crowd->clients[crowd->count + i] = (struct client){.group = group, .index = i, .sock = -1};
	return group->count;
}

int main(int argc, char **argv)
{
	struct crowd crowd = {.server = {.sin_family = AF_INET}};
	struct group groups[8];
	uint64_t now = clock_ns();

	if (argc < 7 || argc > 6 + 8 || inet_pton(AF_INET, argv[1], &crowd.server.sin_addr) != 1) {
		fputs("usage: clients SERVER PORT SECONDS TIMEOUT PAUSE COUNT:FIRST:ADDRESSES...\n", stderr);
		return 2;
	}
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){FILES_MOST, FILES_MOST});
	crowd.server.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
	crowd.stop_ns = now + (uint64_t)(strtod(argv[3], NULL) * 1e9);
	crowd.timeout_ns = (uint64_t)(strtod(argv[4], NULL) * 1e9);
	crowd.pause_ns = (uint64_t)(strtod(argv[5], NULL) * 1e9);
	crowd.poll = epoll_create1(0);
	crowd.all.times = calloc(TIMES_MOST, sizeof(uint32_t));
	crowd.fresh.times = calloc(TIMES_MOST, sizeof(uint32_t));
	crowd.answers.times = calloc(TIMES_MOST, sizeof(uint32_t));
	if (crowd.poll < 0 || !crowd.all.times || !crowd.fresh.times || !crowd.answers.times)
		fail("memory");
	for (int i = 6; i < argc; i++)
		crowd.count += add_group(&crowd, &groups[i - 6], argv[i]);
	for (uint32_t i = 0; i < crowd.count; i++)
		pause_client(&crowd, &crowd.clients[i], now);
	run(&crowd);
	print_tally("", &crowd.all);
	print_tally("new_", &crowd.fresh);
	print_tally("answer_", &crowd.answers);
	putchar('\n');
	free(crowd.clients);
	free(crowd.all.times);
	free(crowd.fresh.times);
	free(crowd.answers.times);
	return 0;
}
