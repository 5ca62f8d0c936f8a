/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/units.h"
#include "control/places.h"
#include "control/socket.h"

#define CLIENTS        16
#define REQUEST_NS     (10 * NS_PER_S) /* for a whole request, from the connection or its first byte */
#define READ_NS        (30 * NS_PER_S) /* for a client to read anything at all while something waits for it */
#define IDLE_NS        (60 * NS_PER_S) /* between two requests */
#define ACCEPT_NS      NS_PER_S        /* until somebody is let in again where there was no descriptor for him */
#define EVENTS_AT_ONCE 32
#define STEPS          8 /* of one answer at once */

/* To whoever may not even read, or finds no memory. */
static const char refusal[] = "{\"error\":\"not allowed: be root or a member of control.group\"}\n";

struct client {
	struct control_server *server;
	int fd; /* -1: free */
	enum socket_peer peer;
	uid_t uid;
	bool answering;
	bool closing;      /* everything written is sent, then it goes */
	uint64_t since_ns; /* when it last made progress */
	size_t in_length;
	char in[REQUEST_LINE_SIZE];
	struct reply reply;
};

struct control_server {
	struct control_host host;
	char *path;
	gid_t group;
	int listen_fd;
	int epoll_fd;
	uint64_t now_ns;
	uint64_t accept_ns; /* when it listens again; 0: it does */
	struct client client[CLIENTS];
};

static void drop(struct client *client)
{
	if (client->fd < 0)
		return;
	close(client->fd); /* leaves the epoll set with it */
	free(client->reply.out);
	free(client->reply.state.memory);
	client->reply.out = NULL;
	client->reply.state.memory = NULL;
	client->fd = -1;
	if (client->server->accept_ns != 0) /* there is a descriptor now */
		client->server->accept_ns = client->server->now_ns;
}

/* What the client is waited for: to read while there is something to write or to go on with, else to ask. */
static void watch(struct client *client)
{
	bool asked = !client->answering && memchr(client->in, '\n', client->in_length) != NULL;
	bool write = client->reply.length > 0 || (client->answering && !client->reply.waits) || asked;
	struct epoll_event event = { .events = write ? EPOLLOUT : EPOLLIN, .data.ptr = client };

	if (epoll_ctl(client->server->epoll_fd, EPOLL_CTL_MOD, client->fd, &event) < 0)
		drop(client);
}

/* False: it was dropped. */
static bool send_some(struct client *client)
{
	struct reply *reply = &client->reply;

	while (reply->length > 0) {
		ssize_t n = send(client->fd, reply->out, reply->length, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (n <= 0) {
			drop(client);
			return false;
		}
		reply->length -= (size_t)n;
		memmove(reply->out, reply->out + n, reply->length);
		client->since_ns = client->server->now_ns;
	}
	if (reply->length > 0 || !client->closing)
		return true;
	drop(client);
	return false;
}

/* Some steps of the answer, as far as there is room for them; then others have their turn. */
static void go_on(struct client *client)
{
	struct reply *reply = &client->reply;

	for (int left = STEPS; left > 0; left--) {
		if (!client->answering || reply->waits || reply_free(reply) < REPLY_ROOM)
			return;
		client->server->host.more(client->server->host.context, reply);
		if (reply->done)
			client->answering = false;
		client->closing |= reply->overflow;
	}
}

static void refuse(struct client *client, const char *error)
{
	reply_fail(&client->reply, "%s", error);
	client->answering = false;
}

static void begin(struct client *client, const char *line, size_t length)
{
	struct reply *reply = &client->reply;
	char error[REQUEST_ERROR_SIZE];

	free(reply->state.memory);
	memset(&reply->state, 0, sizeof reply->state);
	reply->done = false;
	reply->waits = false;
	client->answering = true;
	client->since_ns = client->server->now_ns;
	if (!request_parse(line, length, &reply->request, error)) {
		refuse(client, error);
		client->closing = true;
		return;
	}
	const struct command_info *command = &command_table[reply->request.command];
	if (command->access == COMMAND_CHANGE && client->peer != PEER_CHANGER) {
		snprintf(error, sizeof error, "%s: only root and the user of tcpwardend may change something",
			 command->word);
		refuse(client, error);
	}
}

/* Takes the first whole line of what came in. False: there is none. */
static bool take_line(struct client *client)
{
	char *end = memchr(client->in, '\n', client->in_length);
	size_t length;

	if (end == NULL)
		return false;
	length = (size_t)(end - client->in);
	begin(client, client->in, length);
	client->in_length -= length + 1;
	memmove(client->in, end + 1, client->in_length);
	return true;
}

/* False: it was dropped. A client that ends its side while an answer is under way is not interested any more. */
static bool receive(struct client *client)
{
	ssize_t n = recv(client->fd, client->in + client->in_length, sizeof client->in - client->in_length,
			 MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0) {
		drop(client);
		return false;
	}
	if (client->in_length == 0 && !client->answering)
		client->since_ns = client->server->now_ns;
	client->in_length += (size_t)n;
	if (client->in_length == sizeof client->in && memchr(client->in, '\n', sizeof client->in) == NULL) {
		refuse(client, "the request is too long");
		client->closing = true;
		client->in_length = 0;
	}
	return true;
}

/* A request is read only once the answer before it is complete. */
static void serve(struct client *client, uint32_t events)
{
	if ((events & EPOLLIN) != 0 && !client->closing && !receive(client))
		return;
	if ((events & (EPOLLERR | EPOLLHUP)) != 0 && (events & EPOLLIN) == 0) {
		drop(client);
		return;
	}
	if (!client->answering && client->reply.length == 0 && !client->closing)
		take_line(client);
	go_on(client);
	if (send_some(client))
		watch(client);
}

/* A place for one more: a free one, or somebody's who goes. */
static struct client *find_place(struct control_server *server, uid_t newcomer)
{
	struct place places[CLIENTS];
	struct client *client;

	for (unsigned i = 0; i < CLIENTS; i++) {
		client = &server->client[i];
		places[i] = (struct place){ .taken = client->fd >= 0, .changer = client->peer == PEER_CHANGER,
					    .uid = client->uid, .since_ns = client->since_ns };
	}
	client = &server->client[places_choose(places, CLIENTS, newcomer)];
	drop(client);
	return client;
}

static void welcome(struct control_server *server, int fd)
{
	struct client *client;
	struct epoll_event event = { .events = EPOLLIN };
	uid_t uid = 0;
	enum socket_peer peer = socket_peer(fd, server->group, &uid);
	char *out = peer != PEER_STRANGER ? malloc(REPLY_BUFFER) : NULL;

	if (out == NULL) {
		send(fd, refusal, sizeof refusal - 1, MSG_NOSIGNAL);
		close(fd);
		return;
	}
	client = find_place(server, uid);
	memset(client, 0, sizeof *client);
	client->server = server;
	client->fd = fd;
	client->peer = peer;
	client->uid = uid;
	client->since_ns = server->now_ns;
	client->reply.out = out;
	event.data.ptr = client;
	if (epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		drop(client);
}

static void listen_for(struct control_server *server, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = NULL };

	epoll_ctl(server->epoll_fd, EPOLL_CTL_MOD, server->listen_fd, &event);
}

/* Without a descriptor for him a client stays at the door; to look at once again would be to spin. */
static void accept_some(struct control_server *server)
{
	for (unsigned i = 0; i < CLIENTS; i++) {
		int fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0) {
			welcome(server, fd);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			server->accept_ns = server->now_ns + ACCEPT_NS;
			listen_for(server, 0);
		}
		return;
	}
}

static void accept_again(struct control_server *server)
{
	if (server->accept_ns == 0 || server->now_ns < server->accept_ns)
		return;
	server->accept_ns = 0;
	listen_for(server, EPOLLIN);
}

static uint64_t patience_ns(const struct client *client)
{
	if (client->reply.length > 0)
		return READ_NS;
	if (client->answering)
		return UINT64_MAX;
	return client->in_length > 0 ? REQUEST_NS : IDLE_NS;
}

uint64_t control_deadline(const struct control_server *server)
{
	uint64_t deadline_ns = server->accept_ns != 0 ? server->accept_ns : UINT64_MAX;

	for (unsigned i = 0; i < CLIENTS; i++) {
		const struct client *client = &server->client[i];
		uint64_t patience = patience_ns(client);

		if (client->fd >= 0 && patience != UINT64_MAX)
			deadline_ns = min_u64(deadline_ns, client->since_ns + patience);
	}
	return deadline_ns;
}

static void drop_late(struct control_server *server)
{
	for (unsigned i = 0; i < CLIENTS; i++) {
		struct client *client = &server->client[i];
		uint64_t patience = patience_ns(client);

		if (client->fd >= 0 && patience != UINT64_MAX &&
		    client->since_ns + patience <= server->now_ns)
			drop(client);
	}
}

void control_serve(struct control_server *server, uint64_t now_ns)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	int count = epoll_wait(server->epoll_fd, events, EVENTS_AT_ONCE, 0);
	bool knock = false;

	server->now_ns = now_ns;
	for (int i = 0; i < count; i++) {
		struct client *client = events[i].data.ptr;

		if (client == NULL)
			knock = true;
		else if (client->fd >= 0)
			serve(client, events[i].events);
	}
	drop_late(server);
	accept_again(server);
	/* Last: it may take the place of somebody whose event was still to be served. */
	if (knock)
		accept_some(server);
}

void control_each(struct control_server *server, enum command command,
		  void (*each)(void *context, struct reply *reply), void *context)
{
	for (unsigned i = 0; i < CLIENTS; i++) {
		struct client *client = &server->client[i];

		if (client->fd < 0 || !client->answering || client->reply.request.command != command)
			continue;
		if (client->reply.length == 0)
			client->since_ns = server->now_ns;
		each(context, &client->reply);
		if (send_some(client))
			watch(client);
	}
}

int control_fd(const struct control_server *server)
{
	return server->epoll_fd;
}

struct control_server *control_open(const struct control_config *config, char *error, size_t size)
{
	struct control_server *server = calloc(1, sizeof *server);
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };

	if (server == NULL) {
		snprintf(error, size, "control.socket: out of memory");
		return NULL;
	}
	for (unsigned i = 0; i < CLIENTS; i++)
		server->client[i].fd = -1;
	server->host = config->host;
	server->listen_fd = socket_listen(config, &server->group, error, size);
	if (server->listen_fd < 0) {
		free(server);
		return NULL;
	}
	server->path = strdup(config->path);
	server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (server->path != NULL && server->epoll_fd >= 0 &&
	    epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, server->listen_fd, &event) == 0)
		return server;
	snprintf(error, size, "control.socket: out of memory or descriptors");
	control_close(server);
	return NULL;
}

void control_close(struct control_server *server)
{
	if (server == NULL)
		return;
	for (unsigned i = 0; i < CLIENTS; i++)
		drop(&server->client[i]);
	if (server->path != NULL)
		unlink(server->path);
	close(server->listen_fd);
	if (server->epoll_fd >= 0)
		close(server->epoll_fd);
	free(server->path);
	free(server);
}
