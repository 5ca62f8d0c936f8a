/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the service manager wants to hear. Without libsystemd, or without a manager, all of it does nothing.
 */
#pragma once

#include <stdint.h>

void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);
void notify_watchdog(void);
void notify_status(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* How often at least notify_watchdog() must be called, 0: no watchdog. */
uint64_t notify_watchdog_ns(void);
