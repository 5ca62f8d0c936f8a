/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/exporter.h"

#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <microhttpd.h>

#include "control/connection.h"

#define DAEMON_WAIT_MS 3000 /* for the daemon: to let us in and to answer */
#define CLIENT_WAIT_S  10   /* for a client that says nothing */
#define CLIENTS        16
#define ADDRESS_SIZE   256
#define TYPE_METRICS   "text/plain; version=0.0.4; charset=utf-8"
#define TYPE_PLAIN     "text/plain; charset=utf-8"

static enum MHD_Result respond(struct MHD_Connection *client, unsigned status, const char *type, const char *text)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(client, status, response);
	MHD_destroy_response(response);
	return result;
}

/* The daemon's answer, the caller's; NULL: none. */
static json_t *ask_daemon(const char *socket)
{
	struct connection connection;
	json_t *answer = NULL;

	if (connection_open_for(&connection, socket, DAEMON_WAIT_MS) < 0)
		return NULL;
	if (connection_ask(&connection, COMMAND_METRICS, NULL, 0))
		answer = connection_read(&connection);
	connection_close(&connection);
	return answer;
}

static enum MHD_Result send_metrics(struct MHD_Connection *client, const char *socket)
{
	json_t *answer = ask_daemon(socket);
	const char *text = json_string_value(json_object_get(answer, "text"));
	enum MHD_Result result;

	if (text != NULL)
		result = respond(client, MHD_HTTP_OK, TYPE_METRICS, text);
	else
		result = respond(client, MHD_HTTP_SERVICE_UNAVAILABLE, TYPE_PLAIN, "tcpwardend does not answer\n");
	json_decref(answer);
	return result;
}

static enum MHD_Result serve(void *socket, struct MHD_Connection *client, const char *url, const char *method,
			     const char *version, const char *upload, size_t *upload_size, void **state)
{
	(void)version;
	(void)upload;
	if (*upload_size > 0) { /* a body nobody wants */
		*upload_size = 0;
		return MHD_YES;
	}
	if (*state == NULL) { /* headers only: the answer comes at the next call */
		*state = socket;
		return MHD_YES;
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return respond(client, MHD_HTTP_METHOD_NOT_ALLOWED, TYPE_PLAIN, "only GET and HEAD\n");
	if (strcmp(url, "/metrics") == 0)
		return send_metrics(client, socket);
	if (strcmp(url, "/") == 0)
		return respond(client, MHD_HTTP_OK, TYPE_PLAIN, "tcpwarden: see /metrics\n");
	return respond(client, MHD_HTTP_NOT_FOUND, TYPE_PLAIN, "nothing here: see /metrics\n");
}

/* The address of ADDRESS:PORT, freed by the caller. NULL: it is none. */
static struct addrinfo *find_address(const char *listen)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
					.ai_socktype = SOCK_STREAM };
	const char *colon = strrchr(listen, ':');
	struct addrinfo *found = NULL;
	char host[ADDRESS_SIZE];
	size_t size = colon != NULL ? (size_t)(colon - listen) : 0;

	if (colon == NULL || colon[1] == '\0' || size >= sizeof host)
		return NULL;
	if (size >= 2 && listen[0] == '[' && listen[size - 1] == ']') {
		listen++;
		size -= 2;
	} else if (memchr(listen, ':', size) != NULL) { /* IPv6 wants brackets */
		return NULL;
	}
	memcpy(host, listen, size);
	host[size] = '\0';
	return getaddrinfo(size > 0 ? host : NULL, colon + 1, &hints, &found) == 0 ? found : NULL;
}

static struct MHD_Daemon *start(const char *socket, const struct addrinfo *address)
{
	unsigned flags = MHD_USE_AUTO_INTERNAL_THREAD;

	if (address->ai_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	return MHD_start_daemon(flags, 0, NULL, NULL, serve, (void *)socket, MHD_OPTION_SOCK_ADDR, address->ai_addr,
				MHD_OPTION_CONNECTION_LIMIT, (unsigned)CLIENTS, MHD_OPTION_CONNECTION_TIMEOUT,
				(unsigned)CLIENT_WAIT_S, MHD_OPTION_END);
}

/* Blocked before any thread starts, so that the signals end sigwait() and nothing else. */
static void block_signals(sigset_t *signals)
{
	sigemptyset(signals);
	sigaddset(signals, SIGTERM);
	sigaddset(signals, SIGINT);
	sigprocmask(SIG_BLOCK, signals, NULL);
	signal(SIGPIPE, SIG_IGN);
}

enum client_exit exporter_run(const char *socket, const char *listen)
{
	struct addrinfo *address = find_address(listen);
	struct MHD_Daemon *server;
	sigset_t signals;
	int signal_number;

	if (address == NULL) {
		fprintf(stderr, "tcpwardenctl: --listen: '%s' is no ADDRESS:PORT (127.0.0.1:9798, [::1]:9798)\n",
			listen);
		return CLIENT_USAGE;
	}
	block_signals(&signals);
	server = start(socket, address);
	int cause = errno;
	freeaddrinfo(address);
	if (server == NULL) {
		fprintf(stderr, "tcpwardenctl: cannot listen on %s: %s\n", listen, strerror(cause));
		return CLIENT_NO_DAEMON;
	}
	printf("listening on port %u\n", (unsigned)MHD_get_daemon_info(server, MHD_DAEMON_INFO_BIND_PORT)->port);
	fflush(stdout);
	sigwait(&signals, &signal_number);
	MHD_stop_daemon(server);
	return CLIENT_DONE;
}
