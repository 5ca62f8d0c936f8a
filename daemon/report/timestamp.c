/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/timestamp.h"

#include <time.h>

int64_t timestamp_us(int64_t wall_ns)
{
	return wall_ns >= 0 ? wall_ns / 1000 : -((999 - wall_ns) / 1000);
}

void timestamp_text(struct text *out, int64_t wall_ns, const char *zone)
{
	int64_t us = timestamp_us(wall_ns), part = (us % 1000000 + 1000000) % 1000000;
	time_t seconds = (time_t)((us - part) / 1000000);
	char date[32];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
	text_fmt(out, "%s.%06d%s", date, (int)part, zone);
}
