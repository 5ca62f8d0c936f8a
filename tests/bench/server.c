/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server of `make bench-flood`: answers a request of any size with 1 KB and closes. Who asks nothing within
 * PATIENCE_NS is reset.
 *
 *   server ADDRESS PORT BACKLOG      prints "ready", runs until it is killed
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

#define EVENTS       256
#define FILES_MOST   (1u << 18)
#define ANSWER_BYTES 1024
#define PATIENCE_NS  (2 * NS_PER_S)

struct server {
	int poll, listener;
	uint64_t since_ns[FILES_MOST]; /* when the connection of this descriptor was accepted; 0: none */
	int order[FILES_MOST];         /* descriptors in the order of acceptance, a ring */
	uint64_t stamp[FILES_MOST];    /* since_ns of that acceptance: another one, if the descriptor is another's */
	uint32_t first, last;          /* of the ring */
};

static void end(struct server *server, int sock)
{
	server->since_ns[sock] = 0;
	close(sock);
}

static void accept_all(struct server *server)
{
	uint64_t now = clock_ns();
	int sock;

	while ((sock = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		struct epoll_event event = {.events = EPOLLIN, .data.fd = sock};

		if (server->last - server->first == FILES_MOST ||
		    epoll_ctl(server->poll, EPOLL_CTL_ADD, sock, &event)) {
			close(sock);
			continue;
		}
		server->since_ns[sock] = now;
		server->order[server->last % FILES_MOST] = sock;
		server->stamp[server->last++ % FILES_MOST] = now;
	}
}

static void serve(struct server *server, int sock)
{
	static const char answer[ANSWER_BYTES];
	char request[4096];
	ssize_t size = recv(sock, request, sizeof(request), 0);

	if (size > 0)
		send(sock, answer, sizeof(answer), MSG_NOSIGNAL);
	end(server, sock);
}

/* Those who asked nothing in time. */
static void reset_idle(struct server *server)
{
	static const struct linger reset = {1, 0};
	uint64_t now = clock_ns();

	while (server->first != server->last) {
		uint32_t place = server->first % FILES_MOST;
		int sock = server->order[place];

		if (now - server->stamp[place] < PATIENCE_NS)
			break;
		if (server->since_ns[sock] == server->stamp[place]) {
			setsockopt(sock, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
			end(server, sock);
		}
		server->first++;
	}
}

static int start_listening(const char *address, const char *port, const char *backlog)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
	int sock = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;

	setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (inet_pton(AF_INET, address, &at.sin_addr) != 1 || bind(sock, (struct sockaddr *)&at, sizeof(at)) ||
	    listen(sock, (int)strtol(backlog, NULL, 10)))
		fail(address);
	return sock;
}

int main(int argc, char **argv)
{
	static struct server server;
	struct epoll_event events[EVENTS], event = {.events = EPOLLIN};

	if (argc != 4) {
		fputs("usage: server ADDRESS PORT BACKLOG\n", stderr);
		return 2;
	}
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){FILES_MOST, FILES_MOST});
	server.listener = start_listening(argv[1], argv[2], argv[3]);
	server.poll = epoll_create1(0);
	event.data.fd = server.listener;
	if (server.poll < 0 || epoll_ctl(server.poll, EPOLL_CTL_ADD, server.listener, &event))
		fail("epoll");
	puts("ready");
	fflush(stdout);
	for (;;) {
		int count = epoll_wait(server.poll, events, EVENTS, 100);

		for (int i = 0; i < count; i++) {
			if (events[i].data.fd == server.listener)
				accept_all(&server);
			else
				serve(&server, events[i].data.fd);
		}
		reset_idle(&server);
	}
}
