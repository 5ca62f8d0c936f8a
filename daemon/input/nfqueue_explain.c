/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "input/nfqueue_explain.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "input/nfqueue.h"

void nfqueue_table_read(int fd, char *table, size_t size)
{
	size_t have = 0;

	while (fd >= 0 && have < size - 1) {
		ssize_t n = pread(fd, table + have, size - 1 - have, (off_t)have);
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	table[have] = '\0';
}

bool nfqueue_kernel_parse(const char *table, uint16_t number, struct nfqueue_kernel *kernel)
{
	const char *line = table;

	while (line != NULL && *line != '\0') {
		unsigned queue, port_id, waiting, queue_dropped, user_dropped;
		/* number, port id, waiting, copy mode, copy range, dropped twice, last id, 1 */
		int n = sscanf(line, "%u %u %u %*u %*u %u %u", &queue, &port_id, &waiting, &queue_dropped,
			       &user_dropped);
		if (n == 5 && queue == number) {
			*kernel = (struct nfqueue_kernel){ port_id, waiting, queue_dropped, user_dropped };
			return true;
		}
		line = strchr(line, '\n');
		if (line != NULL)
			line++;
	}
	return false;
}

/* The name of the process whose first netlink socket has this port id: by habit that is its process id. */
static void process_name(uint32_t port_id, char name[32])
{
	char path[48];
	ssize_t n = -1;

	snprintf(path, sizeof path, "/proc/%" PRIu32 "/comm", port_id);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, name, 31);
		close(fd);
	}
	if (n <= 0) {
		strcpy(name, "unknown");
		return;
	}
	name[n] = '\0';
	name[strcspn(name, "\n")] = '\0';
}

static bool explain_holder(uint16_t number, char *error, size_t size)
{
	struct nfqueue_kernel kernel;
	char table[16384];
	char name[32];
	int fd = open(NFQUEUE_TABLE, O_RDONLY | O_CLOEXEC);

	nfqueue_table_read(fd, table, sizeof table);
	if (fd >= 0)
		close(fd);
	if (!nfqueue_kernel_parse(table, number, &kernel))
		return false;
	process_name(kernel.port_id, name);
	snprintf(error, size,
		 "queue %u is held by port id %" PRIu32
		 " (process %s): stop that program or set another queue.number",
		 number, kernel.port_id, name);
	return true;
}

static bool has_net_admin(void)
{
	return capng_get_caps_process() == 0 && capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN);
}

void nfqueue_explain(uint16_t number, int cause, char *error, size_t size)
{
	if (cause == EPERM && !has_net_admin())
		snprintf(error, size,
			 "queue %u: the capability CAP_NET_ADMIN is missing: start as root or through the "
			 "systemd unit",
			 number);
	else if ((cause == EPERM || cause == EBUSY) && explain_holder(number, error, size))
		return;
	else if (cause == EPERM || cause == EBUSY)
		snprintf(error, size,
			 "queue %u is held by another program: stop it or set another queue.number", number);
	else if (cause == EINVAL || cause == EPROTONOSUPPORT || cause == EOPNOTSUPP)
		snprintf(error, size,
			 "queue %u: this kernel has no NFQUEUE: load the module nfnetlink_queue or use a "
			 "kernel with "
			 "CONFIG_NETFILTER_NETLINK_QUEUE",
			 number);
	else
		snprintf(error, size, "queue %u cannot be bound: %s", number, strerror(cause));
}
