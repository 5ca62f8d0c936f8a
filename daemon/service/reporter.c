/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/reporter.h"

#include <ck_ring.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/units.h"
#include "log/log.h"
#include "service/clock.h"

#define RING_SLOTS     16384 /* events a producer may be ahead of the log */
#define WATCH_SLOTS    4096  /* events that watchers may be behind */
#define MESSAGES       256   /* messages of the main thread that may wait */
#define MESSAGE_SIZE   512
#define RELOAD_ERROR_SIZE 512 /* bytes of what was wrong with the first file */
#define EVENTS_AT_ONCE 64 /* of one ring, before the next one has its turn */

struct message {
	enum severity severity;
	char text[MESSAGE_SIZE];
};

CK_RING_PROTOTYPE(message, message)

struct reporter {
	struct output *output;
	struct drop_writer *drops; /* NULL: no drop capture */
	pthread_t thread;
	int wake_fd;
	_Atomic bool asleep, stop;
	_Atomic bool watched;
	struct ring *watch_ring; /* to the main thread, while it watches */
	int watch_fd;
	struct ck_ring message_ring;
	struct message messages[MESSAGES];
	_Atomic unsigned messages_lost; /* for want of room, since last told */
	_Atomic uint64_t lost; /* event lines; written by the reporter */
	uint64_t ring_lost;    /* of these, for want of room in a ring */
	pthread_mutex_t lock; /* of all behind it up to services; held for a copy, never while writing */
	pthread_cond_t reloaded; /* reload_error is of the settings that came last */
	bool has_settings, is_reloading;
	char reload_error[RELOAD_ERROR_SIZE]; /* "": all files are open */
	struct settings settings;
	struct services services;
	unsigned rings;
	struct ring *ring[];
};

static int64_t wall_offset_ns(void)
{
	return (int64_t)(clock_read_ns(CLOCK_REALTIME) - clock_monotonic_ns());
}

static void say(const struct message *message)
{
	switch (message->severity) {
	case SEVERITY_ERR: log_error("%s", message->text); break;
	case SEVERITY_WARNING: log_warn("%s", message->text); break;
	case SEVERITY_NOTICE:
	case SEVERITY_INFO: log_info("%s", message->text); break;
	case SEVERITY_DEBUG: log_debug("%s", message->text); break;
	}
}

static bool write_messages(struct reporter *reporter)
{
	struct message message;
	bool any = false;

	while (ck_ring_dequeue_spsc_message(&reporter->message_ring, reporter->messages, &message)) {
		say(&message);
		any = true;
	}
	unsigned lost = atomic_exchange(&reporter->messages_lost, 0);
	if (lost > 0)
		log_warn("%u more messages were lost: the log could not keep up", lost);
	return any;
}

/* Events of one ring, in their order; what was lost is told when the ring is empty again. */
static bool write_events(struct reporter *reporter, struct ring *ring, int64_t offset_ns)
{
	struct event event;
	int written = 0;

	while (written < EVENTS_AT_ONCE && ring_pop(ring, &event)) {
		if (atomic_load_explicit(&reporter->watched, memory_order_relaxed))
			ring_push(reporter->watch_ring, &event);
		output_event(reporter->output, &event, offset_ns);
		written++;
	}
	uint64_t lost = written < EVENTS_AT_ONCE ? ring_take_lost(ring) : 0;
	if (lost > 0) {
		reporter->ring_lost += lost;
		event = (struct event){ .kind = EVENT_EVENTS_LOST, .now_ns = clock_monotonic_ns() };
		event.notice.count = lost;
		output_event(reporter->output, &event, offset_ns);
	}
	return written > 0 || lost > 0;
}

static bool write_all(struct reporter *reporter)
{
	int64_t offset_ns = wall_offset_ns();
	bool any = write_messages(reporter);

	for (unsigned i = 0; i < reporter->rings; i++)
		any |= write_events(reporter, reporter->ring[i], offset_ns);
	if (!ring_is_quiet(reporter->watch_ring))
		eventfd_write(reporter->watch_fd, 1);
	atomic_store_explicit(&reporter->lost, reporter->ring_lost + output_errors(reporter->output),
			      memory_order_relaxed);
	if (reporter->drops != NULL)
		any |= drop_writer_run(reporter->drops, output_services(reporter->output), offset_ns);
	return any;
}

/* Into the output. False: there are no new ones. */
static bool take_settings(struct reporter *reporter)
{
	pthread_mutex_lock(&reporter->lock);
	bool has_settings = reporter->has_settings;
	if (has_settings)
		output_set_settings(reporter->output, &reporter->settings, &reporter->services);
	reporter->has_settings = false;
	reporter->is_reloading = has_settings;
	pthread_mutex_unlock(&reporter->lock);
	return has_settings;
}

static void reload(struct reporter *reporter)
{
	char error[RELOAD_ERROR_SIZE] = "", drops_error[RELOAD_ERROR_SIZE] = "";

	if (!take_settings(reporter))
		return;
	if (!output_reopen(reporter->output, error, sizeof error))
		log_error("%s", error);
	if (reporter->drops != NULL && !drop_writer_reopen(reporter->drops, drops_error, sizeof drops_error))
		log_error("%s", drops_error);
	pthread_mutex_lock(&reporter->lock);
	strcpy(reporter->reload_error, error[0] != '\0' ? error : drops_error);
	reporter->is_reloading = false;
	pthread_cond_signal(&reporter->reloaded);
	pthread_mutex_unlock(&reporter->lock);
}

static bool is_quiet(const struct reporter *reporter)
{
	if (ck_ring_size(&reporter->message_ring) > 0)
		return false;
	for (unsigned i = 0; i < reporter->rings; i++)
		if (!ring_is_quiet(reporter->ring[i]))
			return false;
	return reporter->drops == NULL || drop_writer_is_quiet(reporter->drops);
}

/* Who pushed before it saw `asleep` is seen by the second look; who pushed later writes the eventfd. */
static void sleep_until_woken(struct reporter *reporter)
{
	struct pollfd wake = { .fd = reporter->wake_fd, .events = POLLIN };
	eventfd_t wakes;

	atomic_store(&reporter->asleep, true);
	atomic_thread_fence(memory_order_seq_cst);
	if (is_quiet(reporter) && !atomic_load(&reporter->stop))
		poll(&wake, 1, 1000);
	atomic_store(&reporter->asleep, false);
	eventfd_read(reporter->wake_fd, &wakes);
}

static void *run(void *argument)
{
	struct reporter *reporter = argument;

	for (;;) {
		bool stop = atomic_load(&reporter->stop); /* before the last look into the rings */
		reload(reporter);
		if (write_all(reporter))
			continue;
		if (stop)
			return NULL;
		sleep_until_woken(reporter);
	}
}

struct reporter *reporter_new(struct output *output, unsigned rings)
{
	struct reporter *reporter = calloc(1, sizeof *reporter + rings * sizeof reporter->ring[0]);

	if (reporter == NULL)
		return NULL;
	reporter->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	pthread_mutex_init(&reporter->lock, NULL);
	pthread_cond_init(&reporter->reloaded, NULL);
	ck_ring_init(&reporter->message_ring, MESSAGES);
	reporter->watch_ring = ring_new(WATCH_SLOTS);
	reporter->watch_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	bool complete = reporter->wake_fd >= 0 && reporter->watch_fd >= 0 && reporter->watch_ring != NULL;
	for (; reporter->rings < rings; reporter->rings++) {
		reporter->ring[reporter->rings] = ring_new(RING_SLOTS);
		complete &= reporter->ring[reporter->rings] != NULL;
	}
	if (!complete) {
		reporter_free(reporter);
		return NULL;
	}
	reporter->output = output;
	return reporter;
}

void reporter_free(struct reporter *reporter)
{
	if (reporter->output != NULL)
		output_close(reporter->output);
	drop_writer_free(reporter->drops);
	for (unsigned i = 0; i < reporter->rings; i++)
		ring_free(reporter->ring[i]);
	ring_free(reporter->watch_ring);
	if (reporter->wake_fd >= 0)
		close(reporter->wake_fd);
	if (reporter->watch_fd >= 0)
		close(reporter->watch_fd);
	pthread_cond_destroy(&reporter->reloaded);
	pthread_mutex_destroy(&reporter->lock);
	free(reporter);
}

void reporter_set_drops(struct reporter *reporter, struct drop_writer *drops)
{
	reporter->drops = drops;
}

int reporter_start(struct reporter *reporter)
{
	return -pthread_create(&reporter->thread, NULL, run, reporter);
}

void reporter_settle(struct reporter *reporter, int timeout_ms)
{
	uint64_t until_ns = clock_monotonic_ns() + (uint64_t)timeout_ms * NS_PER_MS;
	struct timespec pause = { .tv_nsec = (long)NS_PER_MS };

	while (!is_quiet(reporter) && clock_monotonic_ns() < until_ns) {
		reporter_wake(reporter);
		nanosleep(&pause, NULL);
	}
}

bool reporter_stop(struct reporter *reporter, int timeout_ms)
{
	uint64_t until_ns = clock_read_ns(CLOCK_REALTIME) + (uint64_t)timeout_ms * NS_PER_MS;
	struct timespec until = clock_timespec(until_ns);

	atomic_store(&reporter->stop, true);
	eventfd_write(reporter->wake_fd, 1);
	return pthread_timedjoin_np(reporter->thread, NULL, &until) == 0;
}

struct ring *reporter_ring(struct reporter *reporter, unsigned index)
{
	return reporter->ring[index];
}

void reporter_wake(struct reporter *reporter)
{
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load_explicit(&reporter->asleep, memory_order_relaxed) &&
	    atomic_exchange(&reporter->asleep, false))
		eventfd_write(reporter->wake_fd, 1);
}

uint64_t reporter_lost(const struct reporter *reporter)
{
	return atomic_load_explicit(&reporter->lost, memory_order_relaxed);
}

uint64_t reporter_drops_lost(const struct reporter *reporter)
{
	return reporter->drops != NULL ? drop_writer_lost(reporter->drops) : 0;
}

void reporter_say(struct reporter *reporter, enum severity severity, const char *format, ...)
{
	struct message message = { .severity = severity };
	va_list args;

	va_start(args, format);
	vsnprintf(message.text, sizeof message.text, format, args);
	va_end(args);
	if (!ck_ring_enqueue_spsc_message(&reporter->message_ring, reporter->messages, &message))
		atomic_fetch_add(&reporter->messages_lost, 1);
	reporter_wake(reporter);
}

void reporter_reload(struct reporter *reporter, const struct settings *settings, const struct services *services)
{
	pthread_mutex_lock(&reporter->lock);
	reporter->settings = *settings;
	reporter->services = *services;
	reporter->has_settings = true;
	pthread_mutex_unlock(&reporter->lock);
	eventfd_write(reporter->wake_fd, 1);
}

bool reporter_reloaded(struct reporter *reporter, int timeout_ms, char *error, size_t size)
{
	uint64_t until_ns = clock_read_ns(CLOCK_REALTIME) + (uint64_t)timeout_ms * NS_PER_MS;
	struct timespec until = clock_timespec(until_ns);
	int result = 0;

	pthread_mutex_lock(&reporter->lock);
	while ((reporter->has_settings || reporter->is_reloading) && result != ETIMEDOUT)
		result = pthread_cond_timedwait(&reporter->reloaded, &reporter->lock, &until);
	if (result == ETIMEDOUT)
		snprintf(error, size, "the log hangs: its file is opened again when it takes lines again");
	else
		snprintf(error, size, "%s", reporter->reload_error);
	pthread_mutex_unlock(&reporter->lock);
	return error[0] == '\0';
}

void reporter_watch(struct reporter *reporter, bool on)
{
	atomic_store(&reporter->watched, on);
}

struct ring *reporter_watch_ring(struct reporter *reporter)
{
	return reporter->watch_ring;
}

int reporter_watch_fd(const struct reporter *reporter)
{
	return reporter->watch_fd;
}
