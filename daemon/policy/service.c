/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/service.h"

#include "policy/prefix.h"

static bool has_port(const struct service *service, uint16_t port)
{
	for (unsigned i = 0; i < service->ports; i++)
		if (port >= service->port[i].first && port <= service->port[i].last)
			return true;
	return service->ports == 0;
}

/* An IPv6 prefix of any length holds no IPv4 address, whatever those look like in here. */
static bool has_address(const struct service *service, const uint8_t address[16])
{
	unsigned least = prefix_is_ipv4(address) ? PREFIX_IPV4_BITS : 0;

	for (unsigned i = 0; i < service->addresses; i++)
		if (service->address[i].bits >= least && prefix_contains(&service->address[i], address))
			return true;
	return service->addresses == 0;
}

unsigned service_match(const struct services *services, const uint8_t address[16], uint16_t port)
{
	for (unsigned i = 0; i < services->count; i++)
		if (has_port(&services->service[i], port) && has_address(&services->service[i], address))
			return i + 1;
	return 0;
}
