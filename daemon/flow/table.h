/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flow pool and its hash table: fixed size, one contiguous piece of memory without pointers, so that it may be a
 * memfd that the next process adopts. Flows are named by 32-bit index; 0 is no flow. Per flow: 256 bytes that every
 * packet touches (struct flow) and 64 that it does not (struct flow_side).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/key.h"
#include "tcp/conn.h"

#define FLOW_NONE         0u
#define FLOW_POOL_MAGIC   UINT64_C(0x7463707761726431) /* "tcpward1" */
#define FLOW_POOL_LAYOUT  3u
#define FLOWS_PER_EXTRA   64u /* one struct tcp_extra for so many flows */
#define WHEEL_SLOTS       4096u

struct flow {
	struct flow_key key;
	struct tcp_conn conn;
};
_Static_assert(sizeof(struct flow) == 256, "four cache lines");

struct flow_side {
	struct tcp_cold cold;
	uint32_t chain_next;             /* hash chain; free list while unused */
	uint32_t wheel_next, wheel_prev; /* slot of the wheel */
	uint32_t class_next, class_prev; /* eviction class */
	uint32_t extra;                  /* index of its struct tcp_extra, 0: none */
};
_Static_assert(sizeof(struct flow_side) == 64, "one cache line");

/* Evicted in this order; CLASS_NONE is never evicted. */
enum flow_class {
	CLASS_CLOSED,
	CLASS_TIME_WAIT,
	CLASS_CLOSING, /* LAST_ACK and CLOSING */
	CLASS_SYN_SENT,
	CLASS_PICKUP,
	CLASS_SYN_RECV,
	CLASS_HALF_CLOSED,
	CLASS_IDLE, /* assured ESTABLISHED, idle for longer than 7440 s */
	CLASS_COUNT,
	CLASS_NONE = CLASS_COUNT
};

/* Two ends of a list of indexes. */
struct flow_list {
	uint32_t first, last;
};

struct flow_pool_header {
	uint64_t magic;
	uint32_t layout;
	uint32_t max_flows;
	uint32_t bucket_mask;
	uint32_t max_extras;
	uint32_t used;        /* flows in the table */
	uint32_t free_flow;   /* first of the free list */
	uint32_t free_extra;
	uint32_t fresh_flow;  /* indexes from here on were never used */
	uint32_t fresh_extra;
	uint32_t used_extras;
	uint32_t extra_hand;  /* the extra that flow_extra_next() looked at last */
	uint32_t wheel_tick;  /* engine second up to which the wheel was turned */
	uint32_t zero;
	struct flow_list class[CLASS_COUNT];
	struct flow_list wheel[WHEEL_SLOTS];
};

/* Where the parts of the pool lie. Held by the process, never stored in the pool. */
struct flow_table {
	struct flow_pool_header *head;
	struct flow *flow;       /* [max_flows + 1], index 0 unused */
	struct flow_side *side;  /* [max_flows + 1] */
	struct tcp_extra *extra; /* [max_extras + 1] */
	uint32_t *extra_flow;    /* [max_extras + 1], whose it is, 0: nobody's */
	uint32_t *bucket;        /* [bucket_mask + 1] */
	struct hash_key secret;
};

size_t flow_table_size(uint32_t max_flows); /* bytes of the pool */

/* Lays out an empty table in `pool`: flow_table_size() zeroed bytes, 64-byte aligned, owned by the caller. */
void flow_table_init(struct flow_table *table, void *pool, uint32_t max_flows, const struct hash_key *secret);

/* Index of the flow with this key and hash, or FLOW_NONE. */
uint32_t flow_table_find(const struct flow_table *table, const struct flow_key *key, uint32_t hash);
/* A fresh flow with this key, zeroed but for the key; FLOW_NONE: full. The key must not be there yet. */
uint32_t flow_table_insert(struct flow_table *table, const struct flow_key *key, uint32_t hash);
/* Takes the flow out of hash table, wheel and class, and frees it and its extra. */
void flow_table_remove(struct flow_table *table, uint32_t index);

/* The extra of a flow, or NULL. */
struct tcp_extra *flow_extra(const struct flow_table *table, uint32_t index);
/* The same, taking one from the pool if need be; NULL: none left. */
struct tcp_extra *flow_extra_take(struct flow_table *table, uint32_t index);
void flow_extra_release(struct flow_table *table, uint32_t index);
/* Half of the extras are taken. */
bool flow_extras_are_scarce(const struct flow_table *table);
/* For who looks for extras that nobody needs: the next one's flow, round and round; FLOW_NONE: it is free. */
uint32_t flow_extra_next(struct flow_table *table);

/* True: the slot holds a flow. */
bool flow_is_used(const struct flow_table *table, uint32_t index);
