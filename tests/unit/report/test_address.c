/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, with and without port, and prefixes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "report/address.h"
#include "samples.h"

static char buffer[ADDRESS_PORT_SIZE];

static struct text empty(void)
{
	struct text text;

	text_init(&text, buffer, sizeof(buffer));
	return text;
}

static void ipv4_is_dotted(void **state)
{
	struct text text = empty();
	uint8_t address[16];

	(void)state;
	sample_ipv4(address, 10, 9, 1, 2);
	address_text(&text, address);
	assert_string_equal(buffer, "10.9.1.2");
	text = empty();
	address_port_text(&text, address, 51234);
	assert_string_equal(buffer, "10.9.1.2:51234");
	text = empty();
	address_prefix_text(&text, address, 96 + 24);
	assert_string_equal(buffer, "10.9.1.2/24");
}

static void ipv6_has_brackets_before_a_port(void **state)
{
	const struct endpoints at = sample_endpoints6();
	struct text text = empty();

	(void)state;
	address_text(&text, at.client);
	assert_string_equal(buffer, "2001:db8::1");
	text = empty();
	address_port_text(&text, at.server, 65535);
	assert_string_equal(buffer, "[fe80::2]:65535");
	text = empty();
	address_prefix_text(&text, at.client, 64);
	assert_string_equal(buffer, "2001:db8::1/64");
}

static void the_longest_fits(void **state)
{
	uint8_t address[16];
	struct text text = empty();

	(void)state;
	memset(address, 0xff, sizeof(address));
	address_port_text(&text, address, 65535);
	assert_string_equal(buffer, "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
	assert_false(text.truncated);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_is_dotted),
		cmocka_unit_test(ipv6_has_brackets_before_a_port),
		cmocka_unit_test(the_longest_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
