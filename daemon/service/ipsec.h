/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does this host forward what IPsec policies decide about? A packet out of a tunnel without an interface of its own
 * seems to come from the link that the tunnel's packets came by: its sender is not there. One thread at a time.
 */
#pragma once

#include <stdbool.h>

struct mnl_socket;

/* A socket to ask by. NULL: the kernel has no IPsec. */
struct mnl_socket *ipsec_open(void);

/* Whether there is a policy for forwarded packets now. Needs CAP_NET_ADMIN; where the kernel does not tell: true. */
bool ipsec_forwards(struct mnl_socket *socket);
