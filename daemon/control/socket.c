/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/socket.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/server.h"

#define BACKLOG     16
#define GROUPS_MOST 256 /* supplementary groups of a client that are looked at */

static const char *make_address(const char *path, struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof address->sun_path)
		return "is too long (at most 107 bytes)";
	strcpy(address->sun_path, path);
	return path[0] == '/' ? NULL : "does not begin with /";
}

/* A socket that nobody listens on is left over from a process that died: it goes. False: somebody listens. */
static bool clear_way(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool taken = fd >= 0 &&
		     (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 || errno == EAGAIN);
	struct stat status;

	if (fd >= 0)
		close(fd);
	if (!taken && lstat(address->sun_path, &status) == 0 && S_ISSOCK(status.st_mode))
		unlink(address->sun_path);
	return !taken;
}

/* The folder of the socket, where only that is missing: the owner's, so that he can remove the socket again. */
static void make_folder(const char *path, const struct passwd *owner)
{
	char folder[sizeof((struct sockaddr_un *)0)->sun_path];
	char *slash;

	snprintf(folder, sizeof folder, "%s", path);
	slash = strrchr(folder, '/');
	if (slash == folder)
		return;
	*slash = '\0';
	if (mkdir(folder, 0755) == 0 && owner != NULL && chown(folder, owner->pw_uid, owner->pw_gid) < 0)
		rmdir(folder);
}

/* Who runs without privileges has the group already, or cannot give the socket to it. */
static bool give_to_group(const char *path, gid_t gid)
{
	struct stat status;

	if (gid == (gid_t)-1 || (lstat(path, &status) == 0 && status.st_gid == gid))
		return true;
	return lchown(path, (uid_t)-1, gid) == 0;
}

static int bind_socket(const struct control_config *config, const struct sockaddr_un *address, gid_t gid)
{
	const struct passwd *owner = config->owner != NULL ? getpwnam(config->owner) : NULL;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask;

	make_folder(config->path, owner);
	/* Its mode from the start, and no link is followed: the folder may be the unprivileged user's. */
	mask = umask(gid != (gid_t)-1 ? 0117 : 0177);
	bool bound = fd >= 0 && bind(fd, (const struct sockaddr *)address, sizeof *address) == 0;
	int cause = errno;
	umask(mask);
	if (bound && give_to_group(config->path, gid) &&
	    (owner == NULL || lchown(config->path, owner->pw_uid, (gid_t)-1) == 0) && listen(fd, BACKLOG) == 0)
		return fd;
	if (bound) {
		cause = errno;
		unlink(config->path);
	}
	if (fd >= 0)
		close(fd);
	errno = cause;
	return -1;
}

int socket_listen(const struct control_config *config, gid_t *gid, char *error, size_t size)
{
	struct sockaddr_un address;
	const char *wrong = make_address(config->path, &address);
	const struct group *group = config->group != NULL ? getgrnam(config->group) : NULL;
	int fd;

	if (wrong != NULL) {
		snprintf(error, size, "control.socket: \"%s\" %s", config->path, wrong);
		return -1;
	}
	if (!clear_way(&address)) {
		snprintf(error, size,
			 "control.socket: another tcpwardend listens on %s: stop it or set control.socket to "
			 "another path",
			 config->path);
		return -1;
	}
	*gid = group != NULL ? group->gr_gid : (gid_t)-1;
	fd = bind_socket(config, &address, *gid);
	if (fd < 0)
		snprintf(error, size,
			 "control.socket: cannot open %s: %s: make its folder writable, or set "
			 "control.socket to "
			 "another path or to \"\"",
			 config->path, strerror(errno));
	return fd;
}

static bool is_member(int fd, gid_t primary, gid_t group)
{
	gid_t groups[GROUPS_MOST];
	socklen_t length = sizeof groups;

	if (group == (gid_t)-1)
		return false;
	if (primary == group)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length) < 0)
		return false;
	for (size_t i = 0; i < length / sizeof groups[0]; i++)
		if (groups[i] == group)
			return true;
	return false;
}

enum socket_peer socket_peer(int fd, gid_t group, uid_t *uid)
{
	struct ucred peer;
	socklen_t length = sizeof peer;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
		return PEER_STRANGER;
	*uid = peer.uid;
	if (peer.uid == 0 || peer.uid == geteuid())
		return PEER_CHANGER;
	return is_member(fd, peer.gid, group) ? PEER_READER : PEER_STRANGER;
}
