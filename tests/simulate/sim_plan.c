/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_plan.h"

#include "base/units.h"
#include "sim.h"
#include "sim_icmp.h"

static uint32_t pick(struct sim_random *random, const uint32_t *list, uint32_t count)
{
	return list[sim_draw(random, count)];
}

#define PICK(random, ...) \
	pick(random, (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))

static void draw_traits(struct sim_random *r, struct sim_traits *t)
{
	*t = (struct sim_traits){
		.mss = (uint16_t)PICK(r, 536, 1220, 1400, 1460, 1460, 1460, 8960),
		.scale = sim_chance(r, 250) ? SIM_NO_SCALE : (uint8_t)sim_draw(r, 15),
		.sack = sim_chance(r, 800),
		.dsack = sim_chance(r, 600),
		.timestamps = sim_chance(r, 600),
		.ecn = sim_chance(r, 200),
		.fast_open = sim_chance(r, 300),
		.buffer = PICK(r, 2048, 5000, 16384, 65535, 65536, 262144, 1048576, 16777216),
		.ack_delay_ns = PICK(r, 0, 40, 40, 200) * NS_PER_MS,
		.rto_min_ns = PICK(r, 200, 200, 300, 1000) * NS_PER_MS,
		.time_wait_ns = PICK(r, 15, 30, 60, 60, 120, 240) * NS_PER_S,
		.keepalive_ns = PICK(r, 0, 0, 0, 20, 75, 600) * NS_PER_S,
		.tick_ns = PICK(r, 1, 1, 4, 10, 100) * NS_PER_MS,
		.tick_base = sim_chance(r, 200) ? UINT32_MAX - sim_draw(r, 20000) : (uint32_t)sim_random_next(r),
		.retries = PICK(r, 5, 6, 8),
		.keepalive_byte = sim_chance(r, 300),
		.probe_byte = sim_chance(r, 400),
		.shrinks = sim_chance(r, 80),
		.repacks = sim_chance(r, 300),
		.bare_reset = sim_chance(r, 300),
		.reset_on_give_up = sim_chance(r, 300),
		.heeds_late_reset = sim_chance(r, 500),
		.reuses_time_wait = sim_chance(r, 500),
		.cookies = sim_chance(r, 100),
		.random_isn = sim_chance(r, 400),
		.heeds_unreachable = sim_chance(r, 500),
	};
}

/* Between nothing and a bad day; often only one side of the gateway is bad. */
static void draw_stretch(struct sim_random *r, struct sim_stretch *stretch, bool good)
{
	*stretch = (struct sim_stretch){
		.delay_ns = PICK(r, 20, 100, 1000, 10000, 40000, 150000) * NS_PER_US,
		.jitter_ns = PICK(r, 0, 0, 5, 1000) * NS_PER_US,
	};
	if (good)
		return;
	stretch->loss = (uint16_t)PICK(r, 0, 5, 20, 50, 150, 300);
	stretch->repeat = (uint16_t)PICK(r, 0, 0, 10, 50, 200);
	stretch->overtake = (uint16_t)PICK(r, 0, 0, 20, 100, 300);
	stretch->late_ns = PICK(r, 1, 10, 50, 300, 3000) * NS_PER_MS;
	if (sim_chance(r, 80)) {
		stretch->down_from_ns = sim_between(r, 0, 3 * NS_PER_S);
		stretch->down_to_ns = stretch->down_from_ns + sim_between(r, 0, 40 * NS_PER_S);
	}
}

static void draw_link(struct sim_random *r, struct sim_link *link)
{
	bool good[2] = { sim_chance(r, 450), sim_chance(r, 450) }; /* near the client, near the server */

	for (int from = 0; from < 2; from++)
		for (int behind = 0; behind < 2; behind++)
			draw_stretch(r, &link->stretch[from][behind], good[from ^ behind]);
	for (int from = 0; from < 2; from++) {
		link->merger[from].merges = sim_chance(r, 500);
		link->merger[from].most = PICK(r, 8000, 65000, 65000, 180000);
	}
}

static void draw_addresses(struct sim_random *r, struct endpoints *at)
{
	bool swap = sim_chance(r, 500);

	*at = (struct endpoints){ .family = sim_chance(r, 250) ? 6 : 4 };
	at->client_port = (uint16_t)sim_between(r, 1024, 65535);
	at->server_port = (uint16_t)PICK(r, 22, 80, 443, 5000, 61000);
	for (int i = 0; i < 2; i++) {
		uint8_t *address = (i == 0) == swap ? at->server : at->client;

		if (at->family == 4) {
			address[10] = address[11] = 0xff;
			address[12] = 10;
		} else {
			address[0] = 0x20;
			address[1] = 0x01;
		}
		address[14] = (uint8_t)(1 + i);
		address[15] = (uint8_t)(1 + sim_draw(r, 250));
	}
}

static void draw_story(struct sim_random *r, struct sim_plan *plan)
{
	static const enum sim_story stories[] = {
		SIM_STORY_PLAIN,  SIM_STORY_PLAIN,  SIM_STORY_PLAIN,        SIM_STORY_PLAIN,
		SIM_STORY_PLAIN,  SIM_STORY_REFUSED, SIM_STORY_SIMULTANEOUS, SIM_STORY_REOPEN,
		SIM_STORY_REOPEN, SIM_STORY_REOPEN, SIM_STORY_ROLES,        SIM_STORY_CLIENT_REBOOT,
		SIM_STORY_SERVER_REBOOT,
	};

	*plan = (struct sim_plan){
		.story = stories[sim_draw(r, sizeof stories / sizeof stories[0])],
		.long_pauses = sim_chance(r, 60),
		.bulk = sim_chance(r, 30),
	};
	plan->opener = plan->story == SIM_STORY_ROLES ? SIDE_SERVER : SIDE_CLIENT;
	if (plan->story != SIM_STORY_PLAIN && plan->story != SIM_STORY_SIMULTANEOUS)
		plan->reopens = 1 + sim_draw(r, 3);
}

static void file_act(struct sim *sim, enum side side, enum sim_act act, uint64_t in_ns)
{
	sim_clock_file(&sim->clock, sim->clock.now_ns + in_ns, SIM_EVENT_ACT, side, act);
}

static void file_story(struct sim *sim)
{
	struct sim_random *r = &sim->random;
	uint64_t soon = sim_between(r, 0, sim_chance(r, 500) ? 200 * NS_PER_MS : 20 * NS_PER_S);

	file_act(sim, SIDE_CLIENT, SIM_ACT_OPEN, 0);
	sim->plan.open_filed = true;
	switch (sim->plan.story) {
	case SIM_STORY_REFUSED:
		sim->end[SIDE_SERVER].listening = false;
		file_act(sim, SIDE_SERVER, SIM_ACT_LISTEN, soon);
		break;
	case SIM_STORY_SIMULTANEOUS:
		sim->end[SIDE_SERVER].listening = false;
		file_act(sim, SIDE_SERVER, SIM_ACT_OPEN_TOO, soon / 8);
		break;
	case SIM_STORY_ROLES:
		sim->end[SIDE_CLIENT].listening = true;
		break;
	case SIM_STORY_CLIENT_REBOOT:
		file_act(sim, SIDE_CLIENT, SIM_ACT_REBOOT, soon);
		break;
	case SIM_STORY_SERVER_REBOOT:
		file_act(sim, SIDE_SERVER, SIM_ACT_REBOOT, soon);
		break;
	case SIM_STORY_PLAIN:
	case SIM_STORY_REOPEN:
	case SIM_STORIES:
		break;
	}
}

void sim_plan_draw(struct sim *sim)
{
	struct sim_random *r = &sim->random;

	draw_story(r, &sim->plan);
	draw_addresses(r, &sim->at);
	draw_link(r, &sim->link);
	sim->plan.icmp_errors = sim_icmp_draw(r);
	for (int i = 0; i < 2; i++) {
		draw_traits(r, &sim->end[i].traits);
		sim_end_reset(&sim->end[i], (enum side)i);
	}
	sim->end[SIDE_SERVER].listening = true;
	file_story(sim);
}

static uint64_t draw_pause(struct sim *sim)
{
	struct sim_random *r = &sim->random;

	if (!sim->plan.long_pauses)
		return sim_chance(r, 300) ? sim_between(r, 0, 5 * NS_PER_S) : 0;
	return PICK(r, 0, 20, 100, 290, 700, 4000, 40000) * NS_PER_S;
}

static void draw_sizes(struct sim *sim, struct sim_app *app)
{
	struct sim_random *r = &sim->random;

	app->writes = PICK(r, 0, 0, 1, 100, 1460, 5000, 20000, 60000);
	if (sim->plan.bulk)
		app->writes = PICK(r, 0, 100000, 1000000);
	else if (app->writes > 1)
		app->writes = 1 + sim_draw(r, app->writes);
	app->chunk = 1 + (sim_chance(r, 500) ? app->writes : sim_draw(r, app->writes / 3 + 1));
	if (app->chunk < app->writes / 40)
		app->chunk = app->writes / 40;
}

void sim_plan_app(struct sim *sim, struct sim_end *end)
{
	static const enum sim_finish finishes[] = {
		SIM_FINISH_CLOSE, SIM_FINISH_CLOSE, SIM_FINISH_CLOSE, SIM_FINISH_AFTER_PEER,
		SIM_FINISH_AFTER_PEER, SIM_FINISH_DEAF, SIM_FINISH_DEAF, SIM_FINISH_ABORT,
	};
	struct sim_random *r = &sim->random;
	struct sim_app *app = &end->app;

	*app = (struct sim_app){
		.gap_ns = sim_chance(r, 500) ? 0 : sim_between(r, 0, 300 * NS_PER_MS),
		.linger_ns = sim_chance(r, 700) ? 0 : sim_between(r, 0, 3 * NS_PER_S),
		.finish = finishes[sim_draw(r, sizeof finishes / sizeof finishes[0])],
		.patience_ns = sim->plan.long_pauses ? 90000 * NS_PER_S : sim_between(r, 20, 600) * NS_PER_S,
	};
	draw_sizes(sim, app);
	app->pause_at = sim_draw(r, app->writes + 1);
	app->pause_ns = draw_pause(sim);
	app->abort_at = sim_draw(r, 2 * app->writes + 1000);
	if (end->side == SIDE_SERVER && sim_chance(r, 400))
		app->writes_after = 1 + sim_draw(r, 100);
	if (sim_chance(r, 150)) {
		app->stalls_at = sim_draw(r, 5000);
		app->stall_ns = sim->plan.long_pauses ? sim_between(r, 1, 3000) * NS_PER_S :
							sim_between(r, 1, 20 * NS_PER_S);
	}
}

/* A new life; where the other end is opening too it is the same one. */
static void open_socket(struct sim *sim, struct sim_end *end, bool too)
{
	const struct sim_end *peer = sim_peer(sim, end);
	bool joins = too && peer->state == SIM_SYN_SENT;

	if (end->state == SIM_TIME_WAIT && end->traits.reuses_time_wait && end->timestamps)
		sim_end_die(sim, end, SIM_FINISHED);
	if (end->state != SIM_CLOSED)
		return;
	sim_end_open(sim, end, joins ? peer->life : ++sim->lives);
}

void sim_plan_act(struct sim *sim, struct sim_end *end, enum sim_act act)
{
	struct sim_random *r = &sim->random;

	switch (act) {
	case SIM_ACT_OPEN:
	case SIM_ACT_OPEN_TOO:
		sim->plan.open_filed = false;
		open_socket(sim, end, act == SIM_ACT_OPEN_TOO);
		break;
	case SIM_ACT_REBOOT:
		end->traits.tick_base = (uint32_t)sim_random_next(r);
		if (end->side == SIDE_SERVER && sim_chance(r, 500)) {
			end->listening = false;
			file_act(sim, SIDE_SERVER, SIM_ACT_LISTEN, sim_between(r, 0, 20 * NS_PER_S));
		}
		if (end->state != SIM_CLOSED)
			sim_end_die(sim, end, SIM_VANISHED);
		break;
	case SIM_ACT_LISTEN:
		end->listening = true;
		break;
	}
}

void sim_plan_died(struct sim *sim, struct sim_end *end)
{
	struct sim_plan *plan = &sim->plan;
	struct sim_random *r = &sim->random;
	bool waits = end->state == SIM_TIME_WAIT;
	uint64_t most = sim_chance(r, 500) ? NS_PER_S / 2 : 200 * NS_PER_S;

	if (end->side != plan->opener || plan->reopens == 0 || plan->open_filed)
		return;
	if (waits && !(end->traits.reuses_time_wait && end->timestamps))
		return;
	plan->reopens--;
	plan->open_filed = true;
	file_act(sim, end->side, SIM_ACT_OPEN, (waits ? NS_PER_S : 0) + sim_between(r, 0, most));
}
