/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenario scripts: every word of the grammar, every message of the parser. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/units.h"
#include "input/script.h"
#include "input/script_play.h"

static bool set_option(struct settings *settings, struct services *services, const char *path, const char *value,
		       char *error, size_t size)
{
	(void)services;
	if (strcmp(path, "tracking.max_flows") == 0) {
		settings->tracking_max_flows = strcmp(value, "2000") == 0 ? 2000 : -1;
		return true;
	}
	snprintf(error, size, "%s: unknown", path);
	return false;
}

static struct script *parse(const char *text)
{
	static const struct services services;
	static struct settings settings;
	struct script *script;

	settings_defaults(&settings);
	script = script_parse(text, strlen(text), &settings, &services, set_option);
	assert_non_null(script);
	return script;
}

#define EIGHT "counter.tails=1 counter.tails=1 counter.tails=1 counter.tails=1 counter.tails=1 counter.tails=1 " \
	"counter.tails=1 counter.tails=1 "

static void test_messages(void **state)
{
	static const struct {
		const char *line, *message;
	} cases[] = {
		{ "nonsense",
		  "unknown word 'nonsense' (allowed: title, cite, set, flow, blind, expect, @TIME)" },
		{ "set a.b", "not of the form: set PATH = VALUE" },
		{ "set a b = 1", "not of the form: set PATH = VALUE" },
		{ "set a.b =", "not of the form: set PATH = VALUE" },
		{ "set a.b = 1", "a.b: unknown" },
		{ "flow f2 10.0.0.1:1", "not of the form: flow NAME CLIENT:PORT SERVER:PORT" },
		{ "flow f2 10.0.0.1:1 10.0.0.2:2 x", "not of the form: flow NAME CLIENT:PORT SERVER:PORT" },
		{ "flow wait 10.0.0.1:1 10.0.0.2:2",
		  "'wait' cannot name a flow (allowed: up to 31 letters, digits, _ and -)" },
		{ "flow f2 10.0.0.1 10.0.0.2:2", "'10.0.0.1' is not ADDRESS:PORT (IPv6 in brackets)" },
		{ "flow f2 10.0.0.300:1 10.0.0.2:2", "'10.0.0.300' is not an IPv4 address" },
		{ "flow f2 [2001::zz]:1 10.0.0.2:2", "'2001::zz' is not an IPv6 address" },
		{ "flow f2 10.0.0.1:65536 10.0.0.2:2", "port=65536 is out of range (allowed: 0..65535)" },
		{ "flow f2 [::1]:1 10.0.0.2:2", "one end is IPv4, the other IPv6" },
		{ "flow f3 10.0.0.1:1 10.0.0.2:2\nflow f3 10.0.0.1:1 10.0.0.2:2",
		  "flow f3 is there already" },
		{ "blind now", "unknown field 'now' of blind" },
		{ "expect", "nothing is expected" },
		{ "expect accept", "accept needs a segment on its line" },
		{ "expect f9 flows=1", "unknown expectation 'f9'" },
		{ "@x > S", "time 'x' is not a number of seconds" },
		{ "@1. > S", "time '1.' is not a number of seconds" },
		{ "@2000000000 > S", "time 2000000000 is too far (allowed: 0..1000000000 seconds)" },
		{ "@5 > S seq=1\n@4 > S seq=1", "@4 runs backwards: the clock is at 5 s" },
		{ "@1", "nothing happens (allowed: >, < or wait after the time)" },
		{ "@1 f9 > S", "there is no flow f9" },
		{ "@1 >> S", "'>>' is no direction and no flow (allowed: >, <, wait, a flow's name)" },
		{ "@1 f1 S", "'S' is no direction (allowed: >, <, wait)" },
		{ "@1 *0 > S", "*=0 is out of range (allowed: 1..10000000)" },
		{ "@1 *2 wait", "wait cannot be repeated" },
		{ "@1 wait long", "unknown field 'long' of wait" },
		{ "@1 >", "flags are missing (allowed: S A F R P U E C, - for none)" },
		{ "@1 > SX", "'SX' are no flags (allowed: S A F R P U E C, - for none)" },
		{ "@1 > SS", "flag S is given twice" },
		{ "@1 > S foo=1", "unknown field 'foo'" },
		{ "@1 > S seq", "seq needs a value: seq=N" },
		{ "@1 > S seq=x", "seq='x' is not a number, N+M or +M" },
		{ "@1 > S seq=1+", "seq='1+' is not a number, N+M or +M" },
		{ "@1 > S seq=4294967296", "seq=4294967296 is out of range (allowed: 0..4294967295)" },
		{ "@1 > S seq=1 seq=2", "seq is given twice" },
		{ "@1 > S win=65536", "win=65536 is out of range (allowed: 0..65535)" },
		{ "@1 > S len=-1", "len='-1' is not a number" },
		{ "@1 > S res=16", "res=16 is out of range (allowed: 0..15)" },
		{ "@1 > S doff=16", "doff=16 is out of range (allowed: 0..15)" },
		{ "@1 > S badsum=1", "badsum takes no value" },
		{ "@1 > S mss", "mss needs a value" },
		{ "@1 > S sackok=1", "sackok takes no value" },
		{ "@1 > S ws=256", "ws=256 is out of range (allowed: 0..255)" },
		{ "@1 > S ts=1", "ts='1' is not VAL/ECR" },
		{ "@1 > A sack=1", "sack='1' is not L-R[,L-R]" },
		{ "@1 > S opt=123", "opt='123' is not pairs of hexadecimal digits" },
		{ "@1 > S tfo=zz", "tfo='zz' is not pairs of hexadecimal digits" },
		{ "@1 > S md5 md5 opt=0101010101", "options are longer than 40 bytes" },
		{ "@1 > S port=1", "port needs a step: port=+N" },
		{ "@1 > S addr", "addr needs a step: addr=+N" },
		{ "@1 > S frag", "frag needs a value: frag=OFFSET or frag=OFFSET+" },
		{ "@1 > S frag=8192", "frag=8192 is out of range (allowed: 0..8191)" },
		{ "@1 > S frag=1 frag=1", "frag is given twice" },
		{ "@1 > A len=65536", "longer than an IP packet can be (allowed: with gso or iplen=N)" },
		{ "flow f2 [::1]:1 [::2]:2\n@1 f2 > S ihl=5", "ihl is a field of IPv4, the flow is IPv6" },
		{ "@1 < icmp 3", "icmp needs TYPE and CODE" },
		{ "@1 < icmp 3 256 quote > seq=1", "icmp code=256 is out of range (allowed: 0..255)" },
		{ "@1 < icmp 3 1 seq=1", "icmp TYPE CODE [mtu=N] goes on with quote, not 'seq=1'" },
		{ "@1 < icmp 3 4 mtu=65536 quote > seq=1", "mtu=65536 is out of range (allowed: 0..65535)" },
		{ "@1 < icmp 3 1 quote seq=1", "quote needs the direction of the quoted segment: > or <" },
		{ "@1 < icmp 3 1 quote > len=1", "a quoted segment needs seq=N" },
		{ "@1 < icmp 3 1 quote > seq=1 win=1",
		  "unknown field 'win' of a quoted segment (allowed: seq len trunc)" },
		{ "@1 > S seq=1 =>", "nothing is expected" },
		{ "@1 > S => foo", "unknown expectation 'foo'" },
		{ "@1 > S => accept drop", "drop: there is already one on this line" },
		{ "@1 > S => accept=1", "accept takes no value" },
		{ "@1 > S => flows", "flows needs a value" },
		{ "@1 > S => flows=x", "flows='x' is not a number" },
		{ "@1 > S => reason=none", "reason=none: there is no such reason" },
		{ "@1 > S => event=none", "event=none: there is no such event" },
		{ "@1 > S => closed=none", "closed=none: there is no such closed" },
		{ "@1 > S => phase=NONE", "phase=NONE: there is no such phase (- where no flow is left)" },
		{ "@1 > S => half=both", "half=both: there is no such end (allowed: client, server, -)" },
		{ "@1 > S => timer=x", "timer='x' is not a number of seconds" },
		{ "@1 > S => counter.none=1", "counter.none: there is no such reason, counter or event" },
		{ "@1 > S => counter.ack-high", "counter.ack-high needs a value" },
		{ "@1 > S => client.none=1",
		  "client.none: there is no such number (allowed: packets, bytes, retrans, ooo)" },
		{ "@1 > S => server.bytes", "server.bytes needs a value" },
		{ "@. > S", "time '.' is not a number of seconds" },
		{ "@1 > S => " EIGHT EIGHT EIGHT EIGHT "flows=1", "more than 32 expectations" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct script *script = parse(cases[i].line);
		const struct script_step *last;

		assert_int_not_equal(script->steps, 0);
		last = &script->step[script->steps - 1];
		assert_int_equal(last->kind, SCRIPT_BROKEN);
		assert_string_equal(last->error, cases[i].message);
		assert_int_equal(script->broken, 1);
		assert_int_equal(script->tests, 1);
		assert_int_equal(last->line, strchr(cases[i].line, '\n') != NULL ? 2 : 1);
		script_free(script);
	}
}

static void test_lines(void **state)
{
	struct script *script = parse("# a comment\n"
				      "title  a story # with a comment\n"
				      "cite   RFC 9293\r\n"
				      "\n"
				      "set    tracking.max_flows = 2000 # flows\n"
				      "flow f1 10.1.0.1:1000 10.1.0.2:2000\n"
				      "flow f2 [2001:db8::1]:3000 [2001:db8::2]:4000\n"
				      "@0.5 > S seq=1 => accept\n"
				      "@+0.25 f2 < RA\n"
				      "blind\n"
				      "@+1 *3 > A seq=7+10 => accepted=3\n"
				      "@5 f2 wait\n"
				      "expect f2 phase=- flows=0");

	(void)state;
	assert_int_equal(script->broken, 0);
	assert_int_equal(script->steps, 6);
	assert_int_equal(script->tests, 3);
	assert_int_equal(script->settings.tracking_max_flows, 2000);
	assert_int_equal(script->flows, 2);
	assert_int_equal(script->flow[0].at.client_port, 1000);
	assert_int_equal(script->flow[1].at.family, 6);
	assert_int_equal(script->step[0].line, 8);
	assert_int_equal(script->step[0].at_ns, NS_PER_S / 2);
	assert_int_equal(script->step[1].at_ns, NS_PER_S * 3 / 4);
	assert_int_equal(script->step[1].flow, 1);
	assert_int_equal(script->step[1].from, SIDE_SERVER);
	assert_int_equal(script->step[1].segment.flags, TCP_RST | TCP_ACK);
	assert_int_equal(script->step[2].kind, SCRIPT_BLIND);
	assert_int_equal(script->step[3].at_ns, NS_PER_S * 7 / 4);
	assert_int_equal(script->step[3].gap_ns, NS_PER_S);
	assert_int_equal(script->step[4].kind, SCRIPT_WAIT);
	assert_int_equal(script->step[4].at_ns, 5 * NS_PER_S);
	assert_int_equal(script->step[5].kind, SCRIPT_EXPECT);
	assert_int_equal(script->step[5].flow, 1);
	assert_int_equal(script->step[5].expects, 2);
	script_free(script);
	script = parse("@.5 wait => " EIGHT EIGHT EIGHT EIGHT "\n@+.25 wait\n");
	assert_int_equal(script->broken, 0);
	assert_int_equal(script->step[0].at_ns, NS_PER_S / 2);
	assert_int_equal(script->step[0].expects, SCRIPT_EXPECT_MAX);
	assert_int_equal(script->step[1].at_ns, NS_PER_S * 3 / 4);
	script_free(script);
}

/* A capture, say: one message, not one a line; and what a message quotes is fit for a terminal. */
static void test_binary(void **state)
{
	static const struct settings settings;
	static const struct services services;
	static const char bytes[] = "@0 > S seq=1\n\0\n@1 > X\n";
	struct script *script = script_parse(bytes, sizeof(bytes) - 1, &settings, &services, set_option);

	(void)state;
	assert_non_null(script);
	assert_int_equal(script->steps, 1);
	assert_string_equal(script->step[0].error, "not a scenario script: there are bytes of 0 in it");
	script_free(script);
	script = parse("\033[2J\377");
	assert_string_equal(script->step[0].error,
			    "unknown word '?[2J?' (allowed: title, cite, set, flow, blind, expect, @TIME)");
	script_free(script);
}

/* Without a flow line there is f1. */
static void test_default_flow(void **state)
{
	struct script *script = parse("@0 f1 > S seq=1");

	(void)state;
	assert_int_equal(script->broken, 0);
	assert_int_equal(script->flow[0].at.client_port, 40000);
	assert_int_equal(script->flow[0].at.server_port, 80);
	script_free(script);
}

static void test_expectations(void **state)
{
	static const struct {
		const char *text;
		struct script_expect expect;
	} cases[] = {
		{ "accept", { EXPECT_VERDICT, 0, 0, VERDICT_ACCEPT } },
		{ "drop", { EXPECT_VERDICT, 0, 0, VERDICT_DROP } },
		{ "accepted=3", { EXPECT_ACCEPTED, 0, 0, 3 } },
		{ "dropped=4", { EXPECT_DROPPED, 0, 0, 4 } },
		{ "reason=ack-high", { EXPECT_REASON, 0, 0, REASON_ACK_HIGH } },
		{ "no-reason", { EXPECT_NO_REASON, 0, 0, 0 } },
		{ "event=flow-fin", { EXPECT_EVENT, 0, 0, EVENT_FLOW_FIN } },
		{ "no-event", { EXPECT_NO_EVENT, 0, 0, 0 } },
		{ "closed=refused", { EXPECT_CLOSED, 0, 0, CLOSE_REFUSED } },
		{ "phase=LAST_ACK", { EXPECT_PHASE, 0, 0, PHASE_LAST_ACK } },
		{ "phase=-", { EXPECT_PHASE, 0, 0, PHASE_COUNT } },
		{ "half=client", { EXPECT_HALF, 0, 0, SIDE_CLIENT } },
		{ "half=server", { EXPECT_HALF, 0, 0, SIDE_SERVER } },
		{ "timer=1.5", { EXPECT_TIMER, 0, 0, UINT64_C(1500000000) } },
		{ "flows=5", { EXPECT_FLOWS, 0, 0, 5 } },
		{ "half-open=6", { EXPECT_HALF_OPEN, 0, 0, 6 } },
		{ "drops=7", { EXPECT_DROPS, 0, 0, 7 } },
		{ "counter.paws=8", { EXPECT_REASON_COUNT, REASON_PAWS, 0, 8 } },
		{ "counter.tails=9", { EXPECT_COUNTER, COUNTER_TAILS, 0, 9 } },
		{ "counter.packet-dropped=9", { EXPECT_EVENT_COUNT, EVENT_PACKET_DROPPED, 0, 9 } },
		{ "counter.table-full=9", { EXPECT_REASON_COUNT, REASON_TABLE_FULL, 0, 9 } },
		{ "client.packets=1", { EXPECT_END, END_FIELD_PACKETS, SIDE_CLIENT, 1 } },
		{ "server.bytes=2", { EXPECT_END, END_FIELD_BYTES, SIDE_SERVER, 2 } },
		{ "client.retrans=3", { EXPECT_END, END_FIELD_RETRANS, SIDE_CLIENT, 3 } },
		{ "server.ooo=4", { EXPECT_END, END_FIELD_OOO, SIDE_SERVER, 4 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char line[128];
		struct script *script;
		const struct script_expect *got;

		snprintf(line, sizeof(line), "@0 > S seq=1 => %s", cases[i].text);
		script = parse(line);
		assert_int_equal(script->broken, 0);
		assert_int_equal(script->step[0].expects, 1);
		got = &script->step[0].expect[0];
		assert_int_equal(got->kind, cases[i].expect.kind);
		assert_int_equal(got->which, cases[i].expect.which);
		assert_int_equal(got->side, cases[i].expect.side);
		assert_int_equal(got->number, cases[i].expect.number);
		script_free(script);
	}
}

/* Repeats: times, numbers, port and address of each packet. */
static void test_repeat(void **state)
{
	struct script *script = parse("flow f1 10.0.0.1:40000 10.0.0.2:80\n"
				      "@1 wait\n"
				      "@+0.1 *3 < SA seq=+5 ack=4294967295+1 port=+2 addr=+256");
	struct script_player player;
	struct packet packet;

	(void)state;
	script_player_init(&player, script);
	assert_int_equal(script_player_next(&player), 1);
	assert_int_equal(player.item, SCRIPT_ITEM_WAIT);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(script_player_next(&player), 1);
		assert_int_equal(player.item, SCRIPT_ITEM_PACKET);
		assert_int_equal(player.last, i == 2);
		assert_int_equal(player.now_ns, NS_PER_S + (i + 1) * NS_PER_S / 10);
		packet_decode(&player.packet, true, &packet);
		assert_int_equal(packet.kind, PACKET_TCP);
		assert_int_equal(packet.findings, 0);
		assert_int_equal(packet.src_port, 80);
		assert_int_equal(packet.dst_port, 40000 + 2 * i);
		assert_int_equal(packet.dst[14], i);
		assert_int_equal(packet.segment.seq, 5 * i);
		assert_int_equal(packet.segment.ack, (uint32_t)(UINT32_MAX + i));
	}
	assert_int_equal(script_player_next(&player), 0);
	script_player_fini(&player);
	script_free(script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),     cmocka_unit_test(test_lines),
		cmocka_unit_test(test_default_flow), cmocka_unit_test(test_expectations),
		cmocka_unit_test(test_repeat), cmocka_unit_test(test_binary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
