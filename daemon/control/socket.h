/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control socket in the file system, and who is at its other end. Inner header of server.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct control_config;

/* A listening socket, 0660 and of the group, or -1: error says why. *gid: of the group, or (gid_t)-1. */
int socket_listen(const struct control_config *config, gid_t *gid, char *error, size_t size);

enum socket_peer { PEER_STRANGER, PEER_READER, PEER_CHANGER };

/* By the credentials that the kernel vouches for: root and our own user may change, members of the group read. */
enum socket_peer socket_peer(int fd, gid_t group, uid_t *uid);
