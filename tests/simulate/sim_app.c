/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program that uses a socket: reads, writes, idles, and ends it in one of the ways that programs have. */
#include "base/units.h"
#include "sim.h"

static void wake_at(struct sim_end *end, uint64_t at_ns)
{
	end->timer_ns[SIM_TIMER_APP] = min_u64(end->timer_ns[SIM_TIMER_APP], at_ns);
}

static void read_some(struct sim *sim, struct sim_end *end)
{
	uint32_t delivered = sim_end_delivered(end);

	if (end->app.stall_ns > 0 && !end->stalled && end->stall_until_ns == 0 && delivered >= end->app.stalls_at) {
		end->stalled = true;
		end->stall_until_ns = sim->clock.now_ns + end->app.stall_ns;
	}
	if (end->stalled && sim->clock.now_ns < end->stall_until_ns) {
		wake_at(end, end->stall_until_ns);
		return;
	}
	end->stalled = false;
	end->read = delivered;
}

static void write_some(struct sim *sim, struct sim_end *end)
{
	const struct sim_app *app = &end->app;
	uint64_t now_ns = sim->clock.now_ns;
	uint32_t left = app->writes - end->written;

	if (end->fin_queued || left == 0 || (end->read < app->writes_after && !end->fin_received))
		return;
	if (now_ns < end->write_ns) {
		wake_at(end, end->write_ns);
		return;
	}
	if (left > app->chunk)
		left = app->chunk;
	end->written += left;
	end->top += left;
	end->write_ns = now_ns + app->gap_ns;
	if (app->pause_ns > 0 && !end->paused && end->written >= app->pause_at) {
		end->paused = true;
		end->write_ns = now_ns + app->pause_ns;
	}
	if (end->written < app->writes)
		wake_at(end, end->write_ns);
}

static void close_writing(struct sim_end *end)
{
	end->fin_queued = true;
	end->passive_close = end->fin_received;
}

/* close() with data that nobody read: RFC 2525 2.17. */
static void close_both(struct sim *sim, struct sim_end *end)
{
	end->deaf = true;
	if (sim_end_delivered(end) != end->read)
		sim_abort(sim, end);
	else
		close_writing(end);
}

static void finish(struct sim *sim, struct sim_end *end)
{
	const struct sim_app *app = &end->app;
	uint64_t now_ns = sim->clock.now_ns;

	if (end->fin_queued || end->written < app->writes)
		return;
	if (app->finish == SIM_FINISH_AFTER_PEER && !end->fin_received)
		return;
	if (!end->finishing) {
		end->finishing = true;
		end->finish_ns = now_ns + app->linger_ns;
	}
	if (now_ns < end->finish_ns)
		wake_at(end, end->finish_ns);
	else if (app->finish == SIM_FINISH_DEAF)
		close_both(sim, end);
	else if (app->finish == SIM_FINISH_ABORT)
		sim_abort(sim, end);
	else
		close_writing(end);
}

static bool loses_patience(struct sim *sim, struct sim_end *end)
{
	const struct sim_app *app = &end->app;
	uint64_t until_ns = end->life_ns + app->patience_ns;
	uint32_t moved = end->state == SIM_OPEN ? end->written + sim_end_delivered(end) : 0;

	if (sim->clock.now_ns >= until_ns ||
	    (app->finish == SIM_FINISH_ABORT && end->state == SIM_OPEN && moved >= app->abort_at)) {
		sim_abort(sim, end);
		return true;
	}
	wake_at(end, until_ns);
	return false;
}

void sim_app(struct sim *sim, struct sim_end *end)
{
	if (end->state == SIM_CLOSED || end->state == SIM_TIME_WAIT)
		return;
	sim_disarm(end, SIM_TIMER_APP);
	if (loses_patience(sim, end))
		return;
	if (end->state == SIM_SYN_SENT || (end->state == SIM_SYN_RECEIVED && !end->may_send_early))
		return;
	read_some(sim, end);
	write_some(sim, end);
	finish(sim, end);
}
