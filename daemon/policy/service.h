/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which service a server belongs to. Pure. */
#pragma once

#include <stdint.h>

#include "tables/services.h"

/* Number of the first service that matches the server's address and port (host order); 0: none. */
unsigned service_match(const struct services *services, const uint8_t address[16], uint16_t port);
