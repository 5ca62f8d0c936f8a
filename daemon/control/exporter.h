/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Serves the daemon's metrics over HTTP: a process of its own, so that the daemon never opens an internet socket. Each
 * request for /metrics asks the control socket once.
 */
#pragma once

#include "control/client.h"

/*
 * Runs until a signal ends it. listen: ADDRESS:PORT, [ADDRESS]:PORT, or :PORT for all addresses; port 0: any free one.
 */
enum client_exit exporter_run(const char *socket, const char *listen);
