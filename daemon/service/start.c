/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the settings to workers that judge packets: memory, what only root may open, privileges, threads. */
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "config/ban_file.h"
#include "log/log.h"
#include "service/clock.h"
#include "service/daemon.h"
#include "service/memory.h"
#include "service/privileges.h"
#include "service/verbs.h"

#define ERROR_SIZE 512

static uint32_t flows_per_lane(const struct daemon *daemon)
{
	return (uint32_t)(daemon->settings.tracking_max_flows / daemon->count);
}

static bool draw_random(void *data, size_t size)
{
	if (getrandom(data, size, 0) == (ssize_t)size)
		return true;
	log_error("the kernel gives no random numbers: %s", strerror(errno));
	return false;
}

/* All memory of the core, before the first packet comes. */
static bool make_engines(struct daemon *daemon)
{
	struct engine_config config = { .settings = &daemon->settings, .services = &daemon->services,
					.max_flows = flows_per_lane(daemon), .sparing = true };
	size_t lane_size = (engine_pool_size(config.max_flows) + 63) & ~(size_t)63;

	if (!draw_random(&config.key, sizeof config.key))
		return false;
	daemon->limits = limits_new(&daemon->settings, &config.key);
	int result = pool_open(&daemon->pool, lane_size * daemon->count);
	if (daemon->limits == NULL || result < 0) {
		log_error("not enough memory for %lld flows: lower tracking.max_flows",
			  (long long)daemon->settings.tracking_max_flows);
		return false;
	}
	if (!ban_file_apply(&daemon->settings, limits_ban(daemon->limits))) {
		log_error("syn_flood.ban_file: %s cannot be read", daemon->settings.syn_flood_ban_file);
		return false;
	}
	config.limits = daemon->limits;
	config.start_ns = clock_monotonic_ns();
	for (unsigned i = 0; i < daemon->count; i++) {
		struct lane *lane = &daemon->lane[i];
		config.sink = (struct event_sink){ sink_emit, &lane->sink };
		config.dropped = sink_dropped;
		lane->last_drops = calloc(1, sizeof *lane->last_drops);
		config.pool = (char *)daemon->pool.memory + i * lane_size;
		if (draw_random(&config.random_seed, sizeof config.random_seed))
			lane->engine = engine_new(&config);
		if (lane->engine == NULL || lane->last_drops == NULL) {
			log_error("out of memory: lower tracking.max_flows");
			return false;
		}
	}
	memory_take();
	return true;
}

/* Before the queues: where a capability is missing no packet waits for nothing. */
static bool open_injection(struct daemon *daemon)
{
	char error[ERROR_SIZE];

	if (service_mute_advice(&daemon->settings, &daemon->services) != NULL)
		log_warn("%s", service_mute_advice(&daemon->settings, &daemon->services));
	for (unsigned i = 0; daemon->settings.policy_inject && i < daemon->count; i++) {
		daemon->lane[i].inject = inject_open(error, sizeof error);
		if (daemon->lane[i].inject == NULL) {
			log_error("%s", error);
			return false;
		}
	}
	return true;
}

static bool open_queues(struct daemon *daemon)
{
	const struct settings *settings = &daemon->settings;
	char error[ERROR_SIZE];

	for (unsigned i = 0; i < daemon->count; i++) {
		struct nfqueue_config config = {
			.number = (uint16_t)(settings->queue_number + i),
			.length = (uint32_t)settings->queue_length,
			.copy_range = (uint32_t)settings->queue_copy_range,
			.receive_buffer = (uint32_t)settings->queue_receive_buffer,
			.fail_open = settings->queue_fail_open,
			.zone = settings->tracking_zone,
		};
		daemon->lane[i].queue = nfqueue_open(&config, error, sizeof error);
		if (daemon->lane[i].queue == NULL) {
			log_error("%s", error);
			return false;
		}
	}
	return true;
}

/* Before privileges go: only root may make the folder. Without a socket only where nobody asked for this one. */
static bool open_control(struct daemon *daemon)
{
	const struct settings *settings = &daemon->settings;
	struct control_config config = {
		.path = settings->control_socket,
		.group = settings->control_group,
		.owner = geteuid() == 0 ? settings->user : NULL,
		.host = { daemon, verbs_more },
	};
	char error[ERROR_SIZE];

	if (settings->control_socket[0] == '\0')
		return true;
	if (settings->origin[OPTION_control_group] != ORIGIN_DEFAULT && settings->control_group[0] != '\0' &&
	    getgrnam(settings->control_group) == NULL)
		log_warn("control.group: there is no group \"%s\": nobody but root and the user may ask",
			 settings->control_group);
	daemon->control = control_open(&config, error, sizeof error);
	if (daemon->control != NULL)
		return true;
	if (settings->origin[OPTION_control_socket] != ORIGIN_DEFAULT) {
		log_error("%s", error);
		return false;
	}
	log_warn("%s: going on without", error);
	return true;
}

static bool drop_privileges(const struct daemon *daemon)
{
	char error[ERROR_SIZE];

	if (privileges_drop(daemon->settings.user, error, sizeof error))
		return true;
	log_error("%s", error);
	return false;
}

/* Blocked here, so that every thread inherits it: signals reach the main thread through the descriptor only. */
static bool open_descriptors(struct daemon *daemon)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGUSR1);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	daemon->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	daemon->attention_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (daemon->signal_fd >= 0 && daemon->attention_fd >= 0)
		return true;
	log_error("cannot open descriptors: %s: raise the limit of open files", strerror(errno));
	return false;
}

/* drop_capture.path: dropped packets go the way of the events, to a file of their own. */
static bool open_drops(struct daemon *daemon)
{
	const struct settings *settings = &daemon->settings;
	char error[ERROR_SIZE];

	if (settings->drop_capture_path[0] == '\0')
		return true;
	struct drop_file *file = drop_file_open(settings->drop_capture_path, (uint64_t)settings->drop_capture_size,
						error, sizeof error);
	if (file == NULL) {
		log_error("%s", error);
		return false;
	}
	struct drop_writer *drops = drop_writer_new(file, daemon->count);
	if (drops == NULL) {
		drop_file_close(file);
		log_error("not enough memory for the drop capture: lower queue.count");
		return false;
	}
	reporter_set_drops(daemon->reporter, drops);
	for (unsigned i = 0; i < daemon->count; i++)
		daemon->lane[i].sink.drops = drop_writer_queue(drops, i);
	return true;
}

/* Opened as the user who will open it again after a rotation: what fails then fails now. */
static bool start_reporter(struct daemon *daemon)
{
	char error[ERROR_SIZE];
	struct output *output = output_open(&daemon->settings, error, sizeof error);

	if (output == NULL) {
		log_error("%s", error);
		return false;
	}
	output_set_settings(output, &daemon->settings, &daemon->services);
	int facility = output_syslog_facility(output);
	daemon->reporter = reporter_new(output, daemon->count + 1);
	if (daemon->reporter == NULL) {
		output_close(output);
		log_error("not enough memory for the log: lower queue.count");
		return false;
	}
	for (unsigned i = 0; i < daemon->count; i++)
		daemon->lane[i].sink = (struct sink){
			.ring = reporter_ring(daemon->reporter, i),
			.reporter = daemon->reporter,
			.last_drops = daemon->lane[i].last_drops,
			.hints = { .told = &daemon->hints_told },
		};
	daemon->sink = (struct sink){
		.ring = reporter_ring(daemon->reporter, daemon->count),
		.reporter = daemon->reporter,
	};
	bool opened = open_drops(daemon);
	memory_take(); /* the rest, little; the reporter is the first thread */
	if (!opened || reporter_start(daemon->reporter) != 0) {
		reporter_free(daemon->reporter);
		daemon->reporter = NULL;
		if (opened)
			log_error("cannot start a thread: raise the limit of tasks");
		return false;
	}
	if (facility >= 0)
		log_to_syslog(facility);
	return true;
}

static bool make_workers(struct daemon *daemon)
{
	struct worker_config config = {
		.settings = &daemon->settings,
		.sleep_ns = daemon->watchdog_ns == 0 ? NS_PER_S : min_u64(NS_PER_S, daemon->watchdog_ns / 4),
		.fail_open = daemon->settings.queue_fail_open,
		.attention_fd = daemon->attention_fd,
	};

	for (unsigned i = 0; i < daemon->count; i++) {
		struct lane *lane = &daemon->lane[i];
		config.queue = lane->queue;
		config.engine = lane->engine;
		config.inject = lane->inject;
		config.sink = &lane->sink;
		lane->worker = worker_new(&config);
		if (lane->worker == NULL) {
			log_error("not enough memory or descriptors for %u queues: lower queue.count",
				  daemon->count);
			return false;
		}
		lane->queue = NULL;
		lane->engine = NULL;
		lane->inject = NULL;
	}
	return true;
}

static void pin_worker(const struct daemon *daemon, unsigned index)
{
	const struct setting_list *cpus = &daemon->settings.queue_cpus;

	if (cpus->count == 0)
		return;
	int64_t cpu = cpus->number[index % cpus->count];
	int result = worker_pin(daemon->lane[index].worker, cpu);
	if (result < 0)
		log_warn("queue.cpus: the worker of queue %lld cannot run on CPU %lld: %s",
			 (long long)daemon->settings.queue_number + index, (long long)cpu, strerror(-result));
}

static bool start_workers(struct daemon *daemon)
{
	for (unsigned i = 0; i < daemon->count; i++) {
		struct lane *lane = &daemon->lane[i];
		if (worker_start(lane->worker) != 0) {
			log_error("cannot start a thread: raise the limit of tasks or lower queue.count");
			return false;
		}
		lane->running = true;
		pin_worker(daemon, i);
		heartbeat_init(&lane->heartbeat, worker_beats(lane->worker), clock_monotonic_ns());
	}
	return true;
}

/* Memory before queues: packets wait from the moment they are bound. Privileges go before any thread exists. */
bool daemon_start(struct daemon *daemon)
{
	return make_engines(daemon) && open_injection(daemon) && open_queues(daemon) && open_control(daemon) &&
	       drop_privileges(daemon) && open_descriptors(daemon) && start_reporter(daemon) && make_workers(daemon) &&
	       start_workers(daemon);
}
