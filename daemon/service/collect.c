/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures of all workers at one moment. */
#include <string.h>

#include "report/metrics.h"
#include "report/summary.h"
#include "service/daemon.h"

_Static_assert(WORKERS_MAX <= METRICS_QUEUES, "a row for each queue");

static void add_worker(struct metrics *metrics, const struct mail *mail, uint16_t number)
{
	const struct nfqueue_counters *queue = &mail->queue;

	summary_add_stats(&metrics->stats, &mail->stats);
	for (int i = 0; i < REASON_COUNT; i++)
		metrics->dropped_rate[i] += mail->rates.dropped[i];
	histogram_merge(&metrics->verdict, &mail->verdict);
	metrics->answers += mail->inject.sent;
	metrics->answers_failed += mail->inject.failed;
	metrics->queue[metrics->queue_count++] = (struct metrics_queue){
		.number = number,
		.kernel_known = mail->kernel_known,
		.depth = mail->queue_depth,
		.receive_buffer = mail->receive_buffer,
		.packets_rate = mail->rates.packets,
		.kernel_dropped = mail->kernel_dropped,
		.user_dropped = queue->lost,
		.no_buffers = queue->no_buffers,
		.verdict_errors = queue->verdict_errors,
		.damaged = queue->damaged,
	};
}

/* All workers are asked before the first answer is waited for. */
static void ask(struct daemon *daemon, struct mail *asked[WORKERS_MAX])
{
	for (unsigned i = 0; i < daemon->count; i++) {
		struct mailbox *box = worker_mailbox(daemon->lane[i].worker);

		asked[i] = mailbox_begin(box, MAIL_WAIT_MS);
		if (asked[i] == NULL)
			continue;
		asked[i]->kind = MAIL_STATS;
		mailbox_post(box);
	}
}

void daemon_collect(struct daemon *daemon, struct metrics *metrics)
{
	struct mail *asked[WORKERS_MAX];

	memset(metrics, 0, sizeof *metrics);
	ask(daemon, asked);
	for (unsigned i = 0; i < daemon->count; i++) {
		struct mailbox *box = worker_mailbox(daemon->lane[i].worker);

		if (asked[i] != NULL && mailbox_wait(box, MAIL_WAIT_MS))
			add_worker(metrics, asked[i], (uint16_t)(daemon->settings.queue_number + i));
		else
			metrics->silent++;
	}
	for (int i = 0; i < EVENT_COUNT; i++)
		metrics->stats.event[i] += daemon->told[i];
	metrics->flows_max = (uint64_t)daemon->settings.tracking_max_flows;
	metrics->half_open = limits_half_open(daemon->limits);
	metrics->flood = limits_flood(daemon->limits);
	metrics->events_lost = reporter_lost(daemon->reporter);
	metrics->drops_lost = reporter_drops_lost(daemon->reporter);
}
