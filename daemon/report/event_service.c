/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/event_service.h"

#include <string.h>

#include "packet/packet.h"
#include "policy/service.h"

static bool is_syn(const struct drop_record *drop)
{
	return drop->has_segment && (drop->flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN;
}

unsigned endpoints_service(const struct services *services, const struct endpoints *at, bool either)
{
	unsigned service;

	if (services == NULL || services->count == 0 || at->family == 0)
		return 0;
	service = service_match(services, at->server, at->server_port);
	return service != 0 || !either ? service : service_match(services, at->client, at->client_port);
}

unsigned drop_service(const struct services *services, const struct drop_record *drop)
{
	return endpoints_service(services, &drop->at, drop->flow == 0 && !is_syn(drop));
}

unsigned event_service(const struct services *services, const struct event *event)
{
	switch (event_table[event->kind].group) {
	case EVENT_GROUP_FLOW:
		return endpoints_service(services, &event->flow.at, false);
	case EVENT_GROUP_PACKET:
		return drop_service(services, &event->drop);
	case EVENT_GROUP_FLOOD:
	case EVENT_GROUP_DAEMON:
		break;
	}
	return 0;
}

const struct settings *event_settings(const struct services *services, const struct settings *global,
				      const struct event *event)
{
	unsigned service = event_service(services, event);

	return service == 0 ? global : services_settings(services, global, service);
}

/* M-1: "auto" of such an option does as tracking.window says. */
static bool follows_window(const struct settings *settings, const struct option_info *option)
{
	if (option->type != OPTION_TYPE_CHOICE || strncmp(option->choices, "auto|", 5) != 0)
		return false;
	return *(const int *)(const void *)((const char *)settings + option->offset) == AUTO_AUTO;
}

int service_option(const struct services *services, unsigned service, const char *path)
{
	const struct service *of = service != 0 ? &services->service[service - 1] : NULL;
	int id = option_find(path);

	if (of != NULL && id >= 0 && of->own[OPTION_tracking_window] && !of->own[id] &&
	    follows_window(&of->settings, &option_table[id]))
		return OPTION_tracking_window;
	return id;
}

void service_option_path(struct text *out, const struct services *services, unsigned service, enum option_id id)
{
	const struct service *of = service != 0 ? &services->service[service - 1] : NULL;

	if (of != NULL && of->own[id])
		text_fmt(out, "services.%s.%s", of->name, service_key(id));
	else
		text_str(out, option_table[id].path);
}
