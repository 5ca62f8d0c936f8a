/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Community ID version 1: published vectors, and independence of the direction. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "report/community_id.h"
#include "samples.h"

static void swap_ends(struct endpoints *at)
{
	struct endpoints other = *at;

	memcpy(other.client, at->server, sizeof(other.client));
	memcpy(other.server, at->client, sizeof(other.server));
	other.client_port = at->server_port;
	other.server_port = at->client_port;
	*at = other;
}

static void published_ipv4(void **state)
{
	struct endpoints at = sample_endpoints();
	char text[COMMUNITY_ID_SIZE];

	(void)state;
	community_id_text(&at, text);
	assert_string_equal(text, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
	swap_ends(&at);
	community_id_text(&at, text);
	assert_string_equal(text, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
}

/* As the specification's own tests and Zeek's have them. */
static void published_ipv6(void **state)
{
	struct endpoints at = {
		.client = { 0x20, 0x01, 0x04, 0x70, 0xe5, 0xbf, 0xde, 0xad,
			    0x49, 0x57, 0x21, 0x74, 0xe8, 0x2c, 0x48, 0x87 },
		.server = { 0x26, 0x07, 0xf8, 0xb0, 0x40, 0x0c, 0x0c, 0x03, [15] = 0x1a },
		.client_port = 63943, .server_port = 25, .family = 6,
	};
	char text[COMMUNITY_ID_SIZE];

	(void)state;
	community_id_text(&at, text);
	assert_string_equal(text, "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=");
}

static void ipv6_both_ways(void **state)
{
	struct endpoints at = sample_endpoints6();
	char there[COMMUNITY_ID_SIZE], back[COMMUNITY_ID_SIZE];

	(void)state;
	community_id_text(&at, there);
	swap_ends(&at);
	community_id_text(&at, back);
	assert_string_equal(there, back);
	assert_string_equal(there, "1:V79/lPcNFDe5LFMPJu4nMfQ09Eo=");
}

static void same_address_is_ordered_by_port(void **state)
{
	struct endpoints at = { .client_port = 2, .server_port = 1, .family = 4 };
	char there[COMMUNITY_ID_SIZE], back[COMMUNITY_ID_SIZE];

	(void)state;
	sample_ipv4(at.client, 127, 0, 0, 1);
	sample_ipv4(at.server, 127, 0, 0, 1);
	community_id_text(&at, there);
	swap_ends(&at);
	community_id_text(&at, back);
	assert_string_equal(there, back);
	assert_string_equal(there, "1:ZZgRz2hVINQTxxx5A16ujdXoy78=");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_ipv4),
		cmocka_unit_test(published_ipv6),
		cmocka_unit_test(ipv6_both_ways),
		cmocka_unit_test(same_address_is_ordered_by_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
