/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a queue could not be opened, in one sentence for the person who has to mend it. Inner header of nfqueue. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define NFQUEUE_TABLE "/proc/net/netfilter/nfnetlink_queue"

/* Text of the kernel's table of queues, NUL-terminated, "" where it cannot be read. fd: of NFQUEUE_TABLE, or -1. */
void nfqueue_table_read(int fd, char *table, size_t size);

/* cause: errno of the failed bind of queue `number`. */
void nfqueue_explain(uint16_t number, int cause, char *error, size_t size);
