/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/endpoint.h"

#include <stdlib.h>
#include <string.h>

#include "config/prefix.h"
#include "policy/prefix.h"

#define ADDRESS_MOST 64

bool port_parse(const char *text, uint16_t *port)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long number;

	if (digits == 0 || digits > 5 || text[digits] != '\0')
		return false;
	number = strtoul(text, NULL, 10);
	if (number == 0 || number > UINT16_MAX)
		return false;
	*port = (uint16_t)number;
	return true;
}

/* Where the port begins, after its colon; NULL: there is none. A bare IPv6 address has more than one colon. */
static const char *find_port(const char *text)
{
	const char *bracket = strchr(text, ']'), *colon = strchr(text, ':');

	if (text[0] == '[')
		return bracket != NULL && bracket[1] == ':' ? bracket + 2 : NULL;
	return colon != NULL && strchr(colon + 1, ':') == NULL ? colon + 1 : NULL;
}

const char *endpoint_parse(const char *text, struct endpoint_match *match)
{
	const char *port = find_port(text);
	size_t length = port != NULL ? (size_t)(port - text) - 1 : strlen(text);
	char address[ADDRESS_MOST];

	*match = (struct endpoint_match){ .port = 0 };
	if (text[0] == '[') {
		if (length < 2 || text[length - 1] != ']')
			return "has no closing bracket";
		text++;
		length -= 2;
	}
	if (length >= sizeof address)
		return "is no address";
	memcpy(address, text, length);
	address[length] = '\0';
	if (port != NULL && !port_parse(port, &match->port))
		return "ends in no port (1..65535)";
	return prefix_parse(address, &match->prefix);
}

bool endpoint_matches(const struct endpoint_match *match, const uint8_t address[16], uint16_t port)
{
	return prefix_contains(&match->prefix, address) && (match->port == 0 || match->port == port);
}
