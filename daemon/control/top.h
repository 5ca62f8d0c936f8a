/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcpwardenctl top: the full-screen table, or one look as JSON. */
#pragma once

#include "control/client.h"

/* args: how many seconds lie between two looks, or nothing. Returns when the user has had enough. */
enum client_exit top_run(const struct client_config *config);
