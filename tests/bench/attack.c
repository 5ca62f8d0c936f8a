/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The floods of `make bench-flood`, from a raw socket on link c0 of the namespace that it runs in, toward 10.9.2.2
 * port 80, until SIGTERM.
 *
 *   attack KIND RATE      RATE: packets a second, 0: as fast as the way takes them
 *
 *   random   SYNs of random sources
 *   prefix   SYNs of random sources in 198.18.0.0/16
 *   real     SYNs of 128 bots, 198.18.200.0/25, that complete the handshake and then say nothing. A bot is a TCP: it
 *            answers a SYN+ACK that does not acknowledge its SYN with a RST and sends the SYN again, and it repeats
 *            one SYN in REPEAT_EVERY after a second: enough to be known soon where first SYNs are dropped.
 *   synack, ack, rst   answers of random sources to what was never sent: SYN+ACK and RST from port 443 to random
 *            ports, ACK to port 80
 *
 * Source ports are below 32768, by which the flood is told from the clients' packets. Prints "sent=N seconds=S" at
 * SIGUSR1 and at the end.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <arpa/inet.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/units.h"
#include "frames.h"

#define LINK         "c0"
#define TARGET       0x0a090202u /* 10.9.2.2 */
#define SERVICE      80
#define PREFIX       0xc6120000u /* 198.18.0.0/16 */
#define BOTS         0xc612c800u /* 198.18.200.0/25 */
#define BOT_COUNT    128
#define PORTS_MOST   32768
#define REPEAT_EVERY 64
#define REPEAT_MOST  65536
#define SOCKET_BYTES (16 << 20)

/* What a Linux client says: MSS, SACK, window scale. */
static const uint8_t syn_options[12] = {2, 4, 5, 0xb4, 4, 2, 1, 3, 3, 7, 1, 1};

struct repeat {
	uint64_t due_ns;
	uint32_t number;
};

struct attack {
	struct sender sender;
	int answers; /* of kind real: SYN+ACKs to the bots; else -1 */
	uint64_t random;
	uint32_t number; /* of the next SYN of a bot */
	struct repeat repeats[REPEAT_MOST];
	uint32_t first, last; /* of repeats, modulo REPEAT_MOST */
};

static volatile sig_atomic_t stopping, asked;

static void on_signal(int number)
{
	if (number == SIGUSR1)
		asked = 1;
	else
		stopping = 1;
}

/* xorshift64* */
static uint32_t draw(struct attack *attack)
{
	attack->random ^= attack->random >> 12;
	attack->random ^= attack->random << 25;
	attack->random ^= attack->random >> 27;
	return (uint32_t)((attack->random * UINT64_C(2685821657736338717)) >> 32);
}

static uint16_t draw_port(struct attack *attack)
{
	return (uint16_t)(1024 + draw(attack) % (PORTS_MOST - 1024));
}

/* An address that a router forwards: not 0/8, 10/8, 127/8, nor from 224/4 on. */
static uint32_t draw_source(struct attack *attack)
{
	uint32_t address;

	do
		address = draw(attack);
	while (address >> 24 == 0 || address >> 24 == 10 || address >> 24 == 127 || address >> 29 == 7);
	return address;
}

static struct segment syn(uint32_t source, uint16_t port, uint32_t seq)
{
	return (struct segment){
		.source = source, .target = TARGET, .source_port = port, .target_port = SERVICE, .seq = seq,
		.flags = FLAG_SYN, .options = syn_options, .option_bytes = sizeof(syn_options),
	};
}

static void put_random(struct attack *attack)
{
	struct segment segment = syn(draw_source(attack), draw_port(attack), draw(attack));

	sender_put(&attack->sender, &segment);
}

static void put_prefix(struct attack *attack)
{
	struct segment segment = syn(PREFIX | (draw(attack) & 0xffff), draw_port(attack), draw(attack));

	sender_put(&attack->sender, &segment);
}

static uint32_t bot_isn(uint32_t source, uint16_t port)
{
	return (source ^ (uint32_t)port << 16) * 2654435761u;
}

static void put_bot_syn(struct attack *attack, uint32_t number)
{
	uint32_t source = BOTS + number % BOT_COUNT;
	uint16_t port = (uint16_t)(1024 + number / BOT_COUNT % (PORTS_MOST - 1024));
	struct segment segment = syn(source, port, bot_isn(source, port));

	sender_put(&attack->sender, &segment);
}

static void put_real(struct attack *attack)
{
	uint64_t now = clock_ns();

	if (attack->first != attack->last && attack->repeats[attack->first % REPEAT_MOST].due_ns <= now) {
		put_bot_syn(attack, attack->repeats[attack->first++ % REPEAT_MOST].number);
		return;
	}
	if (attack->number % REPEAT_EVERY == 0 && attack->last - attack->first < REPEAT_MOST)
		attack->repeats[attack->last++ % REPEAT_MOST] = (struct repeat){now + NS_PER_S, attack->number};
	put_bot_syn(attack, attack->number++);
}

static void put_answer(struct attack *attack, uint16_t source_port, uint16_t target_port, uint8_t flags)
{
	sender_put(&attack->sender, &(struct segment){
		.source = draw_source(attack), .target = TARGET, .source_port = source_port, .target_port = target_port,
		.seq = draw(attack), .ack = draw(attack), .flags = flags,
	});
}

static void put_synack(struct attack *attack)
{
	put_answer(attack, 443, draw_port(attack), FLAG_SYN | FLAG_ACK);
}

static void put_ack(struct attack *attack)
{
	put_answer(attack, draw_port(attack), SERVICE, FLAG_ACK);
}

static void put_rst(struct attack *attack)
{
	put_answer(attack, 443, draw_port(attack), FLAG_RST | FLAG_ACK);
}

static const struct kind {
	const char *name;
	void (*put)(struct attack *attack);
	bool answers;
} kinds[] = {
	{"random", put_random, false}, {"prefix", put_prefix, false}, {"real", put_real, true},
	{"synack", put_synack, false}, {"ack", put_ack, false}, {"rst", put_rst, false},
};

/* A socket that gets the SYN+ACKs from port 80 to the bots, from the Ethernet header on. */
static int open_answers(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD + BPF_W + BPF_ABS, 30), /* destination address */
		BPF_STMT(BPF_ALU + BPF_AND + BPF_K, ~(uint32_t)(BOT_COUNT - 1)),
		BPF_JUMP(BPF_JMP + BPF_JEQ + BPF_K, BOTS, 0, 5),
		BPF_STMT(BPF_LD + BPF_H + BPF_ABS, 34), /* source port; the server's packets have no IP options */
		BPF_JUMP(BPF_JMP + BPF_JEQ + BPF_K, SERVICE, 0, 3),
		BPF_STMT(BPF_LD + BPF_B + BPF_ABS, 47), /* flags */
		BPF_JUMP(BPF_JMP + BPF_JEQ + BPF_K, FLAG_SYN | FLAG_ACK, 0, 1),
		BPF_STMT(BPF_RET + BPF_K, FRAME_HEADERS),
		BPF_STMT(BPF_RET + BPF_K, 0),
	};
	struct sock_fprog filter = {.len = sizeof(code) / sizeof(*code), .filter = code};
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP)};
	int sock = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0), size = SOCKET_BYTES;

	at.sll_ifindex = (int)if_nametoindex(LINK);
	setsockopt(sock, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (sock < 0 || setsockopt(sock, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) ||
	    bind(sock, (struct sockaddr *)&at, sizeof(at)))
		fail("socket for answers");
	return sock;
}

/* What a bot's TCP says to a SYN+ACK. */
static void answer(struct attack *attack, const uint8_t frame[FRAME_HEADERS])
{
	uint32_t source = load_be32(frame + 30), ack = load_be32(frame + 42);
	uint16_t port = load_be16(frame + 36);
	struct segment segment = {
		.source = source, .target = TARGET, .source_port = port, .target_port = SERVICE,
		.seq = ack, .ack = load_be32(frame + 38) + 1, .flags = FLAG_ACK,
	};

	if (ack != bot_isn(source, port) + 1) {
		segment.ack = 0;
		segment.flags = FLAG_RST;
		sender_put(&attack->sender, &segment);
		segment = syn(source, port, bot_isn(source, port));
	}
	sender_put(&attack->sender, &segment);
}

/* Answers some of what has come; each answer takes at most two places of a batch. */
static void answer_some(struct attack *attack)
{
	uint8_t frame[FRAME_HEADERS];

	while (attack->sender.filled + 2 <= FRAME_BATCH) {
		ssize_t size = recv(attack->answers, frame, sizeof(frame), 0);

		if (size == FRAME_HEADERS)
			answer(attack, frame);
		else if (size < 0)
			break;
	}
	sender_flush(&attack->sender);
}

static void tell(const struct attack *attack, uint64_t start_ns)
{
	printf("sent=%lu seconds=%.6f\n", attack->sender.sent, (double)(clock_ns() - start_ns) / 1e9);
	fflush(stdout);
}

static void run(struct attack *attack, const struct kind *kind, double rate)
{
	const uint64_t start_ns = clock_ns();

	while (!stopping) {
		if (asked) {
			asked = 0;
			tell(attack, start_ns);
		}
		if (kind->answers)
			answer_some(attack);
		if (rate > 0 && (double)attack->sender.sent > rate * (double)(clock_ns() - start_ns) / 1e9) {
			nanosleep(&(struct timespec){.tv_nsec = 50 * NS_PER_US}, NULL);
			continue;
		}
		while (attack->sender.filled < FRAME_BATCH)
			kind->put(attack);
		sender_flush(&attack->sender);
	}
	tell(attack, start_ns);
}

int main(int argc, char **argv)
{
	static struct attack attack;
	struct sigaction action = {.sa_handler = on_signal};
	const struct kind *kind = kinds, *end = kinds + sizeof(kinds) / sizeof(*kinds);

	while (argc == 3 && kind < end && strcmp(kind->name, argv[1]) != 0)
		kind++;
	if (argc != 3 || kind == end) {
		fputs("usage: attack random|prefix|real|synack|ack|rst RATE\n", stderr);
		return 2;
	}
	attack.random = clock_ns() | 1;
	attack.answers = kind->answers ? open_answers() : -1;
	sender_open(&attack.sender, 0, LINK);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	run(&attack, kind, strtod(argv[2], NULL));
	return 0;
}
