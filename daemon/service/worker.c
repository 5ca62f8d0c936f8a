/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/worker.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "base/units.h"
#include "service/clock.h"
#include "service/walk.h"

#define LOSS_LOOK_NS   NS_PER_S          /* how often the kernel is asked what it dropped */
#define LOSS_TELL_NS   (60 * NS_PER_S)   /* at most one visibility-lost kind=loss in this time */
#define BLIND_AGAIN_NS (100 * NS_PER_MS) /* at most one new epoch in this time */
#define BEHIND         4096              /* packets without a pause, from which on challenges are not answered */
#define MUTE_NS        (100 * NS_PER_MS) /* no challenges are answered after one that the kernel refused to send */
#define DRAIN_NS       (2 * NS_PER_S)    /* how long a stop goes on judging what still comes in */
#define FLUSH_WAIT_NS  (2 * NS_PER_S)    /* how long the last lines wait for room in the ring */

struct worker {
	struct worker_config config;
	struct mailbox mailbox;
	pthread_t thread;
	_Atomic uint64_t beats;
	_Atomic uint32_t flows;
	_Atomic int failure;
	bool stopping;
	uint64_t now_ns; /* of this batch */
	bool blind_due;
	uint64_t blind_ns; /* when the last epoch began */
	uint64_t loss_look_ns, loss_tell_ns;
	uint64_t loss_told; /* lost packets that were told of */
	uint64_t kernel_dropped;
	uint32_t kernel_seen; /* the kernel's 32-bit counter at the last look */
	bool kernel_known;    /* it could be read at the last look */
	uint32_t depth;       /* packets in the queue at the last look */
	uint64_t losses_told; /* events */
	uint32_t run; /* packets of full batches since the queue was last seen empty */
	uint64_t unsent;	/* answers that could not be sent, at the last look */
	uint64_t mute_until_ns; /* as some could not */
	struct histogram verdict;
	struct settings settings; /* in effect */
	struct past past; /* figures of a moment ago, for rates */
};

/* the answer to packet `index` of the batch, back to where that came from. */
static void answer_packet(struct worker *worker, int index)
{
	struct nfqueue_hop hop;
	bool known = nfqueue_hop(worker->config.queue, index, &hop);

	inject_look(worker->config.inject, worker->now_ns);
	inject_add(worker->config.inject, engine_answer(worker->config.engine), known ? &hop : NULL);
}

/*
 * an answer costs about as much as all the rest of a dropped SYN. When the queue grows, it is the answers that
 * can wait: everybody's packets wait in that queue.
 */
static void look_for_backlog(struct worker *worker, int count)
{
	worker->run = count < NFQUEUE_BATCH ? 0 : worker->run + (uint32_t)count;
	engine_mute(worker->config.engine, worker->run > BEHIND || worker->now_ns < worker->mute_until_ns);
}

/* whose answer was not sent waits for nothing; for a while others come in with their second SYN. */
static void send_answers(struct worker *worker)
{
	inject_send(worker->config.inject);
	if (inject_counters(worker->config.inject)->failed == worker->unsent)
		return;
	worker->unsent = inject_counters(worker->config.inject)->failed;
	worker->mute_until_ns = worker->now_ns + MUTE_NS;
}

static void judge_batch(struct worker *worker, int count)
{
	struct nfqueue *queue = worker->config.queue;
	struct inject *inject = worker->config.inject;
	struct sink *sink = worker->config.sink;

	for (int i = 0; i < count; i++) {
		const struct packet_bytes *packet = nfqueue_packet(queue, i);

		sink->packet = packet;
		struct decision decision = engine_input(worker->config.engine, packet, worker->now_ns);

		nfqueue_verdict(queue, i, decision.verdict);
		if (decision.reason != REASON_NONE)
			sink_drop(sink, packet, &decision, worker->now_ns);
		if (decision.answer && inject != NULL)
			answer_packet(worker, i);
	}
	sink->packet = NULL;
	nfqueue_send(queue);
	histogram_add(&worker->verdict, clock_monotonic_ns() - worker->now_ns, (uint64_t)count);
	if (inject != NULL)
		send_answers(worker);
}

/* B-1: packets passed unjudged. While that goes on, an epoch begins now and then, and one when it ends. */
static void look_for_blindness(struct worker *worker)
{
	worker->blind_due |= nfqueue_passed_unjudged(worker->config.queue);
	if (!worker->blind_due || worker->now_ns - worker->blind_ns < BLIND_AGAIN_NS)
		return;
	worker->blind_due = false;
	worker->blind_ns = worker->now_ns;
	engine_blind(worker->config.engine, worker->now_ns);
}

/* Packets that the kernel dropped: without room in the queue, or (gaps in the ids) in the socket buffer. */
static uint64_t count_losses(struct worker *worker)
{
	struct nfqueue_kernel kernel;

	worker->kernel_known = nfqueue_kernel(worker->config.queue, &kernel);
	if (worker->kernel_known) {
		worker->depth = kernel.waiting;
		worker->kernel_dropped += (uint32_t)(kernel.queue_dropped - worker->kernel_seen);
		worker->kernel_seen = kernel.queue_dropped;
	}
	return worker->kernel_dropped + nfqueue_counters(worker->config.queue)->lost;
}

/* B-1: loss begins no epoch, it is counted and told. With fail_open a gap is a packet that passed: not loss. */
static void look_for_losses(struct worker *worker, bool last)
{
	struct event event = { .kind = EVENT_VISIBILITY_LOST, .now_ns = worker->now_ns };

	if (!last && worker->now_ns - worker->loss_look_ns < LOSS_LOOK_NS)
		return;
	worker->loss_look_ns = worker->now_ns;
	uint64_t lost = count_losses(worker);
	if (lost == worker->loss_told || worker->config.fail_open ||
	    (!last && worker->loss_tell_ns != 0 && worker->now_ns - worker->loss_tell_ns < LOSS_TELL_NS))
		return;
	event.notice.queue = nfqueue_number(worker->config.queue);
	event.notice.count = lost - worker->loss_told;
	worker->loss_told = lost;
	worker->loss_tell_ns = worker->now_ns;
	worker->losses_told++;
	sink_emit(worker->config.sink, &event);
}

static void fill_stats(struct worker *worker, struct mail *mail)
{
	count_losses(worker);
	mail->stats = *engine_stats(worker->config.engine);
	mail->stats.event[EVENT_HINT] += worker->config.sink->hints_told;
	mail->stats.event[EVENT_VISIBILITY_LOST] += worker->losses_told;
	mail->verdict = worker->verdict;
	mail->queue = *nfqueue_counters(worker->config.queue);
	if (worker->config.inject != NULL)
		mail->inject = *inject_counters(worker->config.inject);
	mail->kernel_known = worker->kernel_known;
	mail->queue_depth = worker->depth;
	mail->receive_buffer = nfqueue_receive_buffer(worker->config.queue);
	rates_read(&worker->past, &mail->stats, clock_monotonic_ns(), &mail->rates);
	mail->kernel_dropped = worker->kernel_dropped;
}

static void answer_mail(struct worker *worker)
{
	struct mail *mail = mailbox_look(&worker->mailbox);

	if (mail == NULL)
		return;
	switch (mail->kind) {
	case MAIL_SETTINGS:
		engine_set_settings(worker->config.engine, &mail->settings, &mail->services);
		worker->settings = mail->settings;
		break;
	case MAIL_DROPS: drop_ring_read(worker->config.sink->last_drops, &mail->drops); break;
	case MAIL_STATS: fill_stats(worker, mail); break;
	case MAIL_WALK: walk_slice(&mail->walk, worker->config.engine, worker->now_ns); break;
	case MAIL_STOP: worker->stopping = true; break;
	}
	mailbox_done(&worker->mailbox);
}

/* One batch, or none: the number of packets, or -errno. */
static int turn(struct worker *worker)
{
	int count = nfqueue_receive(worker->config.queue);

	worker->now_ns = clock_monotonic_ns();
	look_for_blindness(worker);
	look_for_backlog(worker, count);
	if (count > 0)
		judge_batch(worker, count);
	engine_expire(worker->config.engine, worker->now_ns);
	look_for_losses(worker, false);
	rates_look(&worker->past, engine_stats(worker->config.engine), worker->now_ns);
	sink_wake(worker->config.sink);
	atomic_fetch_add_explicit(&worker->beats, 1, memory_order_relaxed);
	atomic_store_explicit(&worker->flows, engine_stats(worker->config.engine)->flows,
			      memory_order_relaxed);
	return count;
}

static void sleep_until_due(struct worker *worker)
{
	struct pollfd fds[] = {
		{ .fd = nfqueue_fd(worker->config.queue), .events = POLLIN },
		{ .fd = worker->mailbox.wake_fd, .events = POLLIN },
	};
	uint64_t due_ns =
		min_u64(engine_deadline(worker->config.engine), worker->now_ns + worker->config.sleep_ns);
	uint64_t left_ns = due_ns > worker->now_ns ? due_ns - worker->now_ns : 0;
	struct timespec timeout = clock_timespec(left_ns);

	if (ppoll(fds, 2, &timeout, NULL) > 0 && (fds[1].revents & POLLIN) != 0)
		mailbox_woken(&worker->mailbox);
}

/* what is queued is judged, then the queue is given back, so that bypass applies. */
static void drain(struct worker *worker)
{
	uint64_t end_ns = clock_monotonic_ns() + DRAIN_NS;

	while (turn(worker) > 0 && worker->now_ns < end_ns)
		;
	look_for_losses(worker, true);
	nfqueue_close(worker->config.queue);
	worker->config.queue = NULL;
	worker->config.sink->patient_until_ns = clock_monotonic_ns() + FLUSH_WAIT_NS;
	engine_flush(worker->config.engine, clock_monotonic_ns());
	sink_wake(worker->config.sink);
}

static void *run(void *argument)
{
	struct worker *worker = argument;

	while (!worker->stopping) {
		int count = turn(worker);
		if (count < 0) {
			atomic_store(&worker->failure, count);
			eventfd_write(worker->config.attention_fd, 1);
			return NULL;
		}
		answer_mail(worker);
		if (count == 0 && !worker->stopping)
			sleep_until_due(worker);
	}
	drain(worker);
	return NULL;
}

struct worker *worker_new(const struct worker_config *config)
{
	struct worker *worker = calloc(1, sizeof *worker);

	if (worker == NULL)
		return NULL;
	if (mailbox_init(&worker->mailbox) < 0) {
		free(worker);
		return NULL;
	}
	worker->config = *config;
	worker->settings = *config->settings;
	worker->config.sink->settings = &worker->settings;
	return worker;
}

void worker_free(struct worker *worker)
{
	if (worker->config.queue != NULL)
		nfqueue_close(worker->config.queue);
	if (worker->config.inject != NULL)
		inject_close(worker->config.inject);
	engine_free(worker->config.engine);
	mailbox_fini(&worker->mailbox);
	free(worker);
}

int worker_start(struct worker *worker)
{
	return -pthread_create(&worker->thread, NULL, run, worker);
}

int worker_pin(struct worker *worker, int64_t cpu)
{
	cpu_set_t cpus;

	if (cpu < 0 || cpu >= CPU_SETSIZE)
		return -EINVAL;
	CPU_ZERO(&cpus);
	CPU_SET((unsigned)cpu, &cpus);
	return -pthread_setaffinity_np(worker->thread, sizeof cpus, &cpus);
}

bool worker_join(struct worker *worker, int timeout_ms)
{
	struct timespec until =
		clock_timespec(clock_read_ns(CLOCK_REALTIME) + (uint64_t)timeout_ms * NS_PER_MS);

	return pthread_timedjoin_np(worker->thread, NULL, &until) == 0;
}

struct mailbox *worker_mailbox(struct worker *worker)
{
	return &worker->mailbox;
}

uint64_t worker_beats(const struct worker *worker)
{
	return atomic_load_explicit(&worker->beats, memory_order_relaxed);
}

uint32_t worker_flows(const struct worker *worker)
{
	return atomic_load_explicit(&worker->flows, memory_order_relaxed);
}

int worker_failure(const struct worker *worker)
{
	return atomic_load(&worker->failure);
}
