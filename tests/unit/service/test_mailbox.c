/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "service/mailbox.h"

static bool is_ready(int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	return poll(&ready, 1, 0) == 1;
}

static bool is_woken(const struct mailbox *box)
{
	return is_ready(box->wake_fd);
}

static void one_letter_at_a_time(void **state)
{
	struct mailbox box;
	struct mail *mail;

	(void)state;
	assert_int_equal(mailbox_init(&box), 0);
	assert_null(mailbox_look(&box));
	assert_false(is_woken(&box));

	mail = mailbox_begin(&box, 0);
	assert_non_null(mail);
	mail->kind = MAIL_STOP;
	mailbox_post(&box);
	assert_true(is_woken(&box));
	assert_null(mailbox_begin(&box, 0));
	assert_false(mailbox_wait(&box, 0));

	mailbox_woken(&box);
	assert_false(is_woken(&box));
	assert_ptr_equal(mailbox_look(&box), mail);
	assert_int_equal(mail->kind, MAIL_STOP);
	mailbox_done(&box);
	assert_null(mailbox_look(&box));
	assert_true(mailbox_wait(&box, 0));
	assert_non_null(mailbox_begin(&box, 0));
	mailbox_fini(&box);
}

/* An answer that came after the wait was given up is not taken for that of the next letter. */
static void a_late_answer_answers_nothing_else(void **state)
{
	struct mailbox box;

	(void)state;
	assert_int_equal(mailbox_init(&box), 0);
	assert_non_null(mailbox_begin(&box, 0));
	mailbox_post(&box);
	assert_false(mailbox_wait(&box, 0));
	mailbox_done(&box);
	assert_non_null(mailbox_begin(&box, 0));
	mailbox_post(&box);
	assert_false(mailbox_wait(&box, 0));
	mailbox_fini(&box);
}

#define LETTERS 2000

struct post {
	struct mailbox box;
	unsigned in_vain; /* times that the worker woke and found nothing */
};

/* Answers as a worker does, asleep or between two batches: with what the letter brought. */
static void *work(void *argument)
{
	struct post *post = argument;
	struct mailbox *box = &post->box;

	for (int letters = 0; letters < LETTERS; letters++) {
		struct pollfd wake = { .fd = box->wake_fd, .events = POLLIN };
		struct mail *mail = mailbox_look(box);
		while (mail == NULL) {
			bool woken = poll(&wake, 1, letters % 2 == 0 ? -1 : 0) == 1;
			if (woken)
				mailbox_woken(box);
			mail = mailbox_look(box);
			post->in_vain += woken && mail == NULL;
		}
		mail->stats.flows = (uint32_t)mail->settings.queue_number;
		mailbox_done(box);
	}
	return NULL;
}

/* Nothing is left in the descriptors by which somebody would never sleep again, but for one wake that came late. */
static void every_letter_is_answered(void **state)
{
	struct post post = { .in_vain = 0 };
	struct mailbox *box = &post.box;
	pthread_t worker;

	(void)state;
	assert_int_equal(mailbox_init(box), 0);
	assert_int_equal(pthread_create(&worker, NULL, work, &post), 0);
	for (uint32_t i = 0; i < LETTERS; i++) {
		struct mail *mail = mailbox_begin(box, 0);
		assert_non_null(mail);
		mail->kind = MAIL_STATS;
		mail->settings.queue_number = i;
		mailbox_post(box);
		assert_true(mailbox_wait(box, -1));
		assert_int_equal(mail->stats.flows, i);
	}
	pthread_join(worker, NULL);
	assert_true(post.in_vain <= LETTERS);
	mailbox_woken(box);
	assert_false(is_woken(box));
	mailbox_fini(box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_letter_at_a_time),
		cmocka_unit_test(a_late_answer_answers_nothing_else),
		cmocka_unit_test(every_letter_is_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
