/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service/notify.h"

#ifdef HAVE_SYSTEMD

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "base/units.h"

void notify_ready(void)
{
	sd_notify(0, "READY=1");
}

/* Type=notify-reload tells by the time which reload a READY=1 belongs to; Type=notify ignores it. */
void notify_reloading(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	uint64_t now_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / NS_PER_US;
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, now_us);
}

void notify_stopping(void)
{
	sd_notify(0, "STOPPING=1\nSTATUS=judging what is queued, then stopping");
}

void notify_watchdog(void)
{
	sd_notify(0, "WATCHDOG=1");
}

void notify_status(const char *format, ...)
{
	char status[256];
	va_list args;

	va_start(args, format);
	vsnprintf(status, sizeof status, format, args);
	va_end(args);
	sd_notifyf(0, "STATUS=%s", status);
}

uint64_t notify_watchdog_ns(void)
{
	uint64_t period_us;

	return sd_watchdog_enabled(0, &period_us) > 0 ? period_us * NS_PER_US : 0;
}

#else

void notify_ready(void) {}

void notify_reloading(void) {}

void notify_stopping(void) {}

void notify_watchdog(void) {}

void notify_status(const char *format, ...)
{
	(void)format;
}

uint64_t notify_watchdog_ns(void)
{
	return 0;
}

#endif
