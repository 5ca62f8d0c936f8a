/* SPDX-License-Identifier: GPL-2.0-or-later */
/* As root the whole way down is walked in a child; as anybody else the refusal is checked. */
#include <cap-ng.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "service/privileges.h"

static bool has(capng_type_t set, unsigned capability)
{
	return capng_get_caps_process() == 0 && capng_have_capability(set, capability);
}

/* Exit code of the child: 0 all right, else the number of what was not. */
static int walk_down(const char *user, bool stays_root)
{
	char error[256] = "";

	if (!privileges_drop(user, error, sizeof error))
		return 1;
	if ((geteuid() == 0) != stays_root || (getuid() == 0) != stays_root)
		return 2;
	if (!has(CAPNG_EFFECTIVE, CAP_NET_ADMIN) || !has(CAPNG_PERMITTED, CAP_NET_ADMIN))
		return 3;
	if (has(CAPNG_EFFECTIVE, CAP_DAC_OVERRIDE) || has(CAPNG_PERMITTED, CAP_SETUID) ||
	    has(CAPNG_INHERITABLE, CAP_NET_ADMIN) || has(CAPNG_AMBIENT, CAP_NET_ADMIN))
		return 4;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 5;
	if (!stays_root && setuid(0) == 0)
		return 6;
	return 0;
}

static int in_child(const char *user, bool stays_root)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0)
		_exit(walk_down(user, stays_root));
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool may_walk(void)
{
	return geteuid() == 0 && has(CAPNG_EFFECTIVE, CAP_NET_ADMIN);
}

static void to_another_user(void **state)
{
	(void)state;
	assert_int_equal(in_child("nobody", false), may_walk() ? 0 : 1);
}

static void root_stays_with_one_capability(void **state)
{
	(void)state;
	assert_int_equal(in_child("root", true), may_walk() ? 0 : 1);
}

static void a_refusal_names_cause_and_remedy(void **state)
{
	char error[256] = "";

	(void)state;
	assert_false(privileges_drop("no such user", error, sizeof error));
	if (geteuid() == 0) {
		assert_non_null(strstr(error, "there is no user \"no such user\""));
		assert_non_null(strstr(error, "systemd-sysusers"));
	} else {
		assert_non_null(strstr(error, "CAP_NET_ADMIN is missing"));
		assert_non_null(strstr(error, "start as root or through the systemd unit"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(to_another_user),
		cmocka_unit_test(root_stays_with_one_capability),
		cmocka_unit_test(a_refusal_names_cause_and_remedy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
