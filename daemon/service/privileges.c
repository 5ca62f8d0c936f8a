/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static const char *const missing =
	"the capability CAP_NET_ADMIN is missing: start as root or through the systemd unit";

/* Takes CAP_SETPCAP, so it comes first; where that is missing, the service manager has set the bounding set. */
static void clear_bounding_set(void)
{
	if (capng_get_caps_process() != 0 || !capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
		return;
	capng_clear(CAPNG_SELECT_BOUNDS);
	capng_apply(CAPNG_SELECT_BOUNDS);
}

/* Supplementary groups, group and user, in this order: each needs the privilege that the next gives up. */
static bool become(const char *name, char *error, size_t size)
{
	const struct passwd *user;

	errno = 0;
	user = getpwnam(name);
	if (user == NULL) {
		snprintf(error, size,
			 "there is no user \"%s\": create it (systemd-sysusers, useradd --system) or set "
			 "\"user\" to another one",
			 name);
		return false;
	}
	if (user->pw_uid == 0)
		return true;
	/* Capabilities survive the change of user only if asked for; keep_net_admin() takes away the rest. */
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || initgroups(name, user->pw_gid) < 0 ||
	    setgid(user->pw_gid) < 0 || setuid(user->pw_uid) < 0) {
		snprintf(error, size, "cannot become user \"%s\": %s: start with all of root's capabilities",
			 name, strerror(errno));
		return false;
	}
	return true;
}

/* Only CAP_NET_ADMIN, and nothing that an executed program could inherit. */
static bool keep_net_admin(char *error, size_t size)
{
	if (capng_get_caps_process() != 0 || !capng_have_capability(CAPNG_PERMITTED, CAP_NET_ADMIN)) {
		snprintf(error, size, "%s", missing);
		return false;
	}
	capng_clear(CAPNG_SELECT_CAPS | CAPNG_SELECT_AMBIENT);
	capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_ADMIN);
	if (capng_apply(CAPNG_SELECT_CAPS | CAPNG_SELECT_AMBIENT) != 0 ||
	    prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		snprintf(error, size, "cannot give up privileges: %s: start through the systemd unit",
			 strerror(errno));
		return false;
	}
	return true;
}

/* Trust nothing above: read back what the kernel says, and try the way back. */
static bool prove(bool left_root, char *error, size_t size)
{
	bool only = capng_get_caps_process() == 0;

	for (int capability = 0; capability <= CAP_LAST_CAP; capability++) {
		bool wanted = capability == CAP_NET_ADMIN;
		only &= (capng_have_capability(CAPNG_EFFECTIVE, (unsigned)capability) != 0) == wanted;
		only &= (capng_have_capability(CAPNG_PERMITTED, (unsigned)capability) != 0) == wanted;
		only &= capng_have_capability(CAPNG_AMBIENT, (unsigned)capability) == 0;
	}
	if (only && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
	    !(left_root && (setuid(0) == 0 || setgid(0) == 0 || getuid() == 0 || geteuid() == 0)))
		return true;
	snprintf(error, size,
		 "privileges came back after they were given up: start through the systemd unit");
	return false;
}

bool privileges_drop(const char *user, char *error, size_t size)
{
	bool was_root = geteuid() == 0;

	clear_bounding_set();
	if (was_root && !become(user, error, size))
		return false;
	return keep_net_admin(error, size) && prove(was_root && geteuid() != 0, error, size);
}
