/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/mailbox.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

int mailbox_init(struct mailbox *box)
{
	atomic_init(&box->posted, false);
	box->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (box->wake_fd < 0)
		return -errno;
	box->done_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (box->done_fd < 0) {
		int cause = errno;
		close(box->wake_fd);
		return -cause;
	}
	return 0;
}

void mailbox_fini(struct mailbox *box)
{
	close(box->wake_fd);
	close(box->done_fd);
}

void mailbox_post(struct mailbox *box)
{
	/* In this order: a worker that wakes finds the letter, and need not wait for us to run on. */
	atomic_store_explicit(&box->posted, true, memory_order_release);
	eventfd_write(box->wake_fd, 1);
}

bool mailbox_wait(struct mailbox *box, int timeout_ms)
{
	struct pollfd done = { .fd = box->done_fd, .events = POLLIN };
	eventfd_t times;

	while (atomic_load_explicit(&box->posted, memory_order_acquire)) {
		int n = poll(&done, 1, timeout_ms);
		if (n == 0 || (n < 0 && errno != EINTR))
			break;
		eventfd_read(box->done_fd, &times); /* it may be that of the letter before */
	}
	return !atomic_load_explicit(&box->posted, memory_order_acquire);
}

struct mail *mailbox_begin(struct mailbox *box, int timeout_ms)
{
	return mailbox_wait(box, timeout_ms) ? &box->mail : NULL;
}

void mailbox_woken(struct mailbox *box)
{
	eventfd_t times;

	eventfd_read(box->wake_fd, &times);
}

struct mail *mailbox_look(struct mailbox *box)
{
	return atomic_load_explicit(&box->posted, memory_order_acquire) ? &box->mail : NULL;
}

void mailbox_done(struct mailbox *box)
{
	atomic_store_explicit(&box->posted, false, memory_order_release);
	eventfd_write(box->done_fd, 1);
}
