/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys and values of one line, written once and printed as logfmt or collected into a JSON object. An unknown
 * value is "-" in logfmt and null in JSON. Inner header of report/.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct fields {
	struct text *out; /* logfmt goes here at once */
	json_t *object;   /* JSON is collected here; NULL: logfmt */
};

/* Starts a line. json: as JSON. Lack of memory for JSON falls back to logfmt. */
void fields_begin(struct fields *fields, struct text *out, bool json);
/* Ends it: prints and frees the JSON object. */
void fields_end(struct fields *fields);

/*
 * An object inside a JSON line: begun, filled, and put into `outer` under its key. False: no memory, nothing to fill.
 */
bool fields_object_begin(struct fields *fields, const struct fields *outer);
void fields_object_end(struct fields *fields, struct fields *outer, const char *key);

void fields_unknown(struct fields *fields, const char *key);
void fields_word(struct fields *fields, const char *key, const char *word); /* NULL and "-": unknown */
void fields_number(struct fields *fields, const char *key, uint64_t number);
void fields_number_if(struct fields *fields, const char *key, bool known, uint64_t number);
void fields_flag(struct fields *fields, const char *key, bool yes); /* yes/no, true/false */
/* Wall-clock time in seconds with microseconds. */
void fields_time(struct fields *fields, const char *key, int64_t wall_ns);
/* JSON only: wall-clock time as Suricata writes it, UTC: 2023-11-14T22:13:20.000412+0000. */
void fields_timestamp(struct fields *fields, const char *key, int64_t wall_ns);
/* JSON only: an address alone. */
void fields_address(struct fields *fields, const char *key, const uint8_t address[16]);
/* One number of each end: key=A/B, or client_key and server_key. */
void fields_pair(struct fields *fields, const char *key, const uint64_t number[2], const bool known[2]);
/* key=ADDRESS:PORT, or key and key_port. address NULL: unknown. */
void fields_endpoint(struct fields *fields, const char *key, const uint8_t *address, uint16_t port,
		     bool has_port);
/* key=LOW..HIGH, or key_low and key_high. */
void fields_range(struct fields *fields, const char *key, uint32_t low, uint32_t high);
/* Keys that stand in `text` as logfmt: taken apart and written again, so that nothing passes unescaped. */
void fields_logfmt(struct fields *fields, const char *text);
