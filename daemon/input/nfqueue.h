/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One NFQUEUE of the kernel: packets in batches, verdicts out in one message for the whole batch. Used by
 * one worker thread; only nfqueue_kernel() may be called from another one. Judges nothing and never blocks
 * after the opening.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet/packet.h"
#include "tables/tables.h"

#define NFQUEUE_BATCH 64 /* packets of a batch, at most */

struct nfqueue;

struct nfqueue_config {
	uint16_t number;
	uint32_t length;         /* packets the kernel holds */
	uint32_t copy_range;     /* bytes copied of each */
	uint32_t receive_buffer; /* bytes of socket buffer */
	bool fail_open;          /* B-1 */
	int zone;                /* tracking.zone: ZONE_* of tables/settings.h */
};

/* Who handed a packet to us: the way back to its sender, without asking the routing table. */
struct nfqueue_hop {
	int interface;      /* index of the one that it came in by */
	uint8_t station[6]; /* Ethernet address there */
};

/* Since the opening. Written by the thread that owns the queue. */
struct nfqueue_counters {
	uint64_t packets;
	uint64_t lost;           /* gaps in packet ids: no room in the socket buffer */
	uint64_t no_buffers;     /* ENOBUFS, each an unknown number of lost packets that the gaps count */
	uint64_t verdict_errors; /* verdicts that the kernel refused */
	uint64_t damaged;        /* messages without a readable packet id */
};

/* What the kernel says about the queue. */
struct nfqueue_kernel {
	uint32_t port_id;       /* of the netlink socket that holds it */
	uint32_t waiting;       /* packets without a verdict */
	uint32_t queue_dropped; /* no room in the queue */
	uint32_t user_dropped;  /* no room in the socket buffer */
};

/*
 * Opens and binds the queue; packets arrive from now on. Needs CAP_NET_ADMIN, and keeps needing it for
 * every verdict. NULL: `error` (size bytes) names the cause and the remedy in one sentence. A receive
 * buffer smaller than asked for is no error.
 */
struct nfqueue *nfqueue_open(const struct nfqueue_config *config, char *error, size_t size);
/* Unbinds: what is still queued is lost, later packets take the bypass where the rule has one. */
void nfqueue_close(struct nfqueue *queue);

uint16_t nfqueue_number(const struct nfqueue *queue);
int nfqueue_fd(const struct nfqueue *queue); /* to poll for input */

/* Number of packets received, 0: none is waiting, or -errno where the queue is no longer usable. */
int nfqueue_receive(struct nfqueue *queue);
/* Packet `index` of the batch received last, valid until the next batch. */
const struct packet_bytes *nfqueue_packet(const struct nfqueue *queue, int index);
/* False: not known, as it was made here, came without an Ethernet header, or tagged through a bridge. */
bool nfqueue_hop(const struct nfqueue *queue, int index, struct nfqueue_hop *hop);
/* Sets the verdict of packet `index` of the batch. */
void nfqueue_verdict(struct nfqueue *queue, int index, enum verdict verdict);
/* Sends the verdicts of the whole batch; every packet of it must have one. */
void nfqueue_send(struct nfqueue *queue);

/* B-1: packets may have passed unjudged since the last call. Always false without fail_open. */
bool nfqueue_passed_unjudged(struct nfqueue *queue);

const struct nfqueue_counters *nfqueue_counters(const struct nfqueue *queue);

uint32_t nfqueue_receive_buffer(const struct nfqueue *queue); /* bytes that the socket has, 0: unknown */

/* False: not readable here, or the queue is gone. */
bool nfqueue_kernel(const struct nfqueue *queue, struct nfqueue_kernel *kernel);

/* The line of queue `number` in the text of /proc/net/netfilter/nfnetlink_queue. False: none. */
bool nfqueue_kernel_parse(const char *table, uint16_t number, struct nfqueue_kernel *kernel);
