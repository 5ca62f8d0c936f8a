/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An option of the table in words: what it allows and its default. For errors, dumps and manuals. */
#pragma once

#include "base/text.h"
#include "tables/services.h"
#include "tables/settings.h"

/* "1..600 s", "normal, strict, liberal", "true, false", ... */
void describe_allowed(struct text *out, const struct option_info *option);

/* The value in effect as libconfig writes it: 120, "normal", true, ("10.0.0.0/8"). */
void describe_value(struct text *out, const struct option_info *option, const struct settings *settings);

/* The default as libconfig writes it: 120, "normal", true, (). */
void describe_default(struct text *out, const struct option_info *option);

/* What a service has besides options. */
enum service_word { SERVICE_WORD_ADDRESSES, SERVICE_WORD_PORTS, SERVICE_WORD_RESERVE, SERVICE_WORDS };

/* That as libconfig writes it: ("192.0.2.0/24"), (80, "8000-8099"), 5. */
void describe_service(struct text *out, const struct service *service, enum service_word word);
