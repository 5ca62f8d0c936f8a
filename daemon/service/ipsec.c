/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/ipsec.h"

#include <libmnl/libmnl.h>
#include <linux/xfrm.h>
#include <string.h>
#include <sys/socket.h>

struct mnl_socket *ipsec_open(void)
{
	return mnl_socket_open2(NETLINK_XFRM, SOCK_CLOEXEC);
}

static bool ask(struct mnl_socket *socket)
{
	char buffer[64] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);

	message->nlmsg_type = XFRM_MSG_GETSPDINFO;
	message->nlmsg_flags = NLM_F_REQUEST;
	memset(mnl_nlmsg_put_extra_header(message, sizeof(uint32_t)), 0, sizeof(uint32_t)); /* flags: none there are */
	return mnl_socket_sendto(socket, message, message->nlmsg_len) >= 0;
}

bool ipsec_forwards(struct mnl_socket *socket)
{
	char buffer[512] __attribute__((aligned(NLMSG_ALIGNTO)));
	const struct nlmsghdr *message = (const void *)buffer;
	const struct nlattr *attribute;
	ssize_t size;

	if (!ask(socket))
		return true;
	/* The kernel has answered when the sending returns. */
	size = recv(mnl_socket_get_fd(socket), buffer, sizeof buffer, MSG_DONTWAIT);
	if (size < 0 || !mnl_nlmsg_ok(message, (int)size) || message->nlmsg_type != XFRM_MSG_NEWSPDINFO)
		return true;
	mnl_attr_for_each(attribute, message, sizeof(uint32_t)) {
		const struct xfrmu_spdinfo *policies = mnl_attr_get_payload(attribute);

		if (mnl_attr_get_type(attribute) == XFRMA_SPD_INFO &&
		    mnl_attr_get_payload_len(attribute) >= sizeof *policies)
			return policies->fwdcnt != 0;
	}
	return true;
}
