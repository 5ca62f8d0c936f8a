/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * struct settings: one field an option of options.def, plain values, no pointers: a reload copies it whole.
 * config/ fills it from a file; the core only reads it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tables/tables.h"

enum option_type { OPTION_TYPE_INT, OPTION_TYPE_BOOL, OPTION_TYPE_CHOICE, OPTION_TYPE_STRING, OPTION_TYPE_LIST };

/* What a list is made of. */
enum option_element { OPTION_ELEMENT_INT, OPTION_ELEMENT_PREFIX, OPTION_ELEMENT_EVENT };

enum option_unit {
	UNIT_NONE,
	UNIT_SECONDS,
	UNIT_MILLISECONDS,
	UNIT_BYTES,
	UNIT_PERCENT,
	UNIT_RATE, /* per second */
	UNIT_PACKETS,
	UNIT_SEGMENTS,
	UNIT_HANDSHAKES,
	UNIT_FLOWS,
	UNIT_SOURCES,
	UNIT_TICKS,
	UNIT_TIMES,
	UNIT_BITS,
};

/* When a new value takes effect: at the next start, or at a reload as well. */
enum option_when { OPTION_START, OPTION_RELOAD };

/* Where a value came from. */
enum option_origin { ORIGIN_DEFAULT, ORIGIN_FILE, ORIGIN_COMMAND_LINE, ORIGIN_CONTROL };

enum option_id {
#define OPTION_INT(field, path, def, lo, hi, unit, when, rule, help) OPTION_##field,
#define OPTION_BOOL(field, path, def, when, rule, help) OPTION_##field,
#define OPTION_CHOICE(field, path, def, choices, when, rule, help) OPTION_##field,
#define OPTION_STRING(field, path, def, when, rule, help) OPTION_##field,
#define OPTION_LIST(field, path, element, def, when, rule, help) OPTION_##field,
#include "tables/options.def"
#undef OPTION_INT
#undef OPTION_BOOL
#undef OPTION_CHOICE
#undef OPTION_STRING
#undef OPTION_LIST
	OPTION_COUNT
};

/* Choices, numbered as options.def lists them. */
enum { WINDOW_NORMAL, WINDOW_STRICT, WINDOW_LIBERAL };
enum { ZONE_NONE, ZONE_QUEUE, ZONE_INTERFACE, ZONE_VLAN };
enum { PICKUP_OFF, PICKUP_WARMUP, PICKUP_ON, PICKUP_OBSERVE };
enum { MODE_ENFORCE, MODE_MONITOR };
enum { ACTION_ACCEPT, ACTION_DROP };
enum { AUTO_AUTO, AUTO_ACCEPT, AUTO_DROP };
enum { LIMIT_DROP, LIMIT_LOG, LIMIT_FIRST_SYN, LIMIT_CHALLENGE };
enum { FORMAT_LOGFMT, FORMAT_JSON, FORMAT_EVE };

#define SETTING_STRING_SIZE 256
#define SETTING_LIST_MAX    64

/* IPv4 prefixes are written as IPv4-mapped ones: bits counts from the front of the 16 bytes. */
struct prefix {
	uint8_t address[16];
	uint8_t bits; /* 0..128 */
};

/* A list of up to SETTING_LIST_MAX elements; which member holds them is option_info.element. */
struct setting_list {
	unsigned count;
	union {
		int64_t number[SETTING_LIST_MAX]; /* INT */
		struct prefix prefix[SETTING_LIST_MAX];
		uint8_t event[SETTING_LIST_MAX]; /* enum event_kind; empty list: all */
	};
};

struct settings {
#define OPTION_INT(field, path, def, lo, hi, unit, when, rule, help) int64_t field;
#define OPTION_BOOL(field, path, def, when, rule, help) bool field;
#define OPTION_CHOICE(field, path, def, choices, when, rule, help) int field;
#define OPTION_STRING(field, path, def, when, rule, help) char field[SETTING_STRING_SIZE];
#define OPTION_LIST(field, path, element, def, when, rule, help) struct setting_list field;
#include "tables/options.def"
#undef OPTION_INT
#undef OPTION_BOOL
#undef OPTION_CHOICE
#undef OPTION_STRING
#undef OPTION_LIST
	uint8_t origin[OPTION_COUNT]; /* enum option_origin */
	uint32_t line[OPTION_COUNT];  /* ORIGIN_FILE: in which line of it */
};

struct option_info {
	const char *path;
	enum option_type type;
	size_t offset;       /* of the field in struct settings */
	int64_t def_number;  /* INT, BOOL */
	const char *def_text; /* CHOICE, STRING, LIST */
	int64_t least, most; /* INT */
	enum option_unit unit;
	enum option_element element; /* LIST */
	const char *choices; /* CHOICE: "first|second" */
	enum option_when when;
	const char *rule; /* of the specification of tracking, or "-" */
	const char *help;
};

extern const struct option_info option_table[OPTION_COUNT];

const char *option_unit_word(enum option_unit unit); /* "s", "bytes", ...; "" for UNIT_NONE */
size_t option_field_size(enum option_type type);     /* bytes of it in struct settings */
int option_find(const char *path);                   /* enum option_id, or -1 */

/* Position of `word` in "first|second|...", or -1. */
int choice_find(const char *choices, const char *word);
/* Copies word number `index` of `choices` to `word` (size bytes, cut off if need be). False: no such word. */
bool choice_word(const char *choices, int index, char *word, size_t size);

/* Sets every field to its default, every origin to ORIGIN_DEFAULT. */
void settings_defaults(struct settings *settings);

/* M-11: 2MSL in seconds, the default of which depends on tracking.window. */
int64_t settings_time_wait_s(const struct settings *settings);
